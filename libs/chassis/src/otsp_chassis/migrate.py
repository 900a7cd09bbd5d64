"""Migrations: one Alembic environment for all services, under an advisory lock.

Replicas and retried jobs may start it at once; the second waits and finds nothing to do. It asks
for the lock again and again rather than wait in it: a statement that waits would hold up an index
that the first builds concurrently. DDL gives up after a second of waiting for a table, so that a
migration never queues up traffic behind it (pitfall 19), and is tried anew a few times. Each
migration is one transaction: what was finished stays, what was not leaves no trace.
"""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Protocol

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable, QueryCanceled
from sqlalchemy import Connection, Executable, MetaData, NullPool, Table, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

from otsp_chassis.revision import newest_revision
from otsp_chassis.tables import NAMING, calendar_metadata, chassis_metadata

_LOCK = "SELECT pg_try_advisory_lock(hashtext('otsp'), hashtext('migrate'))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('otsp'), hashtext('migrate'))"
ATTEMPTS, PAUSE_SECONDS = 5, 3.0
"""How often a table that somebody holds is asked for, and how long traffic has between."""
WAIT_SECONDS = 1_200.0
"""For another migration of the same database to end."""
TIMEOUTS = "SET lock_timeout = '1s'", "SET statement_timeout = '60s'"
_LOOK_AGAIN_SECONDS = 0.2
APPEND_ONLY = ("audit_entry", "audit_seal", "audit_head", "change")
_NOTIFY = """
CREATE FUNCTION otsp_outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('otsp_outbox', ''); RETURN NULL; END $$;
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox
FOR EACH STATEMENT EXECUTE FUNCTION otsp_outbox_notify();
ALTER TABLE outbox ALTER COLUMN envelope SET STORAGE EXTERNAL;
ALTER TABLE inbox ALTER COLUMN envelope SET STORAGE EXTERNAL;
"""


class Executes(Protocol):
    """What is asked of Alembic's `op` here."""

    def execute(self, sqltext: Executable, /) -> None: ...

    def get_context(self) -> MigrationContext: ...


class GaveUp(Exception):
    """The database was busy all the time. Nothing is half done; the same command goes on."""


def upgrade(package: str, url: str) -> str:
    """Bring one service's schema to the newest revision; returns that revision.

    Raises GaveUp, after ATTEMPTS, when a table stays locked or a statement takes too long.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _locked_connection(url) as connection:
                command.upgrade(_config(package, connection), "head")
        except DBAPIError as error:
            if not isinstance(error.orig, LockNotAvailable | QueryCanceled):
                raise
            if attempt == ATTEMPTS:
                raise GaveUp(_why(error)) from error
            threading.Event().wait(PAUSE_SECONDS)
        else:
            break
    return newest_revision(package)


def offline_sql(package: str, start: str, end: str) -> str:
    """What going from one revision to another would send, timeouts included; for the lint."""
    config = _config(package)
    config.output_buffer = io.StringIO()
    command.upgrade(config, f"{start}:{end}", sql=True)
    return "".join(f"{each};\n" for each in TIMEOUTS) + config.output_buffer.getvalue()


def undeclared_changes(
    url: str, metadata: MetaData, *, with_calendar: bool = False
) -> list[object]:
    """What the models say and the database has not, or the reverse; empty when in step."""
    declared = [metadata, chassis_metadata, *([calendar_metadata] if with_calendar else [])]
    whole = MetaData()
    for part in declared:
        for table in part.tables.values():
            table.to_metadata(whole)
    with _locked_connection(url) as connection:
        return list(compare_metadata(MigrationContext.configure(connection), whole))


def scripts_of(package: str) -> ScriptDirectory:
    """The migrations themselves, as Alembic reads them."""
    return ScriptDirectory.from_config(_config(package))


def create_index_concurrently(op: Executes, name: str, definition: str) -> None:
    """For a table in use: `definition` is what follows the name, as "ON person (name)".

    Writers go on. It may wait long, for itself alone, so nothing limits it; what an attempt that
    broke off left is made anew.
    """
    with op.get_context().autocommit_block():
        op.execute(text("SET lock_timeout = 0"))
        op.execute(text("SET statement_timeout = 0"))
        op.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {name}"))
        op.execute(text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} {definition}"))
        for each in TIMEOUTS:
            op.execute(text(each))


def create_chassis_tables(op: Executes) -> None:
    """What the first migration of every service calls: the mechanisms' own."""
    _create(op, list(chassis_metadata.sorted_tables))
    op.execute(text(_NOTIFY))
    for table in APPEND_ONLY:
        make_append_only(op, table)
    op.execute(text(_CONCEAL))


def make_append_only(op: Executes, table: str) -> None:
    """The service may add to a table of its own and read it, never change or delete a row."""
    op.execute(text(_REVOKE.format(table=table)))


def create_counters_table(op: Executes) -> None:
    """What the service told last of what it counts (`counters.ToldCounters`)."""
    op.execute(text(_COUNTERS_TOLD))
    op.execute(text(_COUNTED_ON))


def create_calendar_table(op: Executes) -> None:
    """The working calendar, for the service that owns it."""
    _create(op, list(calendar_metadata.sorted_tables))


_CONCEAL = """
CREATE FUNCTION otsp_conceal_changes(of_object uuid) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
WITH concealed AS (
  UPDATE change SET fields = (
    SELECT jsonb_agg(jsonb_build_object(
      'pointer', told->'pointer', 'is_masked', true,
      'before', CASE WHEN told->'before' = 'null' THEN 'null'::jsonb ELSE '"***"' END,
      'after', CASE WHEN told->'after' = 'null' THEN 'null'::jsonb ELSE '"***"' END))
    FROM jsonb_array_elements(fields) told)
  WHERE object_id = of_object AND jsonb_array_length(fields) > 0 RETURNING 1)
SELECT count(*) FROM concealed $$
"""
_COUNTERS_TOLD = """
CREATE TABLE counters_told (
  institution_id uuid CONSTRAINT pk_counters_told PRIMARY KEY, counters jsonb NOT NULL,
  counted_on date NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  version bigint NOT NULL)
"""
_COUNTED_ON = (
    "CREATE INDEX ix_counters_told_counted_on ON counters_told (counted_on, institution_id)"
)
_REVOKE = """
DO $$ DECLARE grantee_name name; BEGIN
FOR grantee_name IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
  WHERE table_name = '{table}' AND grantee <> current_user AND grantee <> 'PUBLIC'
LOOP EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', grantee_name); END LOOP;
END $$
"""


def _create(op: Executes, tables: list[Table]) -> None:
    for table in tables:
        op.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            op.execute(CreateIndex(index))
        if table.comment:
            quoted = table.comment.replace("'", "''")
            op.execute(text(f"COMMENT ON TABLE {table.name} IS '{quoted}'"))


@contextmanager
def _locked_connection(url: str) -> Iterator[Connection]:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _take_lock(connection)
        try:
            for each in TIMEOUTS:
                connection.execute(text(each))
            connection.commit()
            connection.execution_options(isolation_level="READ COMMITTED")
            yield connection
        finally:
            connection.rollback()
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text(_UNLOCK))
            engine.dispose()


def _take_lock(connection: Connection) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not connection.scalar(text(_LOCK)):
        if time.monotonic() > until:
            raise GaveUp("another migration of this database does not end; look at its process")
        threading.Event().wait(_LOOK_AGAIN_SECONDS)


def _why(error: DBAPIError) -> str:
    statement = " ".join(str(error.statement or "").split())[:100]
    return (
        f"{str(error.orig).splitlines()[0]}, {ATTEMPTS} times, at: {statement}. Somebody's"
        " transaction holds the table (pg_stat_activity: the oldest xact_start). Nothing is half"
        " done: end it, or run the same command again when there is less to do."
    )


def _config(package: str, connection: Connection | None = None) -> Config:
    versions = Path(str(resources.files(package).joinpath("migrations", "versions")))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migration_env"))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = MetaData(naming_convention=NAMING)
    return config
