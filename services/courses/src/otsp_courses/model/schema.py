"""The declarative base, and what rows of an institution have in common."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from otsp_chassis import clock
from otsp_chassis.counters import ToldCounters
from otsp_chassis.db import Stamped, service_metadata
from otsp_chassis.search import Searchable


def one_of(column: str, codes: list[str]) -> CheckConstraint:
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def listed_by(table: str, key: str) -> Index:
    """An institution's rows in order of entry: what its lists and its section walk."""
    return Index(f"ix_{table}_institution_id_{key}", "institution_id", key)


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        list[str]: ARRAY(Text),
        list[UUID]: ARRAY(Uuid),
        list[date]: ARRAY(Date),
    }


class Owned(Searchable, Stamped):
    """A row of one institution; deleted rows stay, because snapshots and audit name them."""

    institution_id: Mapped[UUID]
    FOUND_BY: ClassVar[tuple[str, ...]] = ("name",)
    """Columns by whose texts the row is found."""

    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def be_found(self) -> None:
        """By what stands in the row now."""
        self.found_by(*(getattr(self, name) for name in self.FOUND_BY))

    def delete(self) -> None:
        self.deleted_at = clock.now()

    def restore(self) -> None:
        self.deleted_at = None


class CountersTold(ToldCounters, Base):
    """What the statistics were told last of each institution."""
