"""What older backups are let go of after a new one, and what may never be."""

from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

from otsp_chassis import clock
from otsp_cli.backups.files import INDEX, SHARED, entries
from otsp_cli.backups.manifest import NAME, Manifest
from otsp_cli.backups.places import Place
from otsp_cli.backups.verifying import read_manifest
from otsp_cli.messages.desk import CannotDo
from otsp_cli.serving import SERVICES

UNDER_WAY = timedelta(days=1)
"""Younger than that, what no manifest names may be of a backup that another machine is taking."""


def remove_older(place: Place, keep: int, *, than: Manifest) -> list[str]:
    """All sets but the newest that hold no more than this one does, what broke off, and then the
    files that no set names. A backup of one service, or one that missed files, pushes no whole one
    out.
    """
    alike = [name for name in place.sets() if _holds_no_more(place, name, than)]
    gone = [*_broken_off(place), *alike[:-keep]]
    for name in gone:
        place.remove(name)
    if gone:
        _sweep(place)
    return gone


def _holds_no_more(place: Place, name: str, than: Manifest) -> bool:
    try:
        told = read_manifest(place, name)
    except CannotDo:
        return False  # nobody knows what it holds
    return told.databases.keys() <= than.databases.keys() and _files_of(told) <= _files_of(than)


def _files_of(manifest: Manifest) -> int:
    """None, most, or all of them."""
    return 0 if manifest.store is None else 1 + manifest.store.is_whole


def _broken_off(place: Place) -> list[str]:
    return [name for name in place.unfinished() if _is_past(_begun(name))]


def _begun(name: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.strptime(name, NAME).replace(tzinfo=UTC)
    return None


def _is_past(moment: datetime | None) -> bool:
    return moment is not None and moment < clock.now() - UNDER_WAY


def _sweep(place: Place) -> None:
    named: dict[str, set[str]] = {}
    for name in place.sets():
        with suppress(FileNotFoundError), closing(place.open(f"{name}/{INDEX}")) as lines:
            for entry in entries(lines):
                named.setdefault(entry.service, set()).add(entry.key)
    for service in (*SERVICES, SHARED):
        _erase_unnamed(place, service, named)


def _erase_unnamed(place: Place, service: str, named: Mapping[str, set[str]]) -> None:
    pool = place.pool(service)
    for blob in list(pool.contents()):
        if blob.key not in named.get(service, ()) and _is_past(blob.written_at):
            pool.erase(blob.key)
