"""One drill from the first process to the report."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from drill import poison, timeline, trail
from drill.bystanders import gather
from drill.checker.check import Where, check
from drill.checker.found import Report
from drill.disk import SmallDisk, can_be_had
from drill.faults import Faults
from drill.journal import Journal
from drill.load import Load
from drill.schedule import DISK_FULL, Schedule
from drill.supervisor import Supervisor
from drill.topology import Topology, scratch_folder
from drill.town import Town, clock_offset_days, settle
from otsp_local.console import say, step
from otsp_local.environment import ROOT
from otsp_local.keys import PlatformKeys
from otsp_local.postgres import LocalPostgres
from otsp_local.rabbitmq import install_if_missing

DEFINITIONS = ROOT / "deploy" / "rabbitmq" / "definitions.json"
LONGER = 6.0
"""So many times the planned time the load may take to file what is wanted."""
KNOWING_SECONDS = 300.0
"""Once everything runs again: until every client knows what became of what it asked."""
QUIET_SECONDS = 180.0
LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of one drill."""

    schedule: Schedule
    submissions: int
    report: Path
    """A folder; made when it is missing."""
    quiet_seconds: float = QUIET_SECONDS


@dataclass(frozen=True, slots=True)
class Stand:
    """A platform that runs, and who lives there."""

    topology: Topology
    town: Town

    def hold(self, plan: Plan) -> Report:
        """One drill. Journal, schedule, report and logs are in the plan's folder afterwards."""
        plan.report.mkdir(parents=True, exist_ok=True)
        plan.schedule.write(plan.report / "schedule.json")
        (plan.report / "journal.jsonl").unlink(missing_ok=True)
        trail.begin(self.topology.database_urls().values())
        disk = _small_disk(self.topology, plan.schedule)
        supervisor = Supervisor(self.topology)
        supervisor.start()
        try:
            with Journal(plan.report / "journal.jsonl") as journal:
                journal.write("begun", at=time.time(), seed=plan.schedule.seed, keys=journal.keys)
                _live_through(plan, self, supervisor, disk=disk, journal=journal)
            return _judge(plan, self.topology)
        finally:
            supervisor.stop()  # what ends while it is judged leaves nothing undone either
            keep_logs(self.topology, plan.report / "logs")


@contextmanager
def standing(residents: int, *, bystanders: int = 0, is_wired: bool = True) -> Iterator[Stand]:
    """Everything is started for it, and removed after it."""
    install_if_missing()
    topology = Topology(scratch_folder(f"drill-{time.time_ns():x}"), is_wired)
    try:
        with ExitStack() as filling:
            topology.start(clock_offset_days(), partial(_fill, topology, bystanders, filling))
            town = settle(topology, residents)
        yield Stand(topology, town)
    finally:
        topology.stop()


def _fill(topology: Topology, bystanders: int, filling: ExitStack) -> None:
    filling.enter_context(_without_autovacuum(topology.platform.postgres))
    if bystanders:
        gather(topology, bystanders)


@contextmanager
def _without_autovacuum(postgres: LocalPostgres) -> Iterator[None]:
    """While rows are copied into whole tables: it writes an error to the log when it has to give
    one up.
    """
    with psycopg.connect(postgres.superuser_dsn(), autocommit=True) as superuser:
        superuser.execute("ALTER SYSTEM SET autovacuum = off")
        superuser.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            superuser.execute("ALTER SYSTEM RESET autovacuum")
            superuser.execute("SELECT pg_reload_conf()")


def _small_disk(topology: Topology, schedule: Schedule) -> SmallDisk | None:
    """Where the schedule wants one; None where it cannot be had."""
    if not any(each.do == DISK_FULL for each in schedule.faults):
        return None
    if not can_be_had():
        say("  the full disk is left out: only root can mount a small one")
        return None
    disk = SmallDisk(topology)
    disk.mount()
    return disk


def _live_through(
    plan: Plan, stand: Stand, supervisor: Supervisor, *, disk: SmallDisk | None, journal: Journal
) -> None:
    """Load and faults at once; then everything is mended, and the clients learn the rest."""
    topology, town = stand.topology, stand.town
    load = Load(topology.platform.gateway_url, town, journal=journal, seed=plan.schedule.seed)
    faults = Faults(topology, supervisor, journal=journal, disk=disk)
    try:
        with step(f"{plan.submissions} submissions, {len(plan.schedule.faults)} faults"):
            load.start(plan.submissions, plan.schedule.seconds)
            faults.perform(plan.schedule)
            _await_enough(load, journal, plan.schedule.seconds * LONGER)
        with step("everything runs again, and all know what became of what they asked"):
            supervisor.await_all()
            poison.give_up_sooner(topology.database_urls(), journal.planted)
            if not load.finish(KNOWING_SECONDS):
                say("  some were never told")
    finally:
        faults.stop()
        load.stop()
        crashes = {name: count for name, count in supervisor.crashes.items() if count}
        journal.write("ended", crashes=crashes)
    if crashes:
        say(f"  ended by themselves: {crashes}")


def _await_enough(load: Load, journal: Journal, until: float) -> None:
    while not load.is_enough() and journal.now < until:
        load.wait(LOOK_SECONDS)


def checked(topology: Topology, folder: Path, quiet_seconds: float) -> Report:
    """What the checker says of the journal in the folder."""
    where = Where(
        journal=folder / "journal.jsonl",
        databases=topology.database_urls(),
        amqp_url=topology.platform.rabbit.url,
        definitions=DEFINITIONS,
        receipt_keys=PlatformKeys(topology.folder / "keys").receipt_public,
        quiet_seconds=quiet_seconds,
    )
    with step("checking"):
        return check(where)


def _judge(plan: Plan, topology: Topology) -> Report:
    report = checked(topology, plan.report, plan.quiet_seconds)
    told = report.as_dict() | {"seed": plan.schedule.seed}
    (plan.report / "report.json").write_text(
        json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    timeline.write(plan.report / "journal.jsonl", told, plan.report / "timeline.html")
    return report


def keep_logs(topology: Topology, folder: Path) -> None:
    """What the processes said in their last lives: identities of rows, no personal data."""
    shutil.rmtree(folder, ignore_errors=True)
    for kept in (topology.folder, topology.folder / "postgres", topology.folder / "rabbitmq"):
        if (kept / "log").is_dir():
            shutil.copytree(kept / "log", folder, dirs_exist_ok=True)
