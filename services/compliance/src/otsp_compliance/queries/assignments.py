"""Who held a case, from when and how."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_compliance.model import CaseAssignment
from otsp_compliance.queries.cases import get_case


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """One change of hands; see `model.leases`."""

    assignment_id: UUID
    step_no: int
    how: str
    account_id: UUID | None
    former_account_id: UUID | None
    leased_until: date | None
    reason: str | None
    assigned_by: UUID | None
    assigned_on: date


def list_assignments(
    tx: Reader, principal: Principal, case_id: UUID, *, cursor: str | None, limit: int
) -> Page[AssignmentView]:
    """Oldest first, for whoever may read the case: also for who held it before."""
    get_case(tx, principal, case_id)
    query = select(
        CaseAssignment.assignment_id,
        CaseAssignment.step_no,
        CaseAssignment.how,
        CaseAssignment.account_id,
        CaseAssignment.former_account_id,
        CaseAssignment.leased_until,
        CaseAssignment.reason,
        CaseAssignment.assigned_by,
        CaseAssignment.assigned_on,
    ).where(CaseAssignment.case_id == case_id)
    if cursor is not None:
        query = query.where(CaseAssignment.assignment_id > decode_id(cursor))
    rows = tx.execute(query.order_by(CaseAssignment.assignment_id).limit(limit + 1))
    views = [AssignmentView(**row._asdict()) for row in rows]
    return make_page(views, limit, key=lambda each: [each.assignment_id])
