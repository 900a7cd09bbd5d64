"""Where and through what is taught: sites and systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.page import Page, make_page
from otsp_chassis.search import matching
from otsp_contracts.values import FieldError
from otsp_courses.model import Site, System
from otsp_courses.queries.institutions import find_institution
from otsp_courses.queries.listing import Listing, widened
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


SITES = Listing(
    Site,
    SiteRow,
    key="site_id",
    by={
        "status": lambda status: Site.status == status,
        "q": lambda q: matching(Site.__table__.c, q),
    },
)
SYSTEMS = Listing(
    System,
    SystemRow,
    key="system_id",
    by={
        "kind": lambda kind: System.kind == kind,
        "q": lambda q: matching(System.__table__.c, q),
    },
)


def get_site(tx: Reader, institution_id: UUID, site_id: UUID) -> SiteTold:
    [told] = _told_sites(tx, institution_id, [SITES.one(tx, institution_id, site_id)])
    return told


def list_sites(
    tx: Reader,
    institution_id: UUID,
    *,
    filters: Mapping[str, str],
    cursor: str | None,
    limit: int,
) -> Page[SiteTold]:
    rows = SITES.page(tx, institution_id, filters=filters, cursor=cursor, limit=limit)
    told = _told_sites(tx, institution_id, rows)
    return make_page(told, limit, key=lambda site: [site.site_id])


def get_system(tx: Reader, institution_id: UUID, system_id: UUID) -> SystemTold:
    [told] = _told_systems(tx, institution_id, [SYSTEMS.one(tx, institution_id, system_id)])
    return told


def list_systems(
    tx: Reader,
    institution_id: UUID,
    *,
    filters: Mapping[str, str],
    cursor: str | None,
    limit: int,
) -> Page[SystemTold]:
    rows = SYSTEMS.page(tx, institution_id, filters=filters, cursor=cursor, limit=limit)
    told = _told_systems(tx, institution_id, rows)
    return make_page(told, limit, key=lambda system: [system.system_id])


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
