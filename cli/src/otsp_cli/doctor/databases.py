"""One look at a database as one role: everything that the checks judge, in one connection."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg

from otsp_chassis import clock
from otsp_cli.doctor.addresses import postgres_address

_OPTIONS = "-c default_transaction_read_only=on -c statement_timeout=3000"
_SERVER = """
SELECT current_user, current_setting('server_version_num')::int,
  current_setting('max_connections')::int,
  current_setting('superuser_reserved_connections')::int,
  (SELECT coalesce(sum(numbackends), 0)::int FROM pg_stat_database),
  (SELECT to_jsonb(d) FROM pg_database d WHERE datname = current_database())
"""
_POWERS = """
SELECT array_remove(ARRAY[
  CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
  CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END,
  CASE WHEN rolreplication THEN 'REPLICATION' END], NULL),
  has_schema_privilege('public', 'USAGE'), has_schema_privilege('public', 'CREATE'),
  has_database_privilege(current_database(), 'CREATE')
FROM pg_roles WHERE rolname = current_user
"""
_TABLES = """
SELECT relname, array_remove(ARRAY[
  CASE WHEN has_table_privilege(oid, 'SELECT') THEN 'SELECT' END,
  CASE WHEN has_table_privilege(oid, 'INSERT') THEN 'INSERT' END,
  CASE WHEN has_any_column_privilege(oid, 'UPDATE') THEN 'UPDATE' END,
  CASE WHEN has_table_privilege(oid, 'DELETE') THEN 'DELETE' END,
  CASE WHEN has_table_privilege(oid, 'TRUNCATE') THEN 'TRUNCATE' END,
  CASE WHEN pg_has_role(relowner, 'USAGE') THEN 'OWNER' END], NULL)
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
"""
_UTF8 = 6
_REVISION = "SELECT version_num FROM alembic_version"
_CALENDAR = "SELECT max(day) FROM working_day"


class Unseen(Exception):
    """The database cannot be looked into; the text says why, without a secret."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a role sees and may do."""

    role: str
    version: int
    max_connections: int
    reserved: int
    in_use: int
    is_c_utf8: bool
    locale: str
    skew_seconds: float
    powers: tuple[str, ...]
    may_use: bool
    may_create: bool
    tables: Mapping[str, frozenset[str]]
    """Table → privileges, OWNER among them."""
    revision: str | None
    calendar_until: date | None


@dataclass(slots=True)
class Database:
    """Looked at once, however many checks ask."""

    service: str
    url: str
    is_owner: bool
    pool_size: int = 8
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _facts: Facts | None = None
    _why: str = ""

    @property
    def name(self) -> str:
        return f"{self.service} owner" if self.is_owner else self.service

    @property
    def setting(self) -> str:
        kind = "MIGRATION_DATABASE_URL" if self.is_owner else "DATABASE_URL"
        return f"OTSP_{self.service.upper()}_{kind}"

    def facts(self) -> Facts:
        """Raises Unseen."""
        with self._lock:
            if self._facts is None and not self._why:
                self._look()
        if self._facts is None:
            raise Unseen(self._why)
        return self._facts

    def _look(self) -> None:
        if postgres_address(self.url, self.setting) is None:
            self._why = f"{self.setting} is no PostgreSQL address"
            return
        try:
            with psycopg.connect(
                self.url, connect_timeout=3, options=_OPTIONS, application_name="otsp-doctor"
            ) as connection:
                self._facts = _facts(connection)
        except psycopg.Error as error:
            self._why = " ".join(str(error).split()) or type(error).__name__


def _facts(connection: psycopg.Connection[tuple[Any, ...]]) -> Facts:
    def row(query: str) -> tuple[Any, ...]:
        return connection.execute(query).fetchone() or (None,) * 6

    asked = clock.now()
    told = row("SELECT clock_timestamp()")[0]
    middle = asked + (clock.now() - asked) / 2
    role, version, most, reserved, in_use, database = row(_SERVER)
    powers, may_use, may_create, may_make_schemas = row(_POWERS)
    tables = {name: frozenset(held) for name, held in connection.execute(_TABLES)}

    def readable(table: str) -> bool:
        return "SELECT" in tables.get(table, ())

    return Facts(
        role=role,
        version=version,
        max_connections=most,
        reserved=reserved,
        in_use=in_use,
        is_c_utf8=_is_c_utf8(database),
        locale=f"{database['datcollate']}, {'' if database['encoding'] == _UTF8 else 'not '}UTF8",
        skew_seconds=(told - middle).total_seconds(),
        powers=tuple(powers),
        may_use=may_use,
        may_create=may_create or may_make_schemas,
        tables=tables,
        revision=row(_REVISION)[0] if readable("alembic_version") else None,
        calendar_until=row(_CALENDAR)[0] if readable("working_day") else None,
    )


def _is_c_utf8(database: dict[str, Any]) -> bool:
    """Of libc, or of PostgreSQL 17's own provider."""
    places = [database["datcollate"], database["datctype"]]
    if database.get("datlocprovider") == "b":
        places = [database.get("datlocale")]
    names = {str(each).lower().replace("-", "") for each in places}
    return names == {"c.utf8"} and database["encoding"] == _UTF8
