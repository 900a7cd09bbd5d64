"""What the metrics of submissions are set from, and what is overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis.db import Reader
from otsp_compliance.model import Application, Gathering, ReviewCase
from otsp_compliance.rules.states import FINAL


@dataclass(frozen=True, slots=True)
class Stage:
    """How many applications are in a state, and since when the oldest."""

    count: int
    oldest_since: datetime


def open_stages(tx: Reader) -> Mapping[str, Stage]:
    """By state, of the applications that are not over."""
    query = (
        select(Application.state, func.count(), func.min(Application.since))
        .where(Application.state.not_in([state.value for state in FINAL]))
        .group_by(Application.state)
    )
    return {state: Stage(count, since) for state, count, since in tx.execute(query)}


def running_gatherings(tx: Reader, asked_before: datetime) -> list[UUID]:
    """Gatherings whose sections were last asked for before that moment, oldest first."""
    query = (
        select(Gathering.request_id)
        .where(Gathering.state == "gathering", Gathering.asked_at < asked_before)
        .order_by(Gathering.began_at)
        .limit(200)
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
    query = (
        select(ReviewCase.case_id)
        .where(ReviewCase.state == "open", ReviewCase.authority_id.is_(None))
        .order_by(ReviewCase.case_id)
        .limit(200)
    )
    return list(tx.execute(query).scalars())
