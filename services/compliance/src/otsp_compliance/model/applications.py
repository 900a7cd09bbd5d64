"""Compliance applications and the counter of their business numbers."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_chassis.problems import Conflict
from otsp_compliance.model.schema import Base
from otsp_compliance.rules.states import FINAL, Action, ImpossibleTransition, State, transition

_FINAL_CODES = ", ".join(f"'{state.value}'" for state in sorted(FINAL))


class ActionImpossible(Conflict):
    slug: ClassVar[str] = "application-action-impossible"
    title: ClassVar[str] = "The application's state does not allow this"
    detail_zh: ClassVar[str] = "申请的当前状态不允许此操作，请刷新后查看最新状态。"


class Application(Stamped, Base):
    """One filing of one institution; it has at most one that is not over.

    `as_of` is the business day of filing, `filed_at` and `submitted_at` are business time. While it
    is not over, the owners of the institution's data hold their review locks for it. `request_id`
    names the gathering of its present round. `since`, when it came into its state, and
    `acknowledge_by` are on the real clock.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_open",
            "institution_id",
            unique=True,
            postgresql_where=text(f"state NOT IN ({_FINAL_CODES})"),
        ),
        Index("ix_application_institution_id_application_id", "institution_id", "application_id"),
        Index("ix_application_region_code_application_id", "region_code", "application_id"),
        Index("ix_application_state_since", "state", "since"),
    )

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    institution_name: Mapped[str]
    region_code: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    since: Mapped[datetime]
    request_id: Mapped[UUID]
    as_of: Mapped[date]
    filed_by: Mapped[UUID]
    filed_at: Mapped[datetime]
    acknowledged_warnings: Mapped[list[str]] = mapped_column(default=list)
    exceptions: Mapped[dict[str, str]] = mapped_column(default=dict)
    acknowledge_by: Mapped[datetime | None]
    seq_no: Mapped[str | None] = mapped_column(unique=True)
    submitted_at: Mapped[datetime | None]
    snapshot_sha256: Mapped[str | None]
    withdrawn_on: Mapped[date | None]

    def perform(self, action: Action, at: datetime) -> str:
        """Go where the action leads from here; returns the state that was left."""
        left = self.state
        try:
            self.state = transition(State(left), action).to.value
        except ImpossibleTransition as error:
            raise ActionImpossible(state=left) from error
        if self.state != left:
            self.since = at
        return left

    @property
    def number(self) -> str:
        """The business number; raises ActionImpossible before submission."""
        if self.seq_no is None:
            raise ActionImpossible(state=self.state)
        return self.seq_no

    def acknowledge(self, rule_ids: list[str]) -> None:
        """Read warnings stay read."""
        self.acknowledged_warnings = sorted({*self.acknowledged_warnings, *rule_ids})


class FilingCounter(Base):
    """The last number given in one county on one day."""

    __tablename__ = "filing_counter"

    region_code: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
