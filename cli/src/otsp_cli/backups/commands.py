"""`otsp backup`, `otsp restore`, `otsp verify-backup`; docs/backup.md."""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from pydantic import ValidationError

from otsp_chassis import log
from otsp_chassis.blobs import StoreUnavailable
from otsp_cli.backups import databases
from otsp_cli.backups.keeping import remove_older
from otsp_cli.backups.manifest import Manifest
from otsp_cli.backups.places import Place, open_place
from otsp_cli.backups.restoring import Target, require_ready, restore_database, restore_files
from otsp_cli.backups.settings import BackupSettings
from otsp_cli.backups.taking import Wanted, take
from otsp_cli.backups.verifying import find_faults, read_manifest
from otsp_cli.messages.desk import NOTHING, SOME, CannotDo, answering, database_settings, note, put
from otsp_cli.messages.republish import republish_service
from otsp_cli.serving import SERVICES

_MOST_FAULTS = 20
_NEXT = """next:
  1. empty the broker's queues, or give it a new vhost: what they hold is newer than these data
  2. otsp migrate --all                     # if this code is newer than the backup
  3. start the workers
  4. otsp republish SERVICE, for auth, institution, staff, materials, courses, compliance in turn
  5. otsp verify-audit; otsp verify-log; otsp stuck
  6. start the APIs, the gateway, the portal"""


def back_up(options: argparse.Namespace) -> int:
    """Exit code 1 when files were missing or altered: the set is there, and tells which."""
    with answering("backup"), _explained():
        settings = _settings()
        urls = {name: database_settings(name).database_url for name in options.services}
        place = open_place(options.to, settings)
        wanted = Wanted(urls, jobs=options.jobs, with_store=not options.without_store)
        manifest = take(settings, place, wanted)
        removed = remove_older(place, options.keep, than=manifest) if options.keep else []
        store = manifest.store
        is_whole = store is None or store.is_whole
        row = _told(manifest) | {"removed": removed, "is_whole": is_whole}
        put(row, is_json=options.json, line=_line(manifest))
        if store is not None and not is_whole:
            _name("missing", store.missing)
            _name("altered", store.altered)
    return NOTHING if is_whole else SOME


def restore(options: argparse.Namespace) -> int:
    with answering("restore"), _explained():
        settings = _settings()
        place = open_place(options.place, settings)
        manifest = read_manifest(place, options.set)
        if not options.only_store:
            _restore_databases(settings, place, manifest=manifest, options=options)
        if not options.without_store and manifest.store is not None:
            restore_files(settings, place, manifest)
        if options.republish and not options.only_store:
            _republish(options.services, is_json=options.json)
        put(_told(manifest), is_json=options.json, line=f"restored {_line(manifest)}")
        if not options.only_store:
            note(_NEXT)
    return NOTHING


def verify_backup(options: argparse.Namespace) -> int:
    """Exit code 1 when anything is missing or not what it was."""
    with answering("verify-backup"), _explained():
        place = open_place(options.place, _settings())
        manifest = read_manifest(place, options.set)
        found = list(find_faults(place, manifest, is_deep=options.deep))
        state = f"{len(found)} faults" if found else "whole"
        row = _told(manifest) | {"faults": found}
        put(row, is_json=options.json, line=f"{_line(manifest)}: {state}")
        _name("fault", found)
    return SOME if found else NOTHING


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except psycopg.OperationalError as error:
        raise CannotDo(f"a database cannot be reached: {str(error).strip()}") from error
    except StoreUnavailable as error:
        raise CannotDo("an object store does not answer, or refuses; the log says which") from error
    except ConnectionError:
        raise
    except OSError as error:
        raise CannotDo(f"files cannot be read or written: {error}") from error


def _restore_databases(
    settings: BackupSettings, place: Place, *, manifest: Manifest, options: argparse.Namespace
) -> None:
    targets = {name: _target(name) for name in options.services}
    require_ready(targets, manifest, is_replacing=options.replace)
    broken = [fault for fault in find_faults(place, manifest, is_deep=False) if ".dump" in fault]
    if broken:
        raise CannotDo(f"{manifest.name} is not whole: {'; '.join(broken)}")
    for service, target in targets.items():
        restore_database(settings, place, manifest, service=service, target=target)


def _republish(services: Iterable[str], *, is_json: bool) -> None:
    for name in SERVICES:
        if name in services:
            republish_service(
                name, since=None, after=None, is_dry=False, is_json=is_json, reason="restore"
            )


def _settings() -> BackupSettings:
    try:
        settings = BackupSettings()
    except ValidationError as error:
        raise CannotDo("; ".join(each["msg"] for each in error.errors())) from error
    log.configure(settings.log_level)
    return settings


def _target(service: str) -> Target:
    told = database_settings(service)
    if told.migration_database_url is None:
        raise CannotDo(f"OTSP_{service.upper()}_MIGRATION_DATABASE_URL is not set")
    return Target(told.migration_database_url, databases.role_of(told.database_url))


def _told(manifest: Manifest) -> dict[str, object]:
    store = manifest.store
    return {
        "set": manifest.name,
        "instant": manifest.instant,
        "paused_ms": manifest.paused_ms,
        "undelivered": manifest.undelivered,
        "databases": {name: each.dump.size for name, each in manifest.databases.items()},
        "files": store.files if store else None,
        "files_bytes": store.bytes if store else None,
        "files_copied": store.copied if store else None,
    }


def _line(manifest: Manifest) -> str:
    size = sum(each.dump.size for each in manifest.databases.values())
    files = f"{manifest.store.files} files" if manifest.store else "no files"
    return f"{manifest.name}: {len(manifest.databases)} databases, {size} bytes dumped, {files}"


def _name(what: str, found: Iterable[str]) -> None:
    told = list(found)
    for each in told[:_MOST_FAULTS]:
        note(f"  {what}: {each}")
    if len(told) > _MOST_FAULTS:
        note(f"  and {len(told) - _MOST_FAULTS} more")
