"""What an institution does with its applications and self-checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict, Invalid, NotFound, TooManyRequests
from otsp_compliance.commands import gathering, rounds, submission
from otsp_compliance.commands.decisions import withdraw_case
from otsp_compliance.commands.judging import recall
from otsp_compliance.commands.routing import find_steps
from otsp_compliance.model import (
    ActionImpossible,
    Application,
    Deregistration,
    Document,
    Gathering,
    InstitutionRef,
)
from otsp_compliance.model.gathering import RUNNING
from otsp_compliance.queries.applications import ApplicationView, tell_application
from otsp_compliance.queries.self_checks import SelfCheckView, get_self_check
from otsp_compliance.queries.standing import OpenApplication, find_standing, open_application
from otsp_compliance.rules import standing
from otsp_compliance.rules.routing import RoutedInstitution
from otsp_compliance.rules.standing import Obstacle
from otsp_compliance.rules.states import (
    DEREGISTRATION,
    Action,
    State,
)
from otsp_compliance.settings import current_settings
from otsp_contracts.values import FieldError


class RegistrationNotApproved(Conflict):
    slug: ClassVar[str] = "registration-not-approved"
    title: ClassVar[str] = "The registration is not approved"
    detail_zh: ClassVar[str] = standing.REGISTRATION_NOT_APPROVED.todo_zh


class InstitutionDeregistered(Conflict):
    slug: ClassVar[str] = "institution-deregistered"
    title: ClassVar[str] = "The institution is deregistered"
    detail_zh: ClassVar[str] = standing.INSTITUTION_DEREGISTERED.todo_zh


class ApplicationOpen(Conflict):
    slug: ClassVar[str] = "application-open"
    title: ClassVar[str] = "Another application is not over"
    detail_zh: ClassVar[str] = standing.APPLICATION_OPEN.todo_zh


class RectificationOpen(Conflict):
    slug: ClassVar[str] = "rectification-open"
    title: ClassVar[str] = "A rectification is not done"
    detail_zh: ClassVar[str] = standing.RECTIFICATION_OPEN.todo_zh


class NoApprovalToChange(Conflict):
    slug: ClassVar[str] = "no-approval-to-change"
    title: ClassVar[str] = "There is no approval that a change would need"
    detail_zh: ClassVar[str] = standing.NO_APPROVAL_TO_CHANGE.todo_zh


class NoProposedChange(Conflict):
    slug: ClassVar[str] = "no-proposed-change"
    title: ClassVar[str] = "Nothing was proposed that could be applied for"
    detail_zh: ClassVar[str] = standing.NO_PROPOSED_CHANGE.todo_zh


class ChangeProposed(Conflict):
    slug: ClassVar[str] = "change-proposed"
    title: ClassVar[str] = "A proposed change waits to be applied for"
    detail_zh: ClassVar[str] = standing.CHANGE_PROPOSED.todo_zh


class DeregistrationOpen(Conflict):
    slug: ClassVar[str] = "deregistration-open"
    title: ClassVar[str] = "A deregistration is not over"
    detail_zh: ClassVar[str] = standing.DEREGISTRATION_OPEN.todo_zh


REFUSALS: Mapping[str, type[Conflict]] = {
    refusal.slug: refusal
    for refusal in (
        RegistrationNotApproved,
        InstitutionDeregistered,
        ApplicationOpen,
        RectificationOpen,
        NoApprovalToChange,
        NoProposedChange,
        ChangeProposed,
        DeregistrationOpen,
    )
}
"""How filing refuses what stands in its way, by the obstacle's code."""


class OpenedByAuthority(Conflict):
    slug: ClassVar[str] = "deregistration-opened-by-authority"
    title: ClassVar[str] = "The authority opened this deregistration"
    detail_zh: ClassVar[str] = (
        "该注销由主管部门依据吊销办学许可证的决定发起，机构不能撤回；"
        "对吊销决定不服的，可依法申请行政复议或提起行政诉讼。"
    )


class SelfChecksBusy(TooManyRequests):
    slug: ClassVar[str] = "self-checks-busy"
    title: ClassVar[str] = "Too many self-checks at once"
    detail_zh: ClassVar[str] = "正在进行的自查过多，请等待其完成后再试。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApplication:
    """What an institution files. `exceptions` maps B* rules to the reasons for an exception."""

    institution_id: UUID
    kind: str
    acknowledged_warnings: list[str]
    exceptions: dict[str, str]


def file_application(principal: Principal, new: NewApplication) -> ApplicationView:
    """Of two at once, the database lets one through."""
    principal.require_own(new.institution_id)
    with transaction(conflicts={"uq_application_open": ApplicationOpen}) as tx:
        institution = _require_allowed(tx, new.institution_id, new.kind)
        return gather(tx, enter(tx, institution, new, filed_by=principal.account_id))


def enter(
    tx: Tx, institution: InstitutionRef, new: NewApplication, *, filed_by: UUID
) -> Application:
    """The application, whoever files it; what it has beside the others may refer to it now."""
    application = Application(
        application_id=new_id(),
        institution_id=new.institution_id,
        institution_name=institution.name,
        region_code=institution.region_code,
        kind=new.kind,
        state=State.LOCKING.value,
        since=clock.now(),
        as_of=clock.today(),
        request_id=new_id(),
        filed_by=filed_by,
        filed_at=clock.business_now(),
        acknowledged_warnings=sorted(set(new.acknowledged_warnings)),
        exceptions=new.exceptions,
    )
    tx.add(application)
    tx.flush()  # of two at once one is refused here
    audit.record(
        tx,
        "compliance.application_filed",
        object_type="application",
        object_id=application.application_id,
        institution_id=new.institution_id,
    )
    return application


def gather(tx: Tx, application: Application) -> ApplicationView:
    """Asks for the sections; what is told is the application, locking."""
    gathering.begin(
        tx,
        application.request_id,
        institution_id=application.institution_id,
        as_of=application.as_of,
        application=application,
    )
    tx.flush()
    return tell_application(tx.connection(), application.application_id)


def acknowledge_warnings(
    principal: Principal, application_id: UUID, rule_ids: list[str]
) -> ApplicationView:
    """Warnings may be read one by one; the last one files the application."""
    with transaction() as tx:
        application = _hold_own(tx, principal, application_id)
        if application.state != State.AWAITING_ACKNOWLEDGEMENT:
            raise ActionImpossible(state=application.state)
        asked = tx.get_one(Gathering, application.request_id).to_acknowledge
        _require_asked(rule_ids, asked)
        application.acknowledge(rule_ids)
        if set(asked) <= set(application.acknowledged_warnings):
            _go_on(tx, application, actor=principal.account_id)
        return tell_application(tx, application_id)


def _go_on(tx: Tx, application: Application, *, actor: UUID) -> None:
    """Every warning is read: it is filed, or reviewed further."""
    if rounds.is_under_review(application):
        rounds.resume(tx, application, Action.ACKNOWLEDGE_SUPPLEMENT)
        return
    sealed = recall(tx, application.request_id)
    institution = RoutedInstitution.of(sealed.institution)
    steps = find_steps(tx, institution, clock.today())
    filing = submission.Filing(sealed.sha256, institution, steps)
    submission.submit(tx, application, filing, action=Action.ACKNOWLEDGE, actor=actor)


def withdraw_application(principal: Principal, application_id: UUID) -> ApplicationView:
    """Possible until an authority has decided a step, and while something is to be supplied."""
    with transaction() as tx:
        application = _hold_own(tx, principal, application_id)
        _require_own_filing(tx, application)
        is_asked = application.state == State.SUPPLEMENTING
        submission.withdraw(tx, application, actor=principal.account_id)
        actor = principal.account_id
        withdraw_case(tx, application_id, actor=actor, may_be_decided=is_asked)
        return tell_application(tx, application_id)


def lapse_unacknowledged(application_id: UUID) -> None:
    """Gives the data back when the warnings were not read in time."""
    with transaction() as tx:
        application = tx.get_one(Application, application_id, with_for_update=True)
        due = application.acknowledge_by
        if due is not None and due <= clock.now():
            rounds.lapse(tx, application)


def start_self_check(
    principal: Principal, institution_id: UUID, *, as_of: date, closing: Document | None = None
) -> SelfCheckView:
    """Needs no approved registration: a draft may be checked too (D35).

    With `closing` it is asked whether the institution may close as it has typed there.
    """
    principal.require_own(institution_id)
    with transaction() as tx:
        running = select(func.count()).where(
            Gathering.institution_id == institution_id,
            Gathering.application_id.is_(None),
            Gathering.state == RUNNING,
        )
        if (tx.scalar(running) or 0) >= current_settings().self_checks_at_once:
            raise SelfChecksBusy
        self_check_id = new_id()
        gathering.begin(
            tx, self_check_id, institution_id=institution_id, as_of=as_of, closing=closing
        )
        return get_self_check(tx, principal, self_check_id)


def _require_allowed(tx: Tx, institution_id: UUID, kind: str) -> InstitutionRef:
    """The guard of the button 合规申请, with what to do about it.

    The copy may be a moment late: an application whose proposal was discarded just before it was
    gathered is judged by the record, and changes nothing.
    """
    open_one = open_application(tx, institution_id)
    who = find_standing(tx, institution_id, open_one)
    if who is None:
        raise RegistrationNotApproved
    refuse_over(standing.obstacles_to_applying(who), open_one)
    unfit = standing.obstacle_to_kind(kind, who)
    if unfit is not None:
        raise REFUSALS[unfit.code](compliance_status=who.compliance_status)
    return tx.get_one(InstitutionRef, institution_id)


def refuse_over(obstacles: Sequence[Obstacle], open_one: OpenApplication | None) -> None:
    """By the weightiest; `reasons` tells all."""
    if not obstacles:
        return
    told: dict[str, Any] = {"reasons": [each.reason_zh for each in obstacles]}
    if open_one is not None:
        told["application_id"] = str(open_one.application_id)
    raise REFUSALS[obstacles[0].code](obstacles[0].todo_zh, **told)


def find_open(tx: Tx, institution_id: UUID) -> UUID | None:
    """Its application that is not over."""
    open_one = open_application(tx, institution_id)
    return None if open_one is None else open_one.application_id


def _require_own_filing(tx: Tx, application: Application) -> None:
    if application.kind == DEREGISTRATION:
        opened_by = tx.get_one(Deregistration, application.application_id).opened_by
        if opened_by is not None:
            raise OpenedByAuthority


def _hold_own(tx: Tx, principal: Principal, application_id: UUID) -> Application:
    application = tx.get(Application, application_id, with_for_update=True)
    if application is None:
        raise NotFound
    principal.require_own(application.institution_id)
    return application


def _require_asked(rule_ids: list[str], asked: list[str]) -> None:
    errors = [
        FieldError(f"/rule_ids/{place}", "not_asked", "本申请没有这项需要确认的提示。")
        for place, rule_id in enumerate(rule_ids)
        if rule_id not in asked
    ]
    if errors:
        raise Invalid(errors=errors)
