"""Who held which case, from when and how. The lease itself stands in the case."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from otsp_compliance.model.schema import Base

CLAIMED = "claimed"
TAKEN_OVER = "taken_over"
ASSIGNED = "assigned"
COVERED = "covered"
RELEASED = "released"
EXPIRED = "expired"


class CaseAssignment(Base):
    """One change of who holds a case (领办); only ever inserted.

    `account_id` holds the case from then on, nobody when it is null; `former_account_id` held it
    before. `assigned_by` did it, null where the lease ran out by itself, which is noted when the
    next one takes the case: `assigned_on` is then the last day of the lease.
    """

    __tablename__ = "case_assignment"
    __table_args__ = (
        Index("ix_case_assignment_case_id_assignment_id", "case_id", "assignment_id"),
        Index("ix_case_assignment_former_account_id", "former_account_id"),
    )

    assignment_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("review_case.case_id"))
    step_no: Mapped[int]
    how: Mapped[str]
    account_id: Mapped[UUID | None]
    former_account_id: Mapped[UUID | None]
    leased_until: Mapped[date | None]
    reason: Mapped[str | None]
    assigned_by: Mapped[UUID | None]
    assigned_on: Mapped[date]
    assigned_at: Mapped[datetime]
