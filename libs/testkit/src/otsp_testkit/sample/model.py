"""The sample's two tables."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from otsp_chassis.db import COLUMN_TYPES, Stamped, service_metadata


class Base(DeclarativeBase):
    metadata = service_metadata()
    type_annotation_map = COLUMN_TYPES


class Item(Stamped, Base):
    """An item of an institution, as wide as what clerks usually fill in: twenty fields."""

    __tablename__ = "item"

    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    note: Mapped[str | None]
    code: Mapped[str | None]
    description: Mapped[str | None]
    state: Mapped[str | None]
    region_code: Mapped[str | None]
    city: Mapped[str | None]
    address: Mapped[str | None]
    keeper: Mapped[str | None]
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    priority: Mapped[int | None] = mapped_column(BigInteger)
    weight_g: Mapped[int | None] = mapped_column(BigInteger)
    is_active: Mapped[bool | None]
    is_shared: Mapped[bool | None]
    checked_at: Mapped[datetime | None]
    opens_at: Mapped[str | None]


class Dossier(Base):
    """Names files in each of the ways in which a row can."""

    __tablename__ = "dossier"

    dossier_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    photo_file_id: Mapped[UUID | None]
    scan_file_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    notes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_draft: Mapped[bool]
    deleted_at: Mapped[datetime | None]
