"""What is published as open data: today's register and lists, and the files of the last days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import RowMapping, Select, select

from otsp_chassis.db import Reader
from otsp_chassis.problems import NotFound
from otsp_compliance.model import ListEntry, OpenDataFile, RegisterEntry
from otsp_compliance.queries.lists import PublicListEntry
from otsp_compliance.queries.register import in_force, is_shown

_E = RegisterEntry.__table__.c
_L = ListEntry.__table__.c
_F = OpenDataFile.__table__.c

REGISTER_FIELDS: Final = (
    "institution_id",
    "name",
    "uscc",
    "licence_no",
    "licence_valid_to",
    "region_code",
    "categories",
    "nonsubject_types",
    "delivery_modes",
    "stages",
    "approved_on",
)
LIST_FIELDS: Final = tuple(each.name for each in fields(PublicListEntry))


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One file of a day; `rows` without the titles of a CSV, `size` in bytes."""

    name: str
    content_type: str
    size: int
    sha256: str
    rows: int
    made_at: datetime
    path: str


@dataclass(frozen=True, slots=True)
class PublishedDay:
    """What was published on a day: the state in which the files were made."""

    day: date
    files: Sequence[PublishedFile]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Newest day first. A day on which nothing was made is not among them."""

    items: Sequence[PublishedDay]


def registered() -> Select[Any]:
    """The whitelist, region by region."""
    shown = select(*(_E[name] for name in REGISTER_FIELDS)).where(is_shown())
    return shown.order_by(_E.region_code, _E.institution_id)


def listed(today: date) -> Select[Any]:
    """The other lists, one after the other."""
    entries = select(*(_L[name] for name in LIST_FIELDS)).where(in_force(today))
    return entries.order_by(_L.list_type, _L.list_entry_id)


def tell_manifest(tx: Reader) -> Manifest:
    rows = tx.execute(select(*_F).order_by(_F.day.desc(), _F.name)).mappings()
    return Manifest(
        [
            PublishedDay(day, [_told(row) for row in of_day])
            for day, of_day in groupby(rows, key=lambda row: row["day"])
        ]
    )


def get_file(tx: Reader, day: date, name: str) -> PublishedFile:
    """Raises NotFound for a day that was never published, or no longer is."""
    query = select(*_F).where(_F.day == day, _F.name == name)
    row = tx.execute(query).mappings().first()
    if row is None:
        raise NotFound
    return _told(row)


def days_before(tx: Reader, first_kept: date) -> Iterable[tuple[date, str]]:
    """What is older than is kept, by day and name."""
    query = select(_F.day, _F.name).where(_F.day < first_kept)
    return [(row.day, row.name) for row in tx.execute(query)]


def _told(row: RowMapping) -> PublishedFile:
    return PublishedFile(
        name=row["name"],
        content_type=row["content_type"],
        size=row["size"],
        sha256=row["sha256"],
        rows=row["rows"],
        made_at=row["made_at"],
        path=f"/api/compliance/v1/public/open-data/{row['day']}/{row['name']}",
    )
