"""What the flow tests share: three institutions at rest, their photograph, and a postman.

The samples are entered once a session, as `otsp dossier` enters them, up to the moment of
filing; a photograph of the six databases brings that moment back within a second, ids included.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import TypeVar

import httpx
import psycopg
import yaml
from psycopg.sql import SQL, Identifier

from otsp_chassis import clock
from otsp_chassis.bus import LocalBus
from otsp_chassis.service import Service
from otsp_chassis.worker import Worker
from otsp_cli.dossier import institution
from otsp_cli.dossier.completion import Completion
from otsp_cli.dossier.desk import Desk
from otsp_cli.dossier.gateway import Gateway, Session
from otsp_cli.dossier.registration import Registrar
from otsp_cli.dossier.run import Loader, Options
from otsp_cli.dossier.supervision import Accounts, Supervision
from otsp_contracts.envelope import Envelope
from otsp_contracts.snapshots.dossier import parse_dossiers
from otsp_testkit import PlatformKit
from otsp_testkit.service_kit import KEPT_TABLES

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "docs" / "samples.yaml"
DAY = date(2024, 10, 15)
"""The samples' day; the tests' business clock stands on it."""
COMPLIANCE = "/api/compliance/v1"
ADMIN = ("national-admin", "Aa1-beijing-2026")

Told = TypeVar("Told")

_TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
_REFERENCES = (
    "SELECT conrelid::regclass::text, confrelid::regclass::text"
    " FROM pg_constraint WHERE contype = 'f'"
)
_COUNTERS = (
    "SELECT attrelid::regclass::text, attname FROM pg_attribute"
    " WHERE attidentity <> '' AND attrelid::regclass::text = ANY(%s)"
)


def services() -> Iterator[Service]:
    """The six."""
    for name in ("auth", "institution", "staff", "materials", "courses", "compliance"):
        yield import_module(f"otsp_{name}.app").service


@contextmanager
def samples_day() -> Iterator[None]:
    """The business clock stands on the samples' day; the real one goes on."""
    clock.set_offset((DAY - clock.now().astimezone(clock.SHANGHAI).date()).days)
    try:
        yield
    finally:
        clock.set_offset(0)


def samples() -> list[dict]:
    """The three dossiers, to be changed at will."""
    return yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))


def renamed(part: object, names: dict[str, object]) -> object:
    """The same with other names for the rows, wherever they stand."""
    if isinstance(part, dict):
        return {key: renamed(value, names) for key, value in part.items()}
    if isinstance(part, list):
        return [renamed(value, names) for value in part]
    return names.get(part, part) if isinstance(part, str) else part


class Photograph:
    """The rows of the six databases at one moment, to be put back as the owner."""

    def __init__(self, platform: PlatformKit) -> None:
        self._rows = {kit.owner_url: _rows_of(kit.owner_url) for kit in platform.kits.values()}

    @property
    def size(self) -> dict[str, int]:
        """How many rows each table of each database has."""
        return {
            f"{url.rpartition('/')[2]}.{table}": content.count(b"\n")
            for url, rows in self._rows.items()
            for table, content in rows.items()
        }

    def put_back(self) -> None:
        for url, rows in self._rows.items():
            with psycopg.connect(url) as connection:
                for table in reversed(rows):  # quicker than TRUNCATE with so few rows
                    connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))
                for table, content in rows.items():
                    with connection.cursor().copy(_copy(table, "FROM STDIN")) as sink:
                        sink.write(content)
                _advance_counters(connection, list(rows))


class Postman:
    """Carries events between the services by hand; keeps a copy of each."""

    def __init__(self, platform: PlatformKit) -> None:
        self._kits = list(platform.kits.values())
        self._collected: list[Envelope] = []
        self.seen: list[Envelope] = []

    def publish(self, envelopes: Sequence[bytes]) -> list[bool]:
        """The side of a bus that the outboxes see."""
        self._collected += map(Envelope.from_bytes, envelopes)
        return [True] * len(envelopes)

    def collect(self) -> list[Envelope]:
        """Everything that waits in an outbox."""
        self._collected = []
        for kit in self._kits:
            kit.relay_to(self)
        self.seen += self._collected
        return self._collected

    def deliver(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            for kit in self._kits:
                if envelope.type in kit.work.inbox.types:
                    kit.work.inbox.receive(envelope)

    def settle(self, arrange: Callable[[list[Envelope]], list[Envelope]] = list) -> None:
        """Until nothing waits; `arrange` decides what arrives, how often and in which order."""
        while envelopes := self.collect():
            self.deliver(arrange(envelopes))

    def retry(self) -> None:
        """An hour passes, and what was set aside is tried again."""
        with clock.frozen(clock.now() + timedelta(hours=1)):
            for kit in self._kits:
                kit.work.inbox.retry_due()


class ListeningBus(LocalBus):
    """Keeps what it carried."""

    def __init__(self, unheard: frozenset[str]) -> None:
        super().__init__(unheard=unheard)
        self.heard: list[Envelope] = []

    def publish(self, envelopes: Sequence[bytes]) -> list[bool]:
        self.heard += map(Envelope.from_bytes, envelopes)
        return super().publish(envelopes)


@contextmanager
def working_on(bus: LocalBus, platform: PlatformKit) -> Iterator[None]:
    """All background halves run over this bus."""
    worker = Worker(bus, [kit.work for kit in platform.kits.values()])
    worker.start()
    try:
        yield
    finally:
        worker.stop()


class Town:
    """The samples A, B and C, entered and registered, and whoever supervises them.

    `heard` are the events and `answers` the answers of how it came about.
    """

    def __init__(self, platform: PlatformKit, folder: Path) -> None:
        self.platform = platform
        self._accounts = folder / "accounts.json"
        self.answers: list[httpx.Response] = []
        bus = ListeningBus(platform.unheard)
        self.heard = bus.heard
        http = platform.http()
        http.event_hooks = {"response": [self.answers.append]}
        with working_on(bus, platform):
            self.supervision = supervise(platform, self._accounts, Gateway(http))
            loader = loader_of(platform, self.supervision, Gateway(http))
            self.entered = loader.entered
            self.desks = {
                dossier.sample: loader._enter(dossier, Completion(dossier, DAY, is_on=True))
                for dossier in parse_dossiers(samples())
            }
        http.event_hooks = {}
        platform.settle()
        self._photograph = Photograph(platform)
        self._moments: dict[str, tuple[object, Photograph]] = {}
        self._known = copy.copy(vars(self.supervision))
        self._known_accounts = self._accounts.read_text(encoding="utf-8")

    def restore(self) -> None:
        self._photograph.put_back()
        vars(self.supervision).update(
            {name: copy.copy(value) for name, value in self._known.items() if name != "_accounts"}
        )
        self._accounts.write_text(self._known_accounts, encoding="utf-8")
        self.supervision._accounts = Accounts(self._accounts)

    def moment(self, name: str, reach: Callable[[], Told]) -> Told:
        """What `reach` leads to from a restored town; gone to once, then put back."""
        if name not in self._moments:
            self._moments[name] = (reach(), Photograph(self.platform))
            return self._moments[name][0]
        told, photograph = self._moments[name]
        photograph.put_back()
        return told

    def load(self, documents: list[dict], **options: object) -> list[dict]:
        """Further dossiers, as `otsp dossier` does them."""
        return load(self.platform, self.supervision, documents, **options)

    def clerk(self, sample: str) -> Session:
        """The session of the institution's administrator."""
        return self.desks[sample].session

    def ids(self, sample: str) -> dict[str, str]:
        """The platform's ids of the rows that the sample names, whatever they are."""
        return {name: row_id for (_, name), row_id in self.desks[sample].ids.items()}

    def path(self, sample: str, service: str, *parts: str) -> str:
        return self.desks[sample].path(service, *parts)

    def call(self, sample: str, method: str, path: str, **options: object):
        """One bare request of the institution's administrator; the answer as it came."""
        return self.platform.http(self.token(sample)).request(method, path, **options)

    def token(self, sample: str) -> str:
        return self.token_of(self.clerk(sample))

    @staticmethod
    def token_of(session: Session) -> str:
        return session._headers["Authorization"].removeprefix("Bearer ")

    def newcomer(self, document: dict) -> Desk:
        """An account and a registration that is filled in but not handed in."""
        [dossier] = parse_dossiers([document])
        completion = Completion(dossier, DAY, is_on=True)
        opened = Registrar(Gateway(self.platform.http())).register()
        desk = Desk(opened.session, opened.institution_id, dossier, completion)
        registration = institution.registration_of(dossier, completion)
        path = desk.path("institution", "registration")
        desk.session.put(path, registration, of=desk.path("institution"))
        self.platform.settle()
        return desk

    def reviewer(self, region_code: str, department: str = "education", level: str = "county"):
        """A session of a reviewer there."""
        office = self.supervision.office(department, level, region_code)
        return self.supervision.as_role(office, "reviewer")

    def head(self, region_code: str):
        """A session of the region administrator there, the second pair of eyes."""
        office = self.supervision.office("education", "county", region_code)
        return self.supervision.as_role(office, "region_admin")

    def file(self, sample: str, **changed: object) -> str:
        """File an application; its id. Nothing is gathered yet."""
        body = {"institution_id": self.desks[sample].institution_id, "kind": "initial"} | changed
        return self.clerk(sample).post(f"{COMPLIANCE}/applications", body)["application_id"]

    def filed(self, sample: str, **changed: object) -> dict:
        """File, let everything happen, and look."""
        application_id = self.file(sample, **changed)
        self.platform.settle()
        return self.application(sample, application_id)

    def application(self, sample: str, application_id: str) -> dict:
        return self.clerk(sample).get(f"{COMPLIANCE}/applications/{application_id}")

    def withdraw(self, sample: str, application_id: str) -> None:
        self.clerk(sample).post(f"{COMPLIANCE}/applications/{application_id}/withdrawal", None)
        self.platform.settle()

    def self_check(self, sample: str, as_of: date | None = None) -> dict:
        body = {
            "institution_id": self.desks[sample].institution_id,
            "as_of": as_of.isoformat() if as_of else None,
        }
        begun = self.clerk(sample).post(f"{COMPLIANCE}/self-checks", body)
        self.platform.settle()
        return self.clerk(sample).get(f"{COMPLIANCE}/self-checks/{begun['self_check_id']}")


def supervise(
    platform: PlatformKit, accounts_file: Path, gateway: Gateway | None = None
) -> Supervision:
    """The supervising side, beginning with the one account that no one can register."""
    from otsp_auth.bootstrap import ensure_national_admin

    accounts = Accounts(accounts_file)
    username, password = ADMIN
    ensure_national_admin(username, password, runtime=platform.kits["auth"].runtime)
    accounts.keep("national_admin", username=username, password=password)
    return Supervision(gateway or Gateway(platform.http()), accounts)


def loader_of(
    platform: PlatformKit,
    supervision: Supervision,
    gateway: Gateway | None = None,
    **options: object,
) -> Loader:
    chosen = Options(**{"is_self_check": False, **options})
    gateway = gateway or Gateway(platform.http())
    return Loader(gateway, supervision, options=chosen, say=lambda _: None)


def load(
    platform: PlatformKit, supervision: Supervision, documents: list[dict], **options: object
) -> list[dict]:
    """Load dossiers as `otsp dossier` does, while all background halves run."""
    with platform.working():
        loader = loader_of(platform, supervision, **options)
        return list(loader.results(parse_dossiers(documents)))


def _rows_of(url: str) -> dict[str, bytes]:
    """Every table's rows, a table after those that it refers to."""
    with psycopg.connect(url) as connection:
        graph = {name: set() for (name,) in connection.execute(_TABLES) if name not in KEPT_TABLES}
        for table, target in connection.execute(_REFERENCES):
            if table != target:
                graph[table].add(target)
        return {
            table: b"".join(bytes(part) for part in source)
            for table in TopologicalSorter(graph).static_order()
            for source in _copied(connection, table)
        }


def _copied(connection: psycopg.Connection, table: str):
    with connection.cursor().copy(_copy(table, "TO STDOUT")) as source:
        yield source


def _copy(table: str, direction: str):
    return SQL("COPY {} " + direction).format(Identifier(table))


def _advance_counters(connection: psycopg.Connection, tables: list[str]) -> None:
    for table, column in connection.execute(_COUNTERS, [tables]).fetchall():
        connection.execute(
            SQL("SELECT setval(pg_get_serial_sequence({}, {}), max({}) + 1) FROM {}").format(
                table, column, Identifier(column), Identifier(table)
            )
        )
