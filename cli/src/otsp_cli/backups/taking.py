"""Taking a backup: the cut, the dumps in parallel, the files after them, the manifest last."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg

from otsp_chassis import clock
from otsp_chassis.bus.connecting import depths
from otsp_cli.backups import databases
from otsp_cli.backups.cut import Cut, Snapshot, cut
from otsp_cli.backups.files import INDEX, Copying
from otsp_cli.backups.hashing import Hashed
from otsp_cli.backups.manifest import NAME, Dumped, Kept, Manifest
from otsp_cli.backups.places import MANIFEST, Place
from otsp_cli.backups.settings import BackupSettings
from otsp_cli.backups.tools import Tools
from otsp_cli.messages.desk import note
from otsp_cli.serving import SERVICES

_NOTE_SUCCESS = """
INSERT INTO job_run (name, last_success_at) VALUES ('backup', %s)
ON CONFLICT (name) DO UPDATE SET last_success_at = excluded.last_success_at, failures = 0
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Service → address as its application role; how many dumps at a time."""

    urls: Mapping[str, str]
    jobs: int = 2
    with_store: bool = True


def take(settings: BackupSettings, place: Place, wanted: Wanted) -> Manifest:
    """Everything as of one instant; raises CannotDo, and leaves no manifest then."""
    url = settings.amqp_url
    queues = [f"{service}.events.q1" for service in wanted.urls]
    with cut(wanted.urls, None if url is None else lambda: depths(url, queues)) as taken:
        name = taken.instant.strftime(NAME)
        note(f"{name}: writes paused for {taken.paused_ms} ms")
        with ThreadPoolExecutor(wanted.jobs) as pool:
            dumping = {
                service: pool.submit(
                    _dump, settings, place, service=service, url=wanted.urls[service],
                    snapshot=snapshot, path=name,
                )
                for service, snapshot in taken.snapshots.items()
            }  # fmt: skip
            dumped = {service: each.result() for service, each in dumping.items()}
        kept = (
            _keep_files(settings, place, wanted=wanted, taken=taken) if wanted.with_store else None
        )
    manifest = Manifest(
        name, taken.instant, taken.paused_ms, taken.undelivered, databases=dumped, store=kept
    )
    place.put(f"{name}/{MANIFEST}", [manifest.to_bytes()])
    if set(wanted.urls) == set(SERVICES) and (kept is None or kept.is_whole):
        with psycopg.connect(wanted.urls["compliance"]) as connection:
            connection.execute(_NOTE_SUCCESS, [clock.now()])
    return manifest


def _dump(
    settings: BackupSettings, place: Place, *, service: str, url: str, snapshot: Snapshot, path: str
) -> Dumped:
    reader = snapshot.reader
    tools = Tools.for_server(databases.server_major(reader), settings.pg_bin)
    passing = Hashed(tools.dump(url, snapshot.name))
    place.put(f"{path}/{service}.dump", passing)
    file = passing.file(f"{service}.dump")
    tables, sequences = databases.grants_of(reader, databases.role_of(url))
    note(f"{service}: {file.size} bytes")
    return Dumped(
        revision=databases.revision_of(reader),
        server_version=reader.info.server_version,
        dump=file,
        tables=databases.rows_by_table(reader),
        grants=tables,
        sequence_grants=sequences,
    )


def _keep_files(settings: BackupSettings, place: Place, *, wanted: Wanted, taken: Cut) -> Kept:
    copying = Copying(settings, place, taken, wanted.urls)
    index = Hashed(copying.lines())
    place.put(f"{taken.instant.strftime(NAME)}/{INDEX}", index)
    kept = copying.kept(index)
    note(f"store: {kept.files} files, {kept.copied} of them copied now")
    return kept
