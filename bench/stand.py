"""The test stand: a durable PostgreSQL with the sample's data, and the servers on it."""

import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from bench.rounds import CLIENT_CORES, SERVER_CORES, on_cores, scratch_folder
from otsp_chassis.identity import IdentityMinter, Principal
from otsp_chassis.ids import new_id
from otsp_chassis.migrate import upgrade
from otsp_local.environment import ROOT
from otsp_local.ports import LOOPBACK, free_port
from otsp_local.postgres import LocalPostgres, ServiceDatabase
from otsp_local.processes import ProcessFolder, Program
from otsp_local.settings import inherited_environment
from otsp_testkit.keys import KeyFiles, write_key_files

INSTITUTIONS, ITEMS_EACH = 50, 400
THREADS = 8
_START_SECONDS = 60
_SEED = """
INSERT INTO item (item_id, institution_id, name, kind, amount_fen, opened_on, closed_on, note,
  code, description, state, region_code, city, address, keeper, quantity, priority, weight_g,
  is_active, is_shared, checked_at, opens_at, created_at, updated_at, version)
SELECT gen_random_uuid(), institution_id, 'Item ' || institution_id || n, 'small', n * 100,
  date '2024-01-01' + n, NULL, 'note ' || md5(n::text), 'C-' || lpad(n::text, 8, '0'),
  'A description of moderate length, number ' || n, 'open', '330106', 'City', '1 Example Road',
  'Keeper ' || n, n, mod(n, 10), n * 7, mod(n, 2) = 0, false,
  timestamptz '2024-10-15' + n * interval '1 h', '08:30', now(), now(), 1
FROM unnest(%s::uuid[]) AS institution_id, generate_series(1, %s) AS n
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address and the root of its process tree."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Peer:
    """A module of bench.peers, the gunicorn worker it runs in, and which of its kinds it is."""

    module: str
    worker: tuple[str, ...] = ("gthread", "--threads", str(THREADS))
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stand:
    """One database and whatever servers are started on it."""

    database: ServiceDatabase
    keys: KeyFiles
    processes: ProcessFolder
    institution_id: UUID
    item_ids: list[UUID]

    def identity(self) -> str:
        """A token as the edge would pass it; fresh, because it lives for a minute."""
        principal = Principal(
            account_id=new_id(),
            role="inst_admin",
            scopes=frozenset({"sample:read", "sample:write"}),
            session_id=secrets.token_hex(16),
            institution_id=self.institution_id,
        )
        return IdentityMinter(self.keys.identity_private).mint(principal)

    def start_ours(self) -> Server:
        """The sample as `otsp api` runs a service: production settings, metrics on their port."""
        port = free_port()
        environment = {
            "OTSP_ENV": "production",
            "OTSP_SAMPLE_DATABASE_URL": self.database.app_url,
            "OTSP_IDENTITY_PUBLIC_KEYS": str(self.keys.identity_public),
            "OTSP_PII_KEYS": str(self.keys.pii),
            "OTSP_FILES_DIR": str(self.processes.directory),
            "OTSP_BIND": f"{LOOPBACK}:{port}",
            "OTSP_METRICS_PORT": str(free_port()),
            "OTSP_THREADS": str(THREADS),
        }
        arguments = ["-c", "python:otsp_chassis.gunicorn_conf"]
        application = "otsp_chassis.service:application('otsp_testkit.sample')"
        return self._start("ours", [*arguments, application], environment=environment, port=port)

    def start_peer(self, name: str, peer: "Peer") -> Server:
        """A peer under gunicorn, one worker like ours."""
        port = free_port()
        arguments = [
            "-k", *peer.worker, "-w", "1", "--keep-alive", "75", "--log-level", "warning",
            "--no-control-socket", "-b", f"{LOOPBACK}:{port}", f"bench.peers.{peer.module}:app",
        ]  # fmt: skip
        environment = {"BENCH_DATABASE_URL": self.database.app_url, **peer.environment}
        return self._start(name, arguments, environment=environment, port=port)

    def _start(
        self, name: str, arguments: Sequence[str], *, environment: Mapping[str, str], port: int
    ) -> Server:
        program = Program(
            name=name,
            arguments=[sys.executable, "-m", "gunicorn", *arguments],
            environment={**inherited_environment(), **environment},
            directory=ROOT,
            ready_url=f"http://{LOOPBACK}:{port}/readyz",
        )
        with on_cores(SERVER_CORES):
            self.processes.start(program)
        self.processes.await_ready([program], seconds=_START_SECONDS)
        pid = self.processes.pid_of(name)
        assert pid is not None, name
        return Server(port, pid)


@contextmanager
def standing() -> Iterator[Stand]:
    """Everything is removed at the end, whatever happened."""
    folder = scratch_folder()
    postgres = LocalPostgres(folder / "postgres", fsync=True)
    processes = ProcessFolder(folder)
    try:
        with on_cores(CLIENT_CORES):
            postgres.start()
        database = postgres.ensure_service_databases(["sample"])["sample"]
        upgrade("otsp_testkit.sample", database.owner_url)
        institution_id, item_ids = _seed(database)
        keys = write_key_files(folder)
        yield Stand(database, keys, processes, institution_id, item_ids)
    finally:
        processes.stop(processes.names())
        postgres.erase()
        shutil.rmtree(folder, ignore_errors=True)


def _seed(database: ServiceDatabase) -> tuple[UUID, list[UUID]]:
    institutions = [new_id() for _ in range(INSTITUTIONS)]
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        connection.execute(_SEED, (institutions, ITEMS_EACH))
        connection.execute("VACUUM ANALYZE item")
        found = connection.execute(
            "SELECT item_id FROM item WHERE institution_id = %s ORDER BY item_id",
            (institutions[0],),
        )
        return institutions[0], [row[0] for row in found]
