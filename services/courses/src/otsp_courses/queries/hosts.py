"""Where and through what is taught: sites and systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.page import Page, make_page
from otsp_chassis.problems import NotFound
from otsp_chassis.search import matching
from otsp_contracts.values import FieldError
from otsp_courses.model import Site, System
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.selection import Narrowing, live_rows, narrowed, one_page, widened
from otsp_courses.queries.steps import held_at
from otsp_courses.rules.advice import advise_site, advise_system, capacity_of
from otsp_courses.rules.required import empty_required
from otsp_courses.rules.rows import SiteRow, SystemRow
from otsp_courses.rules.steps import Steps, steps_at


@dataclass(frozen=True, slots=True)
class SiteTold(SiteRow):
    """A site as it is told."""

    capacity: int | None
    steps: Steps
    warnings: list[FieldError]


@dataclass(frozen=True, slots=True)
class SystemTold(SystemRow):
    """A system as it is told."""

    steps: Steps
    warnings: list[FieldError]


_SITES: Narrowing = {
    "status": lambda status: Site.status == status,
    "q": lambda q: matching(Site.__table__.c, q),
}
_SYSTEMS: Narrowing = {
    "kind": lambda kind: System.kind == kind,
    "q": lambda q: matching(System.__table__.c, q),
}


def get_site(tx: Reader, institution_id: UUID, site_id: UUID) -> SiteTold:
    query = live_rows(Site, SiteRow, institution_id).where(Site.site_id == site_id)
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    [told] = _told_sites(tx, institution_id, [SiteRow(*row)])
    return told


def list_sites(
    tx: Reader,
    institution_id: UUID,
    *,
    filters: Mapping[str, str],
    cursor: str | None,
    limit: int,
) -> Page[SiteTold]:
    query = listed_sites(institution_id, filters)
    rows = tx.execute(one_page(query, Site.site_id, cursor=cursor, limit=limit)).all()
    told = _told_sites(tx, institution_id, [SiteRow(*row) for row in rows])
    return make_page(told, limit, key=lambda site: [site.site_id])


def get_system(tx: Reader, institution_id: UUID, system_id: UUID) -> SystemTold:
    query = live_rows(System, SystemRow, institution_id).where(System.system_id == system_id)
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    [told] = _told_systems(tx, institution_id, [SystemRow(*row)])
    return told


def list_systems(
    tx: Reader,
    institution_id: UUID,
    *,
    filters: Mapping[str, str],
    cursor: str | None,
    limit: int,
) -> Page[SystemTold]:
    query = listed_systems(institution_id, filters)
    rows = tx.execute(one_page(query, System.system_id, cursor=cursor, limit=limit)).all()
    told = _told_systems(tx, institution_id, [SystemRow(*row) for row in rows])
    return make_page(told, limit, key=lambda system: [system.system_id])


def listed_sites(institution_id: UUID, filters: Mapping[str, str]) -> Select[Any]:
    """The whole list."""
    return narrowed(live_rows(Site, SiteRow, institution_id), _SITES, filters)


def listed_systems(institution_id: UUID, filters: Mapping[str, str]) -> Select[Any]:
    """The whole list."""
    return narrowed(live_rows(System, SystemRow, institution_id), _SYSTEMS, filters)


def _told_sites(tx: Reader, institution_id: UUID, rows: Sequence[SiteRow]) -> list[SiteTold]:
    institution, today = find_institution(tx, institution_id), clock.today()
    held = held_at(tx, institution_id, [row.site_id for row in rows])
    return [
        widened(
            row,
            SiteTold,
            capacity=capacity_of(row),
            steps=steps_at(row, held.get(row.site_id, ()), institution, today=today),
            warnings=[*empty_required(row, institution), *advise_site(row, institution, today)],
        )
        for row in rows
    ]


def _told_systems(tx: Reader, institution_id: UUID, rows: Sequence[SystemRow]) -> list[SystemTold]:
    institution, today = find_institution(tx, institution_id), clock.today()
    held = held_at(tx, institution_id, [row.system_id for row in rows])
    return [
        widened(
            row,
            SystemTold,
            steps=steps_at(row, held.get(row.system_id, ()), institution, today=today),
            warnings=[*empty_required(row, institution), *advise_system(row, institution)],
        )
        for row in rows
    ]
