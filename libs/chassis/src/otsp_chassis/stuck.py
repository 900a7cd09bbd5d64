"""What should have moved and has not, as each service finds it in its own database.

The mechanisms are looked at here; a service's `stuck` room adds what only it understands, and
may say of applications whether they are over, for the locks that others hold for them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select, text

from otsp_chassis import clock
from otsp_chassis.context import Call, Runtime, activate
from otsp_chassis.db import Reader, reading
from otsp_chassis.ids import new_id
from otsp_chassis.jobs import NOTED_EVERY, Job
from otsp_chassis.tables import inbox, job_run, outbox, review_lock

MISSED_RUNS = 3
"""A job is late when it has not succeeded for so many of its periods."""

_RUNNING_JOBS = text(
    """
    SELECT activity.state_change FROM pg_locks held JOIN pg_stat_activity activity USING (pid)
    WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 2
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND held.classid::bigint = hashtext('otsp-job')::bigint & 4294967295
      AND held.objid::bigint = hashtext(:name)::bigint & 4294967295
    """
)
Function = TypeVar("Function", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Stuck:
    """One thing, or many of a kind: `since` is the oldest's moment, None when it never began."""

    kind: str
    what: str
    since: datetime | None
    advice: str


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A review lock that is in force."""

    institution_id: UUID
    application_id: UUID
    set_at: datetime


Find = Callable[[Reader, datetime], Iterable[Stuck]]
JudgeApplications = Callable[[Reader, Sequence[UUID]], frozenset[UUID]]


@dataclass(frozen=True, slots=True)
class Watch:
    """What a service knows of stuck things beyond the mechanisms."""

    finders: tuple[Find, ...] = ()
    over: JudgeApplications | None = None


def finds_stuck(function: Function) -> Function:
    """Mark a function of `stuck`: given a moment, it tells what has not moved since."""
    function.__otsp_finds_stuck__ = True  # type: ignore[attr-defined]
    return function


def tells_over(function: Function) -> Function:
    """Mark the function of `stuck` that tells which of these applications are over."""
    function.__otsp_tells_over__ = True  # type: ignore[attr-defined]
    return function


def watch_of(module: ModuleType | None) -> Watch:
    members = list(vars(module).values()) if module else []
    finders = tuple(each for each in members if hasattr(each, "__otsp_finds_stuck__"))
    over = next((each for each in members if hasattr(each, "__otsp_tells_over__")), None)
    return Watch(finders, over)


def find_stuck(
    runtime: Runtime, watch: Watch, jobs: Sequence[Job], *, older: timedelta
) -> list[Stuck]:
    """Everything of one service but its review locks, whose end somebody else knows."""
    before = clock.now() - older
    with _looking(runtime), reading() as reader:
        found = [*_outbox(reader, before), *_inbox(reader, before), *_jobs(reader, jobs, older)]
        for find in watch.finders:
            found += find(reader, before)
    return found


def held_locks(runtime: Runtime, *, older: timedelta) -> list[HeldLock]:
    """Locks in force that were set before; a review takes days, so most are as they should be."""
    held = review_lock.c
    query = select(held.institution_id, held.application_id, held.set_at).where(
        func.cardinality(held.scopes) > 0, held.set_at < clock.now() - older
    )
    with _looking(runtime), reading() as reader:
        return [HeldLock(*row) for row in reader.execute(query.order_by(held.set_at))]


def over_among(runtime: Runtime, watch: Watch, ids: Sequence[UUID]) -> frozenset[UUID] | None:
    """Which of these applications are over; None from a service that does not know any."""
    if watch.over is None:
        return None
    with _looking(runtime), reading() as reader:
        return watch.over(reader, ids)


def _looking(runtime: Runtime) -> AbstractContextManager[None]:
    return activate(runtime, Call("stuck", request_id=str(new_id()), is_write=False))


def _outbox(reader: Reader, before: datetime) -> Iterator[Stuck]:
    late = outbox.c.created_at < before
    query = select(func.count(), func.min(outbox.c.created_at), func.min(outbox.c.type))
    count, since, kind = reader.execute(query.where(late)).one()
    if count:
        yield Stuck(
            "outbox",
            f"{count} events not taken by the bus, {kind} among them",
            since,
            "look at this service's worker and at the broker; they leave by themselves",
        )


def _inbox(reader: Reader, before: datetime) -> Iterator[Stuck]:
    """Two queries, for the partial indexes of the two states."""
    row = inbox.c
    query = (
        select(row.type, func.count(), func.min(row.received_at), func.min(row.error))
        .group_by(row.type)
        .order_by(func.min(row.received_at))
    )
    for kind, count, since, why in reader.execute(query.where(row.state == "dead")):
        advice = "otsp dead-letters show, mend the cause, otsp dead-letters redrive"
        yield Stuck("dead", f"{count} {kind} given up: {why}", since, advice)
    waiting = query.where(row.state == "waiting", row.received_at < before)
    for kind, count, since, why in reader.execute(waiting):
        advice = "it is retried by itself; where not, look at this service's worker"
        yield Stuck("waiting", f"{count} {kind} not handled yet: {why}", since, advice)


def _jobs(reader: Reader, jobs: Sequence[Job], older: timedelta) -> Iterator[Stuck]:
    """One that never succeeded is only told of when it failed: it may not have been due yet."""
    runs = {
        row.name: (row.last_success_at, row.failures) for row in reader.execute(select(job_run))
    }
    now = clock.now()
    for job in jobs:
        begun = reader.execute(_RUNNING_JOBS, {"name": job.name}).scalar()
        last, failures = runs.get(job.name, (None, 0))
        allowed = max(older, timedelta(seconds=MISSED_RUNS * job.seconds)) + NOTED_EVERY
        is_late = failures > 0 if last is None else last < now - allowed
        if begun is not None and begun < now - older:
            advice = "restart the worker: a job begins again where it was"
            yield Stuck("job", f"{job.name} began and has not ended", begun, advice)
        elif is_late:
            advice = "look for job_failed in the log of this service's worker; does it run?"
            yield Stuck("job", f"{job.name} does not succeed, {failures} failures", last, advice)
