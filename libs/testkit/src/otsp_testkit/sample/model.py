"""The sample's one table."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from otsp_chassis.db import COLUMN_TYPES, Stamped, service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map = COLUMN_TYPES


class Item(Stamped, Base):
    """An item of an institution; its name is unique there."""

    __tablename__ = "item"

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    note: Mapped[str | None]
