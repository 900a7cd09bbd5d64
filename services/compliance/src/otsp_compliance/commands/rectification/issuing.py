"""How tasks begin: by an authority, the law, a rule version, the return of an application."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict, Forbidden, NotFound
from otsp_compliance.commands.rectification.moves import SYSTEM, By, begin
from otsp_compliance.model import Decision, InstitutionRef, Rectification
from otsp_compliance.queries.examination import FindingView
from otsp_compliance.queries.rectifications import (
    RectificationView,
    profile_of,
    tell_rectification,
)
from otsp_compliance.queries.visibility import NATIONAL_ADMIN, require_authority
from otsp_compliance.rules.rectification import (
    DAYS_GIVEN,
    LEGAL_TASKS,
    OTHER,
    OVER,
    Status,
    Step,
    condition_holds,
    due_day,
)


class InstitutionUnknown(NotFound):
    slug: ClassVar[str] = "institution-unknown"
    title: ClassVar[str] = "The institution is not registered"
    detail_zh: ClassVar[str] = "没有这家机构的注册信息，请核对机构编号，或等待其提交注册。"


class RectificationUnfinished(Conflict):
    slug: ClassVar[str] = "rectification-unfinished"
    title: ClassVar[str] = "A task of this kind is not over yet"
    detail_zh: ClassVar[str] = (
        "该机构同类整改任务尚未办结，不能重复下达；请在原任务上核验、退回或免于整改。"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRectification:
    """Without a day it is due by the law, or after 30 days. `steps` are what must be done and shown
    where the law does not say; without any it is one.
    """

    institution_id: UUID
    kind: str
    reason_text: str
    due_on: date | None
    steps: Sequence[str] = ()


AS_ASKED = (Step("as_asked", "按整改要求完成整改"),)


def open_rectification(principal: Principal, new: NewRectification) -> RectificationView:
    """The nation sets tasks for many at once only (§1.8)."""
    if principal.role == NATIONAL_ADMIN:
        raise Forbidden
    authority = require_authority(principal)
    with transaction(conflicts={"uq_rectification_legal": RectificationUnfinished}) as tx:
        require_jurisdiction(tx, principal, new.institution_id)
        task = new_task(
            new.institution_id,
            kind=new.kind,
            reason_text=new.reason_text,
            due_on=new.due_on,
            issued_by=authority.authority_id,
        )
        if new.kind != OTHER:
            _require_none_unfinished(tx, new.institution_id, new.kind)
        begin(tx, task, _steps_of(new), by=By.principal(principal))
        return tell_rectification(tx, task.rectification_id)


def follow_profile(tx: Tx, institution_id: UUID) -> None:
    """What the law orders of the institution as it now is; called with its reference locked.

    A task that is waived stays waived: the authority knows why it does not concern this one.
    """
    institution = tx.get(InstitutionRef, institution_id, populate_existing=True)
    if institution is None:
        return
    for kind, legal in LEGAL_TASKS.items():
        if condition_holds(kind, profile_of(institution)) and _asks_for_task(
            tx, institution_id, kind
        ):
            task = new_task(institution_id, kind=kind, reason_text=legal.reason_zh)
            begin(tx, task, legal.steps, by=SYSTEM)


def open_for_publication(
    tx: Tx, institution_id: UUID, *, publication_id: UUID, reason_text: str
) -> UUID:
    """What a newly published rule version asks of a compliant institution; nobody else issued it.

    Asked for again it is the same task.
    """
    known = tx.scalar(
        select(Rectification.rectification_id).where(
            Rectification.institution_id == institution_id,
            Rectification.publication_id == publication_id,
        )
    )
    if known is not None:
        return known
    task = new_task(institution_id, kind=OTHER, reason_text=reason_text)
    task.publication_id = publication_id
    begin(tx, task, AS_ASKED, by=SYSTEM)
    return task.rectification_id


def open_for_return(tx: Tx, decision: Decision, findings: Sequence[FindingView]) -> UUID | None:
    """What the return of an application asks for: a step for each finding, or one for its reason.

    Asked for again it is the same task. A deregistration that is returned asks for none: whoever
    wants to close goes on with the application.
    """
    if decision.application_kind == "deregistration":
        return None
    mine = select(Rectification.rectification_id).where(
        Rectification.decision_id == decision.decision_id
    )
    known = tx.scalar(mine)
    if known is not None:
        return known
    task = new_task(
        decision.institution_id,
        kind=OTHER,
        reason_text=decision.reason or "",
        issued_by=decision.authority_id,
        issued_on=decision.decided_on,
    )
    task.decision_id = decision.decision_id
    begin(tx, task, _steps_for(findings), by=By.decision(decision))
    return task.rectification_id


def new_task(
    institution_id: UUID,
    *,
    kind: str,
    reason_text: str,
    issued_by: UUID | None = None,
    issued_on: date | None = None,
    due_on: date | None = None,
) -> Rectification:
    issued_on = issued_on or clock.today()
    return Rectification(
        rectification_id=new_id(),
        institution_id=institution_id,
        kind=kind,
        status=Status.OPEN.value,
        reason_text=reason_text,
        issued_by=issued_by,
        issued_on=issued_on,
        due_on=due_on or due_day(kind, issued_on),
    )


def require_jurisdiction(tx: Tx, principal: Principal, institution_id: UUID) -> InstitutionRef:
    require_authority(principal)
    institution = tx.get(InstitutionRef, institution_id)
    if institution is None:
        raise InstitutionUnknown
    principal.require_jurisdiction(institution.region_code)
    return institution


def later_day(due_on: date, today: date) -> date:
    """Whoever is sent back has as long as whoever begins."""
    return max(due_on, today + timedelta(days=DAYS_GIVEN))


def steps_named(labels: Sequence[str]) -> Sequence[Step]:
    """In the order given."""
    if not labels:
        return AS_ASKED
    return [Step(f"step_{number:02}", label) for number, label in enumerate(labels, start=1)]


def _steps_of(new: NewRectification) -> Sequence[Step]:
    legal = LEGAL_TASKS.get(new.kind)
    return legal.steps if legal else steps_named(new.steps)


def _steps_for(findings: Sequence[FindingView]) -> Sequence[Step]:
    if not findings:
        return AS_ASKED
    by_rule = {each.rule_id: f"{each.message_zh}；{each.remedy_zh}" for each in findings}
    return [Step(rule_id.lower().replace("-", "_"), said) for rule_id, said in by_rule.items()]


def _asks_for_task(tx: Tx, institution_id: UUID, kind: str) -> bool:
    """Nothing of this kind is unfinished, and none was waived."""
    statuses = select(Rectification.status).where(
        Rectification.institution_id == institution_id, Rectification.kind == kind
    )
    return set(tx.scalars(statuses)) <= {Status.CLOSED}


def _require_none_unfinished(tx: Tx, institution_id: UUID, kind: str) -> None:
    unfinished = select(Rectification.rectification_id).where(
        Rectification.institution_id == institution_id,
        Rectification.kind == kind,
        Rectification.status.not_in(OVER),
    )
    found = tx.scalar(unfinished)
    if found is not None:
        raise RectificationUnfinished(rectification_id=str(found))
