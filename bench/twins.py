"""The rows of one platform's fresh databases in another's, as they are: entering takes longer.

Both have the same migrations behind them and the same keys. Foreign keys and triggers sleep while
rows are carried over that they let pass once already.
"""

from typing import LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

from otsp_local.postgres import LocalPostgres
from otsp_local.postgres.databases import database_of
from otsp_testkit import PlatformKit
from otsp_testkit.service_kit import KEPT_TABLES

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_COUNTED = (
    "SELECT attrelid::regclass::text, attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
    " WHERE attidentity <> '' AND relnamespace = 'public'::regnamespace AND relkind = 'r'"
)


_ADVANCE: LiteralString = "SELECT setval(pg_get_serial_sequence({}, {}), max({}) + 1) FROM {}"


def carry_over(platform: PlatformKit, postgres: LocalPostgres) -> None:
    """Into the databases of the six on that server, which are migrated and empty."""
    for name, kit in platform.kits.items():
        with (
            psycopg.connect(kit.owner_url) as source,
            psycopg.connect(postgres.superuser_dsn(database_of(name))) as target,
        ):
            target.execute("SET session_replication_role = replica")
            for (table,) in source.execute(_TABLES).fetchall():
                if table not in KEPT_TABLES:
                    _copy(source, target, table)
            for table, column in target.execute(_COUNTED).fetchall():
                target.execute(
                    SQL(_ADVANCE).format(table, column, Identifier(column), Identifier(table))
                )


def _copy(source: psycopg.Connection, target: psycopg.Connection, table: str) -> None:
    place = Identifier(table)
    with (
        source.cursor().copy(SQL("COPY {} TO STDOUT").format(place)) as rows,
        target.cursor().copy(SQL("COPY {} FROM STDIN").format(place)) as sink,
    ):
        for part in rows:
            sink.write(part)
