"""What an authority orders of the clock of a case: pauses on a legal ground, and the extension."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Invalid, NotFound
from otsp_compliance.commands import clocks, steps
from otsp_compliance.commands.leases import hold_case
from otsp_compliance.model import ClockPause, ReviewCase
from otsp_compliance.queries.case_clock import CaseClockView, get_case_clock
from otsp_compliance.queries.visibility import require_authority
from otsp_compliance.rules.clocks import Ground
from otsp_contracts.compliance import ReviewClockChanged
from otsp_contracts.values import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPause:
    """`expected_until`: the applicant is told how long it presumably takes (§45)."""

    ground: Ground
    reason: str
    expected_until: date
    step_no: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExtension:
    """The applicant is told the reason (§42)."""

    reason: str
    step_no: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What the applicant is told of."""

    what: Literal["paused", "resumed", "extended"]
    ground: Ground | None = None
    reason: str | None = None
    expected_until: date | None = None


def pause_review(principal: Principal, case_id: UUID, new: NewPause) -> CaseClockView:
    """By the reviewer of the step, who holds the case by that; a run-out clock is not paused."""
    today = clock.today()
    if new.expected_until < today:
        fault = FieldError("/expected_until", "in_past", "预计结束日期不能早于今天。")
        raise Invalid(errors=[fault])
    with transaction() as tx:
        case = _hold(tx, principal, case_id, step_no=new.step_no)
        hold_case(tx, case, principal)
        clocks.require_time_left(tx, case)
        reason = clocks.Reason(
            text=new.reason, expected_until=new.expected_until, given_by=principal.account_id
        )
        clocks.pause(tx, case, ground=new.ground, on=today, reason=reason)
        change = _Change(
            what="paused",
            ground=new.ground,
            reason=new.reason,
            expected_until=new.expected_until,
        )
        _tell(tx, principal, case, change=change)
        return get_case_clock(tx, principal, case_id)


def end_pause(principal: Principal, case_id: UUID, pause_id: UUID) -> CaseClockView:
    """A supplement ends with its answer, never here."""
    with transaction() as tx:
        case = _hold(tx, principal, case_id)
        ended = tx.get(ClockPause, pause_id)
        if ended is None or ended.case_id != case_id or ended.ground == Ground.SUPPLEMENT:
            raise NotFound
        if ended.ended_on is not None:
            raise clocks.PauseEndedAlready(ended_on=ended.ended_on)
        hold_case(tx, case, principal)
        ground = Ground(ended.ground)
        clocks.resume(tx, case, on=clock.today(), ground=ground, by=principal.account_id)
        _tell(tx, principal, case, change=_Change(what="resumed", ground=ground))
        return get_case_clock(tx, principal, case_id)


def extend_review(principal: Principal, case_id: UUID, new: NewExtension) -> CaseClockView:
    """By the region administrator of the authority, who stands for its head, by its scope."""
    with transaction() as tx:
        case = _hold(tx, principal, case_id, step_no=new.step_no)
        clocks.extend(tx, case, on=clock.today(), reason=new.reason, by=principal.account_id)
        _tell(tx, principal, case, change=_Change(what="extended", reason=new.reason))
        return get_case_clock(tx, principal, case_id)


def _hold(tx: Tx, principal: Principal, case_id: UUID, *, step_no: int | None = None) -> ReviewCase:
    authority = require_authority(principal)
    case = steps.hold(tx, case_id).case
    steps.require_its_turn(tx, case, authority=authority, step_no=step_no)
    return case


def _tell(tx: Tx, principal: Principal, case: ReviewCase, *, change: _Change) -> None:
    """With the day that it is due on now; while it is paused nobody knows it."""
    running = clocks.get_running(tx, case)
    audit.record(
        tx,
        f"compliance.case_clock_{change.what}",
        object_type="review_case",
        object_id=case.case_id,
        institution_id=case.institution_id,
        after={"ground": change.ground, "due_on": running.due_on},
        reason=change.reason,
    )
    publish(
        tx,
        ReviewClockChanged(
            case_id=case.case_id,
            actor=principal.account_id,
            institution_id=case.institution_id,
            kind=case.kind,
            application_id=case.application_id,
            authority_id=require_authority(principal).authority_id,
            step_no=case.step_no,
            change=change.what,
            ground=change.ground,
            reason=change.reason,
            expected_until=change.expected_until,
            due_on=None if running.paused_on else running.due_on,
        ),
    )
