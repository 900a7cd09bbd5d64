"""What docker-compose.yml reads from a folder outside the repository: keys, passwords, addresses.

Made once, since data depend on it. Each container is given its own files only, and mounted ones
are readable inside it whatever its user; on this machine the folder's mode 0700 guards them.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from otsp_cli.dossier.command import read_dossiers
from otsp_local.console import StepFailed
from otsp_local.demo import SAMPLES, offset_to
from otsp_local.keys import PlatformKeys
from otsp_local.postgres.databases import (
    ON_DATABASE,
    ROWS_ONLY,
    Passwords,
    app_role,
    database_of,
    owner_role,
)
from otsp_local.programs import SERVICES
from otsp_local.secrets import write_secret

OPTIONAL = {
    "clamav": ("OTSP_CLAMD_ADDRESS=clamav:3310",),
    "s3": (
        "OTSP_S3_ENDPOINT=http://s3:8333",
        "OTSP_S3_BUCKET=otsp",
        "OTSP_S3_REGION=us-east-1",
    ),
}
"""Profile of docker-compose.yml → what the services are told when it is on."""
_READABLE_IN_CONTAINERS = 0o444
_UNLESS = "SELECT '{}' WHERE NOT EXISTS (SELECT FROM {} WHERE {} = '{}') \\gexec"


@dataclass(frozen=True, slots=True)
class ComposeSecrets:
    """The files below one folder."""

    folder: Path

    @property
    def chosen(self) -> list[str]:
        """The optional profiles of the last time, for COMPOSE_PROFILES."""
        file = self.folder / "profiles"
        return file.read_text(encoding="utf-8").split() if file.is_file() else []

    def ensure(self, profiles: Iterable[str] | None = None) -> None:
        """Write what is missing and what the choice of profiles changes."""
        chosen = self.chosen if profiles is None else sorted(set(profiles))
        if unknown := set(chosen) - OPTIONAL.keys():
            raise StepFailed(f"there is no profile {', '.join(sorted(unknown))}: s3, clamav")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        PlatformKeys(self.folder / "keys").ensure()
        self._write_databases()
        self._write_broker()
        self._write_optional(chosen)
        self._write_once("grafana-password", secrets.token_urlsafe(24))
        offset = f"OTSP_ENV=demo\nOTSP_CLOCK_OFFSET_DAYS={offset_to(read_dossiers(SAMPLES))}\n"
        self._write_once("clock.env", offset)
        for file in self._mounted():
            file.chmod(_READABLE_IN_CONTAINERS)

    def _mounted(self) -> list[Path]:
        names = ("postgres-password", "grafana-password", "rabbitmq.conf", "databases.sql")
        return [*(self.folder / "keys").iterdir(), *(self.folder / each for each in names)]

    def _write_databases(self) -> None:
        passwords = Passwords(self.folder / "passwords.json")
        superuser = passwords.of("postgres")
        self._write("postgres-password", superuser)
        self._write("superuser.env", f"PGPASSWORD={superuser}\n")
        statements = ["\\set ON_ERROR_STOP on", "SET log_min_error_statement = panic;"]
        for service in SERVICES:
            name = service.upper()
            owner, app = owner_role(service), app_role(service)
            statements += database_statements(
                service, {role: passwords.of(role) for role in (owner, app)}
            )
            self._write(f"{service}.env", f"OTSP_{name}_DATABASE_URL={self._url(service, app)}\n")
            self._write(
                f"migrate-{service}.env",
                f"OTSP_{name}_MIGRATION_DATABASE_URL={self._url(service, owner)}\n",
            )
        self._write("databases.sql", "\n".join([*statements, ""]))

    def _url(self, service: str, role: str) -> str:
        password = Passwords(self.folder / "passwords.json").of(role)
        return f"postgresql://{role}:{password}@postgres:5432/{database_of(service)}"

    def _write_broker(self) -> None:
        password = Passwords(self.folder / "passwords.json").of("rabbitmq")
        self._write("broker.env", f"OTSP_AMQP_URL=amqp://otsp:{password}@rabbitmq:5672/otsp\n")
        self._write(
            "rabbitmq.conf",
            f"default_vhost = otsp\ndefault_user = otsp\ndefault_pass = {password}\n"
            "log.console = true\nlog.file = false\n",
        )

    def _write_optional(self, chosen: list[str]) -> None:
        passwords = Passwords(self.folder / "passwords.json")
        access, secret = passwords.of("s3-access"), passwords.of("s3-secret")
        lines = [line for profile in chosen for line in OPTIONAL[profile]]
        if "s3" in chosen:
            lines += [f"OTSP_S3_ACCESS_KEY={access}", f"OTSP_S3_SECRET_KEY={secret}"]
        self._write("optional.env", "".join(f"{line}\n" for line in lines))
        self._write("profiles", " ".join(chosen))
        identity = {
            "name": "otsp",
            "credentials": [{"accessKey": access, "secretKey": secret}],
            "actions": ["Admin", "Read", "List", "Tagging", "Write"],
        }
        self._write("s3.json", json.dumps({"identities": [identity]}))
        (self.folder / "s3.json").chmod(_READABLE_IN_CONTAINERS)

    def _write_once(self, name: str, text: str) -> None:
        if not (self.folder / name).is_file():
            self._write(name, text)

    def _write(self, name: str, text: str) -> None:
        write_secret(self.folder / name, text.encode())


def database_statements(service: str, passwords: dict[str, str]) -> list[str]:
    """For psql: the service's roles and database as `./dev` makes them; safe to repeat."""
    names = {
        "database": sql.Identifier(database_of(service)),
        "owner": sql.Identifier(owner_role(service)),
        "app": sql.Identifier(app_role(service)),
    }

    def told(statement: str) -> str:
        return sql.SQL(statement).format(**names).as_string(None)

    lines = []
    for role, password in passwords.items():
        lines += [
            _UNLESS.format(f"CREATE ROLE {role} LOGIN", "pg_roles", "rolname", role),
            f"ALTER ROLE {role} PASSWORD '{password}';",
        ]
    create = told("CREATE DATABASE {database} OWNER {owner}")
    lines.append(_UNLESS.format(create, "pg_database", "datname", database_of(service)))
    lines += [f"{told(statement)};" for statement in ON_DATABASE]
    lines.append(f"\\connect {database_of(service)}")
    lines += [f"{told(statement)};" for statement in ROWS_ONLY]
    return lines
