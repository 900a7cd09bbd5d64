"""Bringing a backup back: databases one after the other, each whole or not at all, then files."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import psycopg

from otsp_cli.backups import databases
from otsp_cli.backups.files import Altered, entries, put_back
from otsp_cli.backups.hashing import pieces
from otsp_cli.backups.manifest import Dumped, Manifest
from otsp_cli.backups.places import Place
from otsp_cli.backups.settings import BackupSettings
from otsp_cli.backups.tools import Tools
from otsp_cli.messages.desk import CannotDo, note


@dataclass(frozen=True, slots=True)
class Target:
    """A database's addresses: its owner restores, the application role gets its grants."""

    owner_url: str
    application_role: str


def require_ready(targets: Mapping[str, Target], manifest: Manifest, *, is_replacing: bool) -> None:
    """Before anything is touched, of all of them."""
    unknown = targets.keys() - manifest.databases.keys()
    if unknown:
        raise CannotDo(f"{manifest.name} does not hold {', '.join(sorted(unknown))}")
    for service, target in targets.items():
        with psycopg.connect(target.owner_url) as connection:
            _require_server(connection, service, manifest.databases[service])
            if not is_replacing:
                databases.require_empty(connection, service)
            databases.require_rest(connection, service)


def _require_server(
    connection: "psycopg.Connection[tuple[object, ...]]", service: str, told: Dumped
) -> None:
    """An older pg_restore does not read the dump at all, and would say so when all is dropped."""
    taken_from, here = told.server_version // 10_000, databases.server_major(connection)
    if taken_from > here:
        raise CannotDo(
            f"{service}: its dump was taken from PostgreSQL {taken_from}, and this is {here}:"
            " restore into a server that is not older"
        )


def restore_database(
    settings: BackupSettings, place: Place, manifest: Manifest, *, service: str, target: Target
) -> None:
    """Raises CannotDo when rows are not as many as there were."""
    told = manifest.databases[service]
    with psycopg.connect(target.owner_url) as connection:
        tools = Tools.for_server(databases.server_major(connection), settings.pg_bin)
        databases.drop_everything(connection)
    with closing(place.open(f"{manifest.name}/{told.dump.name}")) as stream:
        tools.restore(target.owner_url, pieces(stream))
    with psycopg.connect(target.owner_url) as connection:
        role = target.application_role
        databases.grant(connection, role, tables=told.grants, sequences=told.sequence_grants)
        _require_same(connection, service, told=told, role=role)
        connection.execute("ANALYZE")
    note(f"{service}: {sum(told.tables.values())} rows in {len(told.tables)} tables")


def restore_files(settings: BackupSettings, place: Place, manifest: Manifest) -> int:
    """How many there are; those that are there already are not written again."""
    if manifest.store is None:
        raise CannotDo(f"{manifest.name} holds no files")
    with closing(place.open(f"{manifest.name}/{manifest.store.index.name}")) as lines:
        try:
            count = sum(1 for _ in put_back(settings, place, entries(lines)))
        except (FileNotFoundError, Altered) as error:
            raise CannotDo(f"the backup's file {error} is missing or altered") from error
    note(f"store: {count} files")
    return count


def _require_same(
    connection: "psycopg.Connection[tuple[object, ...]]", service: str, *, told: Dumped, role: str
) -> None:
    rows = databases.rows_by_table(connection)
    differing = {name for name, count in told.tables.items() if rows.get(name) != count}
    if differing:
        raise CannotDo(f"{service}: rows differ in {', '.join(sorted(differing))}")
    tables, sequences = databases.grants_of(connection, role)
    if tables != told.grants or sequences != told.sequence_grants:
        raise CannotDo(f"{service}: the grants of {role} are not what they were")
