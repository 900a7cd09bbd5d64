"""What the tables share: their base, and the two kinds of parts that an institution has."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from otsp_chassis import clock
from otsp_chassis.counters import ToldCounters
from otsp_chassis.db import COLUMN_TYPES, Stamped, service_metadata

Fen = Annotated[int, mapped_column(BigInteger)]
"""Money."""

Small = Annotated[int, mapped_column(SmallInteger)]
"""A year, a number of days or rounds."""


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        **COLUMN_TYPES,
        list[str]: ARRAY(Text),
        list[UUID]: ARRAY(Uuid),
        list[dict[str, Any]]: JSONB(none_as_null=True),
    }


class Sheet(Stamped, Base):
    """A part that an institution has once; it is there when it was first entered."""

    __abstract__ = True

    @declared_attr
    @classmethod
    def institution_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("institution.institution_id"), primary_key=True)


class Item(Stamped, Base):
    """A part that an institution has any number of; deleted rows stay, snapshots name them."""

    __abstract__ = True

    deleted_at: Mapped[datetime | None]

    @declared_attr
    @classmethod
    def institution_id(cls) -> Mapped[UUID]:
        return mapped_column(ForeignKey("institution.institution_id"), index=True)

    def delete(self) -> None:
        self.deleted_at = clock.now()

    def restore(self) -> None:
        self.deleted_at = None


class SectionCount(Base):
    """How many sections of an institution were sent: the version of the next is one more."""

    __tablename__ = "section_count"

    institution_id: Mapped[UUID] = mapped_column(
        ForeignKey("institution.institution_id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(BigInteger)


class CountersTold(ToldCounters, Base):
    """What the statistics were told last of each institution."""


def one_of(column: str, codes: Iterable[str]) -> CheckConstraint:
    """The states that the application knows, as a constraint of the database."""
    listed = ", ".join(f"'{code}'" for code in codes)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
