"""The statutory clock of a case: to read, to pause, to extend."""

from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_compliance.commands import timekeeping
from otsp_compliance.queries import case_clock
from otsp_compliance.rules.clocks import Ground


def get_case_clock(case_id: str, principal: Principal) -> case_clock.CaseClockView:
    with reading() as tx:
        return case_clock.get_case_clock(tx, principal, UUID(case_id))


def get_application_clock(application_id: str, principal: Principal) -> case_clock.CaseClockView:
    with reading() as tx:
        return case_clock.get_application_clock(tx, principal, UUID(application_id))


def pause_review(case_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = timekeeping.pause_review(
        principal,
        UUID(case_id),
        timekeeping.NewPause(
            ground=Ground(body["ground"]),
            reason=body["reason"],
            expected_until=date.fromisoformat(body["expected_until"]),
            step_no=body.get("step_no"),
        ),
    )
    return Answer(view, 201, location=f"/api/compliance/v1/cases/{case_id}/clock")


def end_pause(case_id: str, pause_id: str, principal: Principal) -> case_clock.CaseClockView:
    return timekeeping.end_pause(principal, UUID(case_id), UUID(pause_id))


def extend_review(
    case_id: str, principal: Principal, body: dict[str, Any]
) -> case_clock.CaseClockView:
    new = timekeeping.NewExtension(reason=body["reason"], step_no=body.get("step_no"))
    return timekeeping.extend_review(principal, UUID(case_id), new)
