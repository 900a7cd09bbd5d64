"""What the metrics of submissions are set from, and what is overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, literal, or_, select

from otsp_chassis.db import Reader
from otsp_chassis.tables import job_run
from otsp_compliance.model import (
    Application,
    CaseClock,
    ClosingStep,
    Gathering,
    Notice,
    Rectification,
    ReviewCase,
)
from otsp_compliance.model.gathering import RUNNING
from otsp_compliance.queries.clocks import light_today
from otsp_compliance.rules.clocks import Light, Phase
from otsp_compliance.rules.states import FINAL, State


@dataclass(frozen=True, slots=True)
class Stage:
    """How many applications are in a state, and since when the oldest."""

    count: int
    oldest_since: datetime


@dataclass(frozen=True, slots=True)
class Late:
    """Something past its time: what it is, how it stands, since when."""

    id: UUID
    state: str
    since: datetime | None


_PASSING = (State.LOCKING, State.GATHERING, State.EVALUATING)
"""No person is waited for in these."""

_UNFINISHED = [state.value for state in State if state not in FINAL]
"""Named one by one: the index is not read through what is over."""

_AT_MOST = 200


def open_stages(tx: Reader) -> Mapping[str, Stage]:
    """By state, of the applications that are not over."""
    query = (
        select(Application.state, func.count(), func.min(Application.since))
        .where(Application.state.in_(_UNFINISHED))
        .group_by(Application.state)
    )
    return {state: Stage(count, since) for state, count, since in tx.execute(query)}


def late_gatherings(tx: Reader, *, asked_by: Sequence[datetime], began_by: datetime) -> list[UUID]:
    """Those to ask for again or to give up, oldest first.

    Asked for again `n` times, a gathering is late that was last asked for by `asked_by[n]`.
    """
    is_late = [
        (Gathering.repeats == done) & (Gathering.asked_at <= moment)
        for done, moment in enumerate(asked_by)
    ]
    query = (
        select(Gathering.request_id)
        .where(Gathering.state == RUNNING, or_(Gathering.began_at <= began_by, *is_late))
        .order_by(Gathering.began_at)
        .limit(200)
    )
    return list(tx.execute(query).scalars())


def unanswered_notices(tx: Reader, today: date) -> list[UUID]:
    """Applications whose notice was not answered in time."""
    query = (
        select(Application.application_id)
        .join(Notice, Notice.application_id == Application.application_id)
        .where(
            Application.state == State.SUPPLEMENTING.value,
            Notice.answered_on.is_(None),
            Notice.due_on < today,
        )
        .limit(_AT_MOST)
    )
    return list(tx.execute(query).scalars())


def waiting_closings(tx: Reader, asked_before: datetime) -> list[UUID]:
    """Deregistrations with a service that was last asked before that moment, oldest first."""
    query = (
        select(ClosingStep.application_id)
        .where(ClosingStep.done_at.is_(None), ClosingStep.asked_at < asked_before)
        .group_by(ClosingStep.application_id)
        .order_by(ClosingStep.application_id)
        .limit(_AT_MOST)
    )
    return list(tx.execute(query).scalars())


def unacknowledged(tx: Reader, at: datetime) -> list[UUID]:
    """Applications whose warnings were not read in time."""
    query = select(Application.application_id).where(
        Application.state == "awaiting_acknowledgement", Application.acknowledge_by < at
    )
    return list(tx.execute(query.limit(200)).scalars())


def unrouted_cases(tx: Reader) -> list[UUID]:
    """Open cases for which no authority was known."""
    return list(tx.execute(_UNROUTED).scalars())


def passing_since(tx: Reader, before: datetime) -> list[Late]:
    """Applications that the system should have moved on, the longest first."""
    query = select(Application.application_id, Application.state, Application.since).where(
        Application.state.in_([state.value for state in _PASSING]), Application.since < before
    )
    return [Late(*row) for row in tx.execute(query.order_by(Application.since).limit(_AT_MOST))]


def unacknowledged_since(tx: Reader, before: datetime) -> list[Late]:
    """Applications whose last moment for reading the warnings is over since then."""
    query = select(Application.application_id, Application.state, Application.acknowledge_by).where(
        Application.state == State.AWAITING_ACKNOWLEDGEMENT.value,
        Application.acknowledge_by < before,
    )
    rows = tx.execute(query.order_by(Application.acknowledge_by).limit(_AT_MOST))
    return [Late(*row) for row in rows]


def self_checks_since(tx: Reader, before: datetime) -> list[Late]:
    query = select(Gathering.request_id, Gathering.state, Gathering.began_at).where(
        Gathering.state == "gathering",
        Gathering.application_id.is_(None),
        Gathering.began_at < before,
    )
    return [Late(*row) for row in tx.execute(query.order_by(Gathering.began_at).limit(_AT_MOST))]


def closing_since(tx: Reader, before: datetime) -> list[Late]:
    """Services whose part of a closing that began before that moment is not done."""
    query = (
        select(ClosingStep.application_id, ClosingStep.service, Application.since)
        .join(Application, Application.application_id == ClosingStep.application_id)
        .where(ClosingStep.done_at.is_(None), Application.since < before)
        .order_by(Application.since, ClosingStep.service)
    )
    return [Late(*row) for row in tx.execute(query.limit(_AT_MOST))]


def unrouted_since(tx: Reader, before: datetime) -> list[Late]:
    """Open cases for which no authority has been known since then."""
    query = select(ReviewCase.case_id, ReviewCase.kind, ReviewCase.created_at).where(
        ReviewCase.state == "open",
        ReviewCase.authority_id.is_(None),
        ReviewCase.created_at < before,
    )
    return [Late(*row) for row in tx.execute(query.order_by(ReviewCase.case_id).limit(_AT_MOST))]


def applications_over(tx: Reader, application_ids: Sequence[UUID]) -> frozenset[UUID]:
    query = select(Application.application_id).where(
        Application.application_id.in_(application_ids),
        Application.state.in_([state.value for state in FINAL]),
    )
    return frozenset(tx.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class ClockGroup:
    """How many clocks of a phase and step show a light."""

    phase: str
    step_no: int
    light: str
    count: int


def clock_groups(tx: Reader) -> list[ClockGroup]:
    light = light_today().label("light")
    query = (
        select(CaseClock.phase, CaseClock.step_no, light, func.count())
        .where(CaseClock.ended_on.is_(None))
        .group_by(CaseClock.phase, CaseClock.step_no, light)
    )
    return [ClockGroup(*row) for row in tx.execute(query)]


def oldest_due(tx: Reader) -> date | None:
    """The earliest due day of a clock that runs; that of a paused one moves along with today."""
    query = select(func.min(CaseClock.due_on)).where(CaseClock.ended_on.is_(None))
    found: date | None = tx.execute(query).scalar()
    return found


def unanswered(tx: Reader, until: date) -> list[UUID]:
    """Cases of some authority whose acceptance is due by that day, the longest first."""
    query = select(CaseClock.case_id).join(ReviewCase, ReviewCase.case_id == CaseClock.case_id)
    query = query.where(
        ReviewCase.authority_id.is_not(None),
        CaseClock.ended_on.is_(None),
        CaseClock.phase == Phase.ACCEPT,
        CaseClock.due_on <= until,
    )
    return list(tx.execute(query.order_by(CaseClock.due_on).limit(_AT_MOST)).scalars())


def untold_lights(tx: Reader) -> list[UUID]:
    """Cases whose decision is later than was told, the longest first."""
    told = func.coalesce(CaseClock.told_light, Light.GREEN)
    query = select(CaseClock.case_id).where(
        CaseClock.ended_on.is_(None),
        CaseClock.phase == Phase.DECIDE,
        light_today().in_([Light.AMBER, Light.RED]),
        told != Light.RED,
        told != light_today(),
    )
    return list(tx.execute(query.order_by(CaseClock.due_on).limit(_AT_MOST)).scalars())


def last_backup(tx: Reader) -> datetime | None:
    """`otsp backup` writes it here, wherever it runs."""
    return tx.execute(
        select(job_run.c.last_success_at).where(job_run.c.name == "backup")
    ).scalar_one_or_none()


def rectification_counts(tx: Reader) -> dict[tuple[str, str], int]:
    """How many tasks there are, by kind and status."""
    query = select(Rectification.kind, Rectification.status, func.count()).group_by(
        Rectification.kind, Rectification.status
    )
    return {(kind, status): count for kind, status, count in tx.execute(query)}


# Made once: every profile that an institution tells asks it.
_UNROUTED = (
    select(ReviewCase.case_id)
    .where(
        ReviewCase.state == literal("open", literal_execute=True), ReviewCase.authority_id.is_(None)
    )
    .order_by(ReviewCase.case_id)
    .limit(200)
)
