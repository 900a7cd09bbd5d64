"""One complete notice (一次告知): given by a reviewer, answered item by item, handed in at once.

Lock order: the application, its gathering, its case. What an answer comes to is in `rounds`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.page import Page
from otsp_chassis.problems import Conflict, Invalid, NotFound
from otsp_compliance.commands import clocks, corrections, gathering, rounds, steps, submission
from otsp_compliance.commands.corrections import Brought
from otsp_compliance.commands.files import require_files
from otsp_compliance.commands.leases import hold_case
from otsp_compliance.commands.steps import Held
from otsp_compliance.model import (
    ActionImpossible,
    Application,
    Notice,
    NoticeItem,
    ReviewCase,
)
from otsp_compliance.queries.applications import ApplicationView, tell_application
from otsp_compliance.queries.notices import (
    ComparedNotice,
    ItemView,
    NoticeView,
    compare_notices,
    tell_item,
    tell_notice,
)
from otsp_compliance.queries.sealed import broken_rules, sealed_file
from otsp_compliance.queries.visibility import require_authority
from otsp_compliance.rules.clocks import Ground
from otsp_compliance.rules.notices import Broken, Item, due_after, faults_of, not_introduced
from otsp_compliance.rules.states import Action, State
from otsp_contracts.compliance import SupplementAnswered
from otsp_contracts.values import FieldError


class NoticeGiven(Conflict):
    slug: ClassVar[str] = "notice-already-given"
    title: ClassVar[str] = "The step has had its one complete notice"
    detail_zh: ClassVar[str] = (
        "本环节已经发出补正通知。须补正的内容应一次告知，再次通知只能列明机构补正后新出现的问题："
        "请删去 errors 中的各项；原有问题仍未解决的，请作出退回或不通过的决定。"
    )


class ItemsUnanswered(Conflict):
    slug: ClassVar[str] = "notice-items-unanswered"
    title: ClassVar[str] = "Not every item of the notice is answered"
    detail_zh: ClassVar[str] = "补正通知尚有未答复的内容：请逐项答复 errors 中的各项后再提交。"


@dataclass(frozen=True, slots=True)
class Answer:
    """A text, files, or both."""

    text: str | None
    file_ids: Sequence[UUID]


def request_supplement(
    principal: Principal, case_id: UUID, items: Sequence[Item], *, step_no: int | None
) -> NoticeView:
    """Everything at once. Raises NoticeGiven for a second notice in the step, unless all of it was
    introduced by the answer to the first.
    """
    authority = require_authority(principal)
    with transaction() as tx:
        held = steps.hold(tx, case_id)
        step = steps.require_its_turn(tx, held.case, authority=authority, step_no=step_no)
        application = held.application
        _require_in_review(application)
        hold_case(tx, held.case, principal)
        findings = _require_fitting(tx, held, items)
        left = submission.advance(tx, application, Action.REQUEST_SUPPLEMENT)
        notice = Notice(
            notice_id=new_id(),
            application_id=application.application_id,
            case_id=case_id,
            institution_id=application.institution_id,
            step_no=step.step_no,
            round=_rounds_of(tx, application) + 1,
            authority_id=step.authority_id,
            authority_name=step.authority_name,
            request_id=application.request_id,
            issued_by=principal.account_id,
            issued_on=clock.today(),
            due_on=due_after(clock.today()),
        )
        tx.add(notice)
        tx.flush()  # its items refer to it
        tx.add_all(_rows(notice, items, findings))
        held.case.touch()
        clocks.pause(tx, held.case, ground=Ground.SUPPLEMENT, on=clock.today())
        rounds.tell_requested(tx, application, notice, left=left, actor=principal.account_id)
        _record(tx, "compliance.supplement_requested", notice)
        return tell_notice(tx, notice.notice_id)


def answer_item(
    principal: Principal,
    application_id: UUID,
    notice_id: UUID,
    *,
    item_id: UUID,
    answer: Answer,
    if_match: int | None,
) -> ItemView:
    """Kept as a draft until the answer is handed in. What was not asked is not found."""
    with transaction() as tx:
        application = _hold_own(tx, principal, application_id)
        named = {f"/file_ids/{place}": one for place, one in enumerate(answer.file_ids)}
        require_files(tx, application.institution_id, named)
        notice, item = tx.get(Notice, notice_id), tx.get(NoticeItem, item_id)
        if notice is None or item is None or item.notice_id != notice_id:
            raise NotFound
        if notice.application_id != application_id:
            raise NotFound
        if application.state != State.SUPPLEMENTING or notice.answered_on is not None:
            raise ActionImpossible(
                "补正通知已经答复或申请已经办结，答复不能再修改。", state=application.state
            )
        if item.is_answered:
            require_version(item.version, if_match)
        item.answer, item.answer_file_ids = answer.text, list(answer.file_ids)
        item.answered_by, item.answered_at = principal.account_id, clock.business_now()
        tx.flush()
        _record(tx, "compliance.notice_item_answered", notice, object_id=item_id)
        return tell_item(tx, item_id)


def resubmit(principal: Principal, application_id: UUID, brought: Brought) -> ApplicationView:
    """Hands the answers in: the file is locked and gathered anew, and judged as of the day on which
    it was filed (decision D11): neither the law nor a licence overtakes it while it is reviewed.
    """
    with transaction() as tx:
        application = _hold_own(tx, principal, application_id)
        if application.state != State.SUPPLEMENTING:
            raise ActionImpossible(state=application.state)
        notice = rounds.newest_notice(tx, application)
        _require_answered(tx, notice)
        corrections.take(tx, principal, application, notice=notice, brought=brought)
        left = submission.advance(tx, application, Action.RESUBMIT)
        application.request_id = new_id()
        gathering.begin(
            tx,
            application.request_id,
            institution_id=application.institution_id,
            as_of=application.as_of,
            application=application,
        )
        notice.take_answer(application.request_id, on=clock.today())
        publish(
            tx,
            SupplementAnswered(
                **submission.told(tx, application, left, actor=principal.account_id),
                case_id=notice.case_id,
                authority_id=tx.get_one(ReviewCase, notice.case_id).authority_id,
                round=notice.round,
                request_id=application.request_id,
            ),
        )
        _record(tx, "compliance.supplement_answered", notice)
        return tell_application(tx, application_id)


def list_case_notices(
    principal: Principal, case_id: UUID, *, cursor: str | None, limit: int
) -> Page[ComparedNotice]:
    """Of persons it tells in clear what the two snapshots say: that it was looked at is noted."""
    with transaction() as tx:
        page = compare_notices(tx, principal, case_id, cursor=cursor, limit=limit)
        for notice in page.items:
            is_of_persons = any(item.section == "staff" for item in notice.items)
            audit.record(
                tx,
                "compliance.notice_compared",
                object_type="notice",
                object_id=notice.notice_id,
                reason=f"第 {notice.round} 次补正",
                pii_fields=["staff"] if is_of_persons else [],
            )
        return page


def lapse_unanswered(application_id: UUID) -> None:
    with transaction() as tx:
        rounds.lapse_unanswered(tx, application_id)


def _require_in_review(application: Application) -> None:
    if application.state == State.SUBMITTED:
        raise ActionImpossible("请先受理该申请，再发出补正通知。", state=application.state)
    if application.state != State.IN_REVIEW:
        raise ActionImpossible(state=application.state)


def _require_fitting(tx: Tx, held: Held, items: Sequence[Item]) -> Mapping[str, Broken]:
    """All faults at once; then whether another notice may be given. Returns what is broken now."""
    application = held.application
    file = sealed_file(tx, application.request_id)
    findings = broken_rules(tx, application.request_id)
    if faults := list(faults_of(items, file, findings)):
        raise Invalid(errors=faults)
    earlier = (
        select(Notice.request_id)
        .where(
            Notice.application_id == application.application_id,
            Notice.step_no == held.case.step_no,
        )
        .order_by(Notice.round.desc())
        .limit(1)
    )
    judged = tx.scalar(earlier)
    if judged is None:
        return findings
    refused = not_introduced(
        items,
        before=sealed_file(tx, judged),
        now=file,
        old=broken_rules(tx, judged),
        new=findings,
    )
    if refused:
        detail = "该项在上次通知时已经存在，不是机构补正后新出现的问题。"
        raise NoticeGiven(
            errors=[FieldError(f"/items/{each}", "not_introduced", detail) for each in refused]
        )
    return findings


def _rows(
    notice: Notice, items: Sequence[Item], findings: Mapping[str, Broken]
) -> list[NoticeItem]:
    return [
        NoticeItem(
            item_id=new_id(),
            notice_id=notice.notice_id,
            institution_id=notice.institution_id,
            position=position,
            kind=item.kind,
            part=item.place.part,
            object_id=item.place.object_id,
            pointer=item.place.pointer,
            file_id=item.file_id,
            rule_id=item.rule_id,
            basis=list(findings[item.rule_id].basis) if item.rule_id else [item.basis or ""],
            cure_zh=item.cure_zh,
        )
        for position, item in enumerate(items, start=1)
    ]


def _rounds_of(tx: Tx, application: Application) -> int:
    """The application's row is locked: nobody counts beside us."""
    own = Notice.application_id == application.application_id
    return tx.scalar(select(func.count()).where(own)) or 0


def _require_answered(tx: Tx, notice: Notice) -> None:
    unanswered = select(NoticeItem.position).where(
        NoticeItem.notice_id == notice.notice_id, NoticeItem.answered_at.is_(None)
    )
    errors = [
        FieldError(f"/items/{position - 1}", "unanswered", f"第{position}项尚未答复。")
        for position in tx.scalars(unanswered.order_by(NoticeItem.position))
    ]
    if errors:
        raise ItemsUnanswered(errors=errors)


def _hold_own(tx: Tx, principal: Principal, application_id: UUID) -> Application:
    application = tx.get(Application, application_id, with_for_update=True)
    if application is None:
        raise NotFound
    principal.require_own(application.institution_id)
    return application


def _record(tx: Tx, action: str, notice: Notice, *, object_id: UUID | None = None) -> None:
    audit.record(
        tx,
        action,
        object_type="notice" if object_id is None else "notice_item",
        object_id=object_id or notice.notice_id,
        institution_id=notice.institution_id,
    )
