"""Major fields that an institution wants to change: as drafted, and as it applied for them."""

import base64
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from otsp_chassis.db import Stamped
from otsp_chassis.pii import SEALED_MEMBERS
from otsp_institution.model.funds import Supervision
from otsp_institution.model.licences import SchoolLicence
from otsp_institution.model.registry import Institution
from otsp_institution.model.schema import Base, Sheet

Columns = dict[str, Any]
"""Values of columns by name."""

ENTITIES: Mapping[str, type[Institution] | type[Sheet]] = {
    "institution": Institution,
    "school_licence": SchoolLicence,
    "supervision": Supervision,
}


class _Proposal:
    """`parts` has, by table, the columns that are to change and what they are to hold, as JSON."""

    parts: Mapped[dict[str, Any]] = mapped_column(
        JSONB, info={SEALED_MEMBERS: ("legal_rep_id_no",)}
    )


class ProposedChange(_Proposal, Stamped, Base):
    """拟变更事项: one an institution, until it is approved or discarded; without parts it is empty.

    `uscc` is the number that it wants: nobody else may register it meanwhile.
    """

    __tablename__ = "proposed_change"

    institution_id: Mapped[UUID] = mapped_column(
        ForeignKey("institution.institution_id"), primary_key=True
    )
    uscc: Mapped[str | None] = mapped_column(unique=True)

    def propose(self, table: str, columns: Columns) -> None:
        """Takes the place of what was proposed of the part before; with no columns, nothing is."""
        parts = {name: value for name, value in self.parts.items() if name != table}
        if columns:
            parts[table] = {name: _written(value) for name, value in columns.items()}
        self.parts = parts
        self.uscc = parts.get("institution", {}).get("uscc")


class FiledChange(_Proposal, Base):
    """What an open application asks to change, as it stands in the snapshot that is judged.

    Gone when the application is over: approved, the values are on record.
    """

    __tablename__ = "filed_change"

    application_id: Mapped[UUID] = mapped_column(primary_key=True)
    institution_id: Mapped[UUID] = mapped_column(
        ForeignKey("institution.institution_id"), index=True
    )


def columns_of(parts: Mapping[str, Any], table: str) -> Columns:
    """What is proposed of a part; empty where nothing is."""
    columns = ENTITIES[table].__table__.columns
    return {name: _read(columns[name].type, value) for name, value in parts.get(table, {}).items()}


def _written(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_written(each) for each in value]
    return str(value) if isinstance(value, UUID) else value


def _read(column: TypeEngine[Any], value: Any) -> Any:  # noqa: ANN401 - as many types as columns
    if value is None:
        return None
    if isinstance(column, ARRAY):
        return [_read(column.item_type, each) for each in value]
    kind = column.python_type
    if kind is bytes:
        return base64.b64decode(value)
    if kind is date:
        return date.fromisoformat(value)
    return UUID(value) if kind is UUID else value
