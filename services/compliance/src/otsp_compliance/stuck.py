"""What does not move here: applications and self-checks past their deadline, cases with nobody."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.stuck import Stuck, finds_stuck, tells_over
from otsp_compliance.queries import monitoring

_CHASED = "the job chase_sections ends it; where it stays, look at the worker of compliance"


@finds_stuck
def passing_applications(tx: Reader, before: datetime) -> Iterator[Stuck]:
    """What the system moves. Submitted and under review they wait for people."""
    for each in monitoring.passing_since(tx, before):
        yield Stuck("application", f"{each.id} is {each.state}", each.since, _CHASED)


@finds_stuck
def unread_applications(tx: Reader, before: datetime) -> Iterator[Stuck]:
    advice = "the job lapse_unread_applications ends it; look at the worker of compliance"
    for each in monitoring.unacknowledged_since(tx, before):
        yield Stuck("application", f"{each.id} waits for its warnings", each.since, advice)


@finds_stuck
def running_self_checks(tx: Reader, before: datetime) -> Iterator[Stuck]:
    for each in monitoring.self_checks_since(tx, before):
        yield Stuck("self_check", f"{each.id} is gathering", each.since, _CHASED)


@finds_stuck
def waiting_closings(tx: Reader, before: datetime) -> Iterator[Stuck]:
    """The service is asked again by a job; that it does not answer is seen where it is."""
    for each in monitoring.closing_since(tx, before):
        advice = f"is the worker of {each.state} running, has it dead letters?"
        yield Stuck("closing", f"{each.id} waits for {each.state}", each.since, advice)


@finds_stuck
def cases_with_nobody(tx: Reader, before: datetime) -> Iterator[Stuck]:
    advice = "no authority of its region is known: create one, or otsp republish auth"
    for each in monitoring.unrouted_since(tx, before):
        yield Stuck("case", f"{each.id} ({each.state}) lies with nobody", each.since, advice)


@tells_over
def applications_over(tx: Reader, application_ids: Sequence[UUID]) -> frozenset[UUID]:
    return monitoring.applications_over(tx, application_ids)
