"""Reads of rectification tasks."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_compliance.model import Document, InstitutionRef, Rectification
from otsp_compliance.queries.visibility import require_reader


@dataclass(frozen=True, slots=True)
class RectificationView:
    """A task as it stands. `publication_id` names the rule version that opened it, if one did."""

    rectification_id: UUID
    institution_id: UUID
    kind: str
    status: str
    reason_text: str
    issued_by: UUID | None
    issued_on: date
    due_on: date
    note: str | None
    closed_on: date | None
    publication_id: UUID | None
    version: int


def list_rectifications(
    tx: Reader, principal: Principal, institution_id: UUID, *, cursor: str | None, limit: int
) -> Page[RectificationView]:
    """Of one institution, for itself and the authorities above it; newest first."""
    require_reader(
        principal, institution_id=institution_id, region_code=_region_of(tx, institution_id)
    )
    query = select(*_COLUMNS).where(Rectification.institution_id == institution_id)
    if cursor is not None:
        query = query.where(Rectification.rectification_id < decode_id(cursor))
    rows = tx.execute(query.order_by(Rectification.rectification_id.desc()).limit(limit + 1))
    views = [RectificationView(**row._asdict()) for row in rows]
    return make_page(views, limit, key=lambda one: [one.rectification_id])


def get_rectification(
    tx: Reader, principal: Principal, rectification_id: UUID
) -> RectificationView:
    """For the institution and the authorities above it."""
    view = tell_rectification(tx, rectification_id)
    region_code = _region_of(tx, view.institution_id)
    require_reader(principal, institution_id=view.institution_id, region_code=region_code)
    return view


def tell_rectification(tx: Reader, rectification_id: UUID) -> RectificationView:
    """For commands that have already judged who asks."""
    query = select(*_COLUMNS).where(Rectification.rectification_id == rectification_id)
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    return RectificationView(**row._asdict())


def statuses_of(tx: Reader, institution_id: UUID) -> list[str]:
    """The statuses of all tasks of an institution."""
    query = select(Rectification.status).where(Rectification.institution_id == institution_id)
    return list(tx.execute(query).scalars())


_FACTS = (
    select(
        Rectification.rectification_id,
        Rectification.kind,
        Rectification.status,
        Rectification.due_on,
    )
    .where(Rectification.institution_id == bindparam("institution_id"))
    .order_by(Rectification.rectification_id)
)


def rectification_facts(tx: Reader, institution_id: UUID) -> list[Document]:
    """The tasks as the rules see them, in order of issue."""
    return [
        {
            "rectification_id": str(row.rectification_id),
            "kind": row.kind,
            "status": row.status,
            "due_on": row.due_on.isoformat(),
        }
        for row in tx.execute(_FACTS, {"institution_id": institution_id})
    ]


def _region_of(tx: Reader, institution_id: UUID) -> str | None:
    query = select(InstitutionRef.region_code).where(
        InstitutionRef.institution_id == institution_id
    )
    region_code: str | None = tx.execute(query).scalar()
    return region_code


_COLUMNS = (
    Rectification.rectification_id,
    Rectification.institution_id,
    Rectification.kind,
    Rectification.status,
    Rectification.reason_text,
    Rectification.issued_by,
    Rectification.issued_on,
    Rectification.due_on,
    Rectification.note,
    Rectification.closed_on,
    Rectification.publication_id,
    Rectification.version,
)
