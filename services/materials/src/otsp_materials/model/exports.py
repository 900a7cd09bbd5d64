"""A list on its way to a file."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_materials.model.schema import Base


class Export(Base):
    """A list on its way to a file, `file_id`, which is that of the export (commands/exports.py)."""

    __tablename__ = "export"
    __table_args__ = (
        Index(
            "uq_export_open",
            "institution_id",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
        Index("ix_export_expires_at", "expires_at", postgresql_where=text("state = 'done'")),
    )

    export_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID]
    format: Mapped[str]
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str]
    attempts: Mapped[int]
    rows_done: Mapped[int]
    rows_total: Mapped[int | None]
    files_done: Mapped[int]
    files_total: Mapped[int | None]
    requested_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        return self.state in {"waiting", "running"}
