"""Who stands in for whom within an authority, and until when."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from otsp_auth.model.schema import Base
from otsp_chassis.db import Stamped
from otsp_chassis.problems import Conflict


class DelegationOver(Conflict):
    slug: ClassVar[str] = "delegation-over"
    title: ClassVar[str] = "The delegation has ended"
    detail_zh: ClassVar[str] = "该委托或替班已经结束，无需再次结束。"


class Delegation(Stamped, Base):
    """Cover of a reviewer on leave (替班), or a region administrator's rights lent (委托).

    It counts from `valid_from` until `valid_to`; whoever ends it earlier moves `valid_to`.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("from_account_id <> to_account_id", name="is_of_two"),
        Index("ix_delegation_to_account_id_valid_to", "to_account_id", "valid_to"),
    )

    delegation_id: Mapped[UUID] = mapped_column(primary_key=True)
    authority_id: Mapped[UUID] = mapped_column(ForeignKey("authority.authority_id"), index=True)
    kind: Mapped[str]
    from_account_id: Mapped[UUID] = mapped_column(index=True)
    to_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.account_id"))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    reason: Mapped[str]
    created_by: Mapped[UUID]

    def end(self, now: datetime) -> None:
        """From now on it counts no more; one that has not begun never will."""
        if now >= self.valid_to:
            raise DelegationOver
        self.valid_to = now
