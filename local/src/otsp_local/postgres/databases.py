"""One database a service, each with an owner that migrates and an app role that only reads and
writes rows: a fault in a service cannot change its tables, and no service can open another's.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from otsp_local.secrets import write_secret

SUPERUSER = "postgres"
# For the tables that the owner's migrations will make.
_GRANTED_BY_OWNER = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT "
ON_DATABASE = (
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {app}",
)
ROWS_ONLY = (
    # Before version 15 everybody may create tables in `public`, and its owner is postgres.
    "ALTER SCHEMA public OWNER TO {owner}",
    "REVOKE ALL ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {app}",
    _GRANTED_BY_OWNER + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    _GRANTED_BY_OWNER + "USAGE, SELECT ON SEQUENCES TO {app}",
)


@dataclass(frozen=True, slots=True)
class ServiceDatabase:
    """The addresses of one service's database, with their passwords."""

    name: str
    owner_url: str
    app_url: str


def database_of(service: str) -> str:
    return f"otsp_{service}"


def owner_role(service: str) -> str:
    return f"otsp_{service}_owner"


def app_role(service: str) -> str:
    return f"otsp_{service}_app"


@dataclass(frozen=True, slots=True)
class Passwords:
    """Role → password, in one file that only its owner may read."""

    file: Path

    def of(self, role: str) -> str:
        """The role's password; made and kept on first asking."""
        known: dict[str, str] = (
            json.loads(self.file.read_text(encoding="utf-8")) if self.file.is_file() else {}
        )
        if role not in known:
            known[role] = secrets.token_urlsafe(24)
            write_secret(self.file, json.dumps(known, indent=1).encode())
        return known[role]


def socket_url(socket_folder: Path, port: int, database: str) -> str:
    """The superuser's address: no password, only through the socket that others cannot reach."""
    return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(socket_folder))}&port={port}"


def make_databases(superuser_url: str, services: Iterable[str], passwords: Passwords) -> None:
    """Create what is missing and set what may differ; safe to repeat."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for service in services:
            for role in (owner_role(service), app_role(service)):
                _make_role(connection, role, passwords.of(role))
            _make_database(connection, service)
    for service in services:
        url = superuser_url.replace(f"@/{SUPERUSER}?", f"@/{database_of(service)}?")
        with psycopg.connect(url) as connection:
            _grant_rows_only(connection, service)


def _make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    # The verifier is made here, so that the password never stands in a server log.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER" if exists else "CREATE")
    connection.execute(
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            verb, sql.Identifier(role), sql.Literal(verifier)
        )
    )


def _make_database(connection: psycopg.Connection, service: str) -> None:
    database = database_of(service)
    names = {
        "database": sql.Identifier(database),
        "owner": sql.Identifier(owner_role(service)),
        "app": sql.Identifier(app_role(service)),
    }
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    if found.fetchone() is None:
        connection.execute(sql.SQL("CREATE DATABASE {database} OWNER {owner}").format(**names))
    for statement in ON_DATABASE:
        connection.execute(sql.SQL(statement).format(**names))


def _grant_rows_only(connection: psycopg.Connection, service: str) -> None:
    names = {
        "owner": sql.Identifier(owner_role(service)),
        "app": sql.Identifier(app_role(service)),
    }
    for statement in ROWS_ONLY:
        connection.execute(sql.SQL(statement).format(**names))
