"""One service under test: its own migrated database, its API, its inbox, its outbox."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from uuid import UUID

import flask
import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import select

from otsp_auth.rules.roles import scopes_of
from otsp_chassis import clock
from otsp_chassis.bus import LocalBus
from otsp_chassis.context import Call, activate
from otsp_chassis.identity import AuthorityClaim, IdentityMinter, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.jobs import run_job
from otsp_chassis.migrate import upgrade
from otsp_chassis.outbox import Relay
from otsp_chassis.service import Service
from otsp_chassis.tables import inbox, outbox
from otsp_contracts.envelope import Envelope, Payload
from otsp_local.postgres import LocalPostgres, ServiceDatabase
from otsp_testkit.client import Client
from otsp_testkit.keys import KeyFiles

CHEAP_HASHES = {"argon2_memory_kib": 64, "argon2_time_cost": 1}
"""A password costs 70 ms of processor as provinces have it, which production insists on."""
KEPT_TABLES = ("alembic_version", "working_day")
_TOUCHED = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> ALL(%s)
  AND (pg_relation_size(oid) > 0 OR EXISTS (
    SELECT FROM pg_sequence JOIN pg_depend ON objid = seqrelid AND deptype = 'i'
    WHERE refobjid = pg_class.oid AND pg_sequence_last_value(seqrelid) IS NOT NULL))
"""
"""Since it was emptied last: a vacuum takes the file of rows that were deleted, not their numbers.
To empty a table costs files, and after most tests most were not touched.
"""


class ServiceKit:
    """Drives one service as its neighbours do: requests in, events in, events out.

    The database is migrated once a session by its owner role; the service runs as the app role.
    """

    def __init__(
        self,
        service: Service,
        postgres: LocalPostgres,
        *,
        keys: KeyFiles,
        files_dir: Path,
        settings: Mapping[str, object],
    ) -> None:
        self.service, self.keys = service, keys
        self._database: ServiceDatabase = postgres.ensure_service_databases([service.name])[
            service.name
        ]
        upgrade(service.package, self._database.owner_url)
        given: dict[str, object] = {
            "env": "test",
            "database_url": self._database.app_url,
            "identity_public_keys": keys.identity_public,
            "pii_keys": keys.pii,
            "files_dir": files_dir,
            "claims_dir": files_dir.parent,
            "identity_private_key": keys.identity_private,
            "second_factor": "offered",
            **CHEAP_HASHES,
            "exempt_loopback": True,
            "audit_signing_key": keys.audit_private,
            "receipt_signing_key": keys.receipt_private,
            "receipt_public_keys": keys.receipt_public,
        }
        loaded = service.settings_class.load(service.name, **{**given, **settings})
        self.runtime = service.runtime_with(loaded)
        self._minter = IdentityMinter(keys.identity_private)
        self.work = service.work(self.runtime)

    @property
    def owner_url(self) -> str:
        return self._database.owner_url

    @cached_property
    def app(self) -> flask.Flask:
        return self.service.wsgi(self.runtime)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Stand behind a door, to call commands and queries directly."""
        with activate(self.runtime, Call("test", request_id=str(new_id()), is_write=False)):
            yield

    def anonymous(self) -> Client:
        return Client(self.app, self._minter, None)

    def as_principal(self, principal: Principal) -> Client:
        return Client(self.app, self._minter, principal)

    def as_institution(self, institution_id: UUID) -> Client:
        """The institution's own administrator (机构管理人员)."""
        return self.as_principal(
            Principal(
                account_id=new_id(),
                role="inst_admin",
                scopes=scopes_of("inst_admin"),
                session_id=str(new_id()),
                institution_id=institution_id,
            )
        )

    def as_authority(
        self,
        role: str = "reviewer",
        *,
        region: str = "330106",
        level: str = "county",
        department: str = "education",
        authority_id: UUID | None = None,
    ) -> Client:
        """Somebody of the supervising side: reviewer, region_admin, national_admin, auditor…"""
        return self.as_principal(
            Principal(
                account_id=new_id(),
                role=role,
                scopes=scopes_of(role),
                session_id=str(new_id()),
                authority=AuthorityClaim(authority_id or new_id(), level, department, region),
            )
        )

    def deliver(self, payload: Payload, *, times: int = 2) -> Envelope:
        """Let an event arrive; twice by default, because that is what the bus promises."""
        envelope = Envelope.around(payload, id=new_id(), time=clock.now())
        for _ in range(times):
            self.work.inbox.receive(envelope)
        return envelope

    def set_aside(self) -> list[str]:
        """Reasons of the events that failed here; empty when all is well."""
        query = select(inbox.c.type, inbox.c.error).where(inbox.c.state != "done")
        with self.runtime.database.autocommit.connect() as reader:
            return [f"{kind}: {error}" for kind, error in reader.execute(query)]

    def published(self, kind: type[Payload] | None = None) -> list[Envelope]:
        """Events waiting in the outbox, oldest first."""
        query = select(outbox.c.envelope).order_by(outbox.c.sequence)
        with self.runtime.database.autocommit.connect() as reader:
            envelopes = [Envelope.from_bytes(raw) for raw in reader.scalars(query)]
        return [each for each in envelopes if kind is None or each.type == kind.TYPE]

    def relay_to(self, bus: LocalBus) -> int:
        """Move what waits in the outbox to a bus; returns how many. Nothing costs no connection."""
        with self.runtime.database.autocommit.connect() as reader:
            is_empty = reader.scalar(select(outbox.c.sequence).limit(1)) is None
        return 0 if is_empty else Relay(self.runtime, bus).drain()

    def run_job(self, name: str) -> None:
        """One run of a periodic job."""
        job = next(job for job in self.work.jobs if job.name == name)
        run_job(self.runtime, job)

    def clean(self) -> None:
        """Empty every table, as the owner; the schema and the calendar stay."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            touched = connection.execute(_TOUCHED, [[*KEPT_TABLES]]).fetchall()
            if touched:
                emptied = SQL(", ").join(Identifier(name) for (name,) in touched)
                connection.execute(SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(emptied))

    def close(self) -> None:
        self.runtime.database.dispose()
