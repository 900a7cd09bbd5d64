"""The clock edge: periodic work, run by one replica at a time.

APScheduler keeps the time; an advisory lock keeps the replicas apart; `job_run` and a metric
tell when a job last succeeded, so that a missed one is seen.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import TypeVar
from uuid import UUID

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import claims, clock, drafts, files, idempotency, log, metrics, previews, tracing
from otsp_chassis.audit import sealing
from otsp_chassis.context import Call, Runtime, activate
from otsp_chassis.db import Tx, transaction, unavailable_database_told
from otsp_chassis.ids import new_id
from otsp_chassis.imports import commands as imports
from otsp_chassis.outage import Outage
from otsp_chassis.problems import Unavailable
from otsp_chassis.tables import job_run

_log = log.get_logger()
_DAILY_PACE = 600
"""How often a daily job looks whether a day is due, in seconds."""
NOTED_EVERY = timedelta(minutes=1)
"""How often `job_run` is told of a job that goes on succeeding: one that runs each second would
otherwise be a write a second in every service that rests.
"""
_LOCK = "SELECT pg_try_advisory_lock(hashtext('otsp-job'), hashtext(%(name)s))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('otsp-job'), hashtext(%(name)s))"
Function = TypeVar("Function", bound=Callable[[], None])
OfDay = TypeVar("OfDay", bound=Callable[[Tx, date], None])


@dataclass(frozen=True, slots=True)
class Job:
    """A function of `jobs` and its pace."""

    name: str
    seconds: float
    run: Callable[[], None]


def every(*, seconds: float) -> Callable[[Function], Function]:
    """Mark a function as periodic work. It opens its own transactions."""

    def mark(function: Function) -> Function:
        function.__otsp_every__ = seconds  # type: ignore[attr-defined]
        return function

    return mark


def daily(function: OfDay) -> OfDay:
    """Mark a function as the work of a business day: `(tx, day)`, called once for each day.

    What it does and that the day is done are one transaction: of several replicas one does it, a
    run that was cut off is done again, and days that nobody was there for are caught up in their
    order. The first day is the one on which the job is first seen.
    """
    function.__otsp_daily__ = True  # type: ignore[attr-defined]
    return function


def for_each(ids: Iterable[UUID], work: Callable[[UUID], None]) -> None:
    """The same work on each of several things, in transactions of its own.

    One that fails is logged by its id and does not keep the others waiting; the first failure is
    raised when all have had their turn, so that the job counts as failed and is run again.
    """
    failures = []
    for each in ids:
        try:
            work(each)
        except Unavailable:
            raise  # nobody else would fare better
        except Exception as error:  # noqa: BLE001 - the door of one thing among many
            _log.error("job_item_failed", item=str(each), exc_info=error)
            failures.append(error)
    if failures:
        raise failures[0]


def jobs_of(module: ModuleType | None) -> list[Job]:
    """The marked functions of a jobs module, and the chassis's own housekeeping."""
    return [
        *_own(module),
        Job("forget_old_idempotency_keys", 3_600, forget_old_idempotency_keys),
        Job("forget_old_drafts", 3_600, drafts.forget_old),
        Job("forget_old_claims", 3_600, claims.forget_old),
        Job("erase_imports", 600, imports.erase_outdated),
        Job("erase_orphaned_files", 3_600, files.erase_orphans),
        Job("forget_old_previews", 3_600, previews.forget_old),
        Job("seal_audit_trail", 1, sealing.seal_new),
        Job("seal_late_audit_entries", 3_600, sealing.seal_late),
    ]


def _own(module: ModuleType | None) -> Iterator[Job]:
    for name, member in vars(module).items() if module else ():
        if hasattr(member, "__otsp_every__"):
            yield Job(name, member.__otsp_every__, member)
        elif hasattr(member, "__otsp_daily__"):
            yield Job(name, _DAILY_PACE, partial(_each_day, name, member))


def _each_day(name: str, work: Callable[[Tx, date], None]) -> None:
    """Up to today; each day in a transaction of its own."""
    today = clock.today()
    while True:
        with transaction() as tx:
            begun = insert(job_run).values(name=name, done_until=today - timedelta(days=1))
            tx.execute(begun.on_conflict_do_nothing())
            this = select(job_run.c.done_until).where(job_run.c.name == name).with_for_update()
            done = tx.scalar(this) or today - timedelta(days=1)
            if done >= today:
                return
            day = done + timedelta(days=1)
            work(tx, day)
            tx.execute(update(job_run).where(job_run.c.name == name).values(done_until=day))


def forget_old_idempotency_keys() -> None:
    """Keys are kept for thirty days, then their answers are no longer owed."""
    with transaction() as tx:
        idempotency.forget_old(tx)


@dataclass(slots=True)
class Noted:
    """When `job_run` was last told of a success, by this process; None after a failure."""

    at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        return self.at is None or now - self.at >= NOTED_EVERY


def run_job(runtime: Runtime, job: Job, noted: Noted | None = None) -> bool:
    """Run it now unless another replica does; returns whether it ran here."""
    call = Call(f"job:{job.name}", request_id=str(new_id()), is_write=False)
    noted = noted or Noted()
    with (
        activate(runtime, call),
        runtime.database.autocommit.connect() as connection,
        _only_replica(connection, job.name) as alone,
    ):
        if not alone:
            return False
        try:
            with tracing.door(runtime.service, job.name, kind="internal"):
                job.run()
        except Exception as error:  # noqa: BLE001 - the job door: logged, counted, run again later
            _log.error("job_failed", job=job.name, exc_info=error)
            _note(connection, job.name, succeeded=False)
            noted.at = None
        else:
            now = clock.now()
            if noted.is_due(now):
                _note(connection, job.name, succeeded=True)
                noted.at = now
            metrics.JOB_LAST_SUCCESS.labels(runtime.service, job.name).set(now.timestamp())
    return True


def schedule(scheduler: BackgroundScheduler, runtime: Runtime, jobs: list[Job]) -> None:
    """Let the scheduler run the jobs; a run that is still going on is not started again.

    Each starts up to a tenth of its pace earlier or later: a run holds two connections, and all
    hourly jobs in one moment would hold the whole pool, each waiting for its second.
    """
    outage = Outage("jobs_lost_database", "jobs_found_database", service=runtime.service)
    for job in jobs:
        metrics.JOB_PERIOD.labels(runtime.service, job.name).set(job.seconds)
        scheduler.add_job(
            _run_unless_lost,
            "interval",
            args=(runtime, job, outage),
            kwargs={"noted": Noted()},
            seconds=job.seconds,
            jitter=job.seconds / 10,
            id=f"{runtime.service}.{job.name}",
            max_instances=1,
            coalesce=True,
        )


def _run_unless_lost(runtime: Runtime, job: Job, outage: Outage, *, noted: Noted) -> None:
    """A database that is away is one outage, however many jobs have their turn meanwhile."""
    try:
        with unavailable_database_told():
            run_job(runtime, job, noted)
    except Unavailable as error:
        outage.lasts(exc_info=error)
    else:
        outage.is_over()


@contextmanager
def _only_replica(connection: Connection, name: str) -> Iterator[bool]:
    """By a lock of the session: a transaction would stay open for as long as the job runs.

    A session that was lost has taken its lock along.
    """
    alone = bool(connection.exec_driver_sql(_LOCK, {"name": name}).scalar())
    try:
        yield alone
    finally:
        if alone and not connection.invalidated:
            connection.exec_driver_sql(_UNLOCK, {"name": name})


def _note(connection: Connection, name: str, *, succeeded: bool) -> None:
    values = {"last_success_at": clock.now(), "failures": 0} if succeeded else {}
    row = insert(job_run).values(name=name, **(values or {"failures": 1}))
    update = values or {"failures": job_run.c.failures + 1}
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=update))
