"""What an authority orders beside any application: that training stops, and that it goes on."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.db import Stamped
from otsp_chassis.problems import Conflict
from otsp_institution.model.schema import Base

SUSPENSION = "suspension"
RESUMPTION = "resumption"

PROPOSED = "proposed"
CONFIRMED = "confirmed"
REFUSED = "refused"
LAPSED = "lapsed"


class MeasureNotWaiting(Conflict):
    slug: ClassVar[str] = "institution-measure-not-waiting"
    title: ClassVar[str] = "The proposal waits for no decision"
    detail_zh: ClassVar[str] = "该提议已经处理，请刷新后查看结果。"


class StandingMeasure(Stamped, Base):
    """A suspension (暂停培训) or resumption (恢复培训), proposed by a reviewer or ordered at once.

    At most one proposal waits for an institution; it lapses when the other kind is ordered.
    """

    __tablename__ = "standing_measure"
    __table_args__ = (
        Index(
            "uq_standing_measure_proposed",
            "institution_id",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("ix_standing_measure_institution_id", "institution_id", "measure_id"),
    )

    measure_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(ForeignKey("institution.institution_id"))
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    basis_doc: Mapped[str | None]
    authority_id: Mapped[UUID]
    authority_name: Mapped[str]
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_on: Mapped[date | None]
    decision_reason: Mapped[str | None]

    def decide(self, state: str, *, on: date, by: UUID, reason: str | None = None) -> None:
        if self.state != PROPOSED:
            raise MeasureNotWaiting(state=self.state)
        self.state = state
        self.decided_on = on
        self.decided_by = by
        self.decision_reason = reason
