"""Who holds a case: taking, releasing, taking over, assigning; and who held it before."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_compliance.commands import assignment
from otsp_compliance.queries import assignments
from otsp_compliance.queries.cases import CaseView


def claim_case(case_id: str, principal: Principal) -> Answer:
    return _answer(assignment.claim_case(principal, UUID(case_id)))


def release_case(case_id: str, principal: Principal) -> Answer:
    return _answer(assignment.release_case(principal, UUID(case_id)))


def take_over_case(case_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    return _answer(assignment.take_over_case(principal, UUID(case_id), reason=body.get("reason")))


def assign_case(case_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = assignment.assign_case(
        principal,
        UUID(case_id),
        account_id=UUID(body["account_id"]),
        reason=body.get("reason"),
    )
    return _answer(view)


def prioritise_case(case_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    view = assignment.prioritise_case(
        principal, UUID(case_id), priority=body["priority"], reason=body["reason"]
    )
    return _answer(view)


def list_case_assignments(
    case_id: str, principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[assignments.AssignmentView]:
    with reading() as tx:
        return assignments.list_assignments(
            tx, principal, UUID(case_id), cursor=cursor, limit=limit
        )


def _answer(view: CaseView) -> Answer:
    return Answer(view, version=view.version)
