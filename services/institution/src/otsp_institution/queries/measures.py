"""Reads of suspensions and resumptions."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_institution.model import Institution, ReviewSeat, StandingMeasure
from otsp_institution.model.measures import CONFIRMED
from otsp_institution.rules.charge import Seat

_M = StandingMeasure.__table__.c


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A measure as it stands."""

    measure_id: UUID
    institution_id: UUID
    kind: str
    state: str
    reason: str
    basis_doc: str | None
    authority_id: UUID
    authority_name: str
    proposed_at: datetime
    decided_on: date | None
    decision_reason: str | None
    version: int


_COLUMNS = [_M[each.name] for each in fields(MeasureView)]


def list_measures(
    tx: Reader, principal: Principal, institution_id: UUID, *, cursor: str | None, limit: int
) -> Page[MeasureView]:
    """Newest first; the institution is told what took effect, not what somebody thought of."""
    query: Select[tuple[object, ...]] = select(*_COLUMNS).where(_M.institution_id == institution_id)
    if principal.institution_id is not None:
        principal.require_own(institution_id)
        query = query.where(_M.state == CONFIRMED)
    else:
        principal.require_jurisdiction(_region_of(tx, institution_id))
    if cursor is not None:
        query = query.where(_M.measure_id < decode_id(cursor))
    rows = tx.execute(query.order_by(_M.measure_id.desc()).limit(limit + 1))
    views = [MeasureView(**row._asdict()) for row in rows]
    return make_page(views, limit, key=lambda one: [one.measure_id])


def tell_measure(tx: Reader, institution_id: UUID, measure_id: UUID) -> MeasureView:
    """For commands that have already judged who asks."""
    row = tx.execute(
        select(*_COLUMNS).where(_M.institution_id == institution_id, _M.measure_id == measure_id)
    ).first()
    if row is None:
        raise NotFound
    return MeasureView(**row._asdict())


def list_seats(tx: Reader, institution_id: UUID) -> list[Seat]:
    """Who reviewed the institution when it was approved last; few, and none before."""
    kept = select(ReviewSeat.department, ReviewSeat.level).where(
        ReviewSeat.institution_id == institution_id
    )
    return [Seat(row.department, row.level) for row in tx.execute(kept)]


def _region_of(tx: Reader, institution_id: UUID) -> str:
    known = select(Institution.region_code).where(Institution.institution_id == institution_id)
    row = tx.execute(known).first()
    if row is None:
        raise NotFound
    return row.region_code or ""
