"""One surge or soak from the first login to the report."""

import json
import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg

from drill import trail
from drill.bystanders import OTHERS_OPEN_CASES
from drill.checker import asked
from drill.checker.found import Report
from drill.client import Client, Over
from drill.journal import Journal
from drill.run import Stand, checked, keep_logs
from drill.surge.arrivals import Applicant, Arrivals, Plan, Town
from drill.surge.desk import Desk
from drill.surge.outcome import Outcome, outcome_of
from drill.surge.sampling import PASSING, Sampler, read
from otsp_local.console import step
from otsp_local.processes import wait_until

DESKS = 6
"""Each reviewer's cases are decided at so many desks at once."""
DESK_SECONDS = 3.0
"""A desk that has nothing to decide looks again after so long: looking is a load, too."""
APPROVALS_A_RESIDENT = 0.25
PATIENCE_SECONDS = 30.0
"""So long after the last was due are those served who are late; then nobody is let in."""
IN_VAIN_SECONDS = 2.0
SETTLING_SECONDS = 600.0
"""After the last was due, until all is filed and decided; then it is left as it is."""
QUIET_SECONDS = 120.0
_IN_VAIN = (
    "SELECT application_id::text, institution_id::text FROM application"
    " WHERE state IN ('gather_failed', 'precheck_failed')"
)
_SUBMITTED = (
    "SELECT g.application_id::text, extract(epoch FROM g.ended_at)::float"
    " FROM gathering g JOIN application a USING (application_id, request_id)"
    " WHERE a.submitted_at IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Held:
    """What was held: the figures, and what the checker found."""

    outcome: Outcome
    report: Report
    samples: list[dict[str, Any]]
    load: tuple[float, float]
    """The machine's, before and after: nothing else may be at work, or a lot."""
    loaded_until: float
    """When the last submission was due, in seconds since the journal was begun."""


@dataclass(slots=True)
class Approvals:
    """Who is approved does not file again as a newcomer; most are to stay."""

    left: int

    def take_approval(self) -> bool:
        self.left -= 1
        return self.left >= 0


class Crowd:
    """Everybody who takes part, with their sessions."""

    def __init__(self, stand: Stand, journal: Journal, plan: Plan) -> None:
        self._stand, self._journal, self._plan = stand, journal, plan
        self._is_over, self._is_decided = Event(), Event()
        self._town = Town()
        self._approvals = Approvals(int(len(stand.town.residents) * APPROVALS_A_RESIDENT))
        self._arrivals = Arrivals(plan, self._town, is_over=self._is_over)
        self._clients: list[Client] = []
        self._threads: list[Thread] = []

    @property
    def was_empty(self) -> int:
        return self._town.was_empty

    def come(self) -> None:
        """Log everybody in; the reviewers sit down."""
        for number, resident in enumerate(self._stand.town.residents):
            client = self._client(f"institution-{number:03}")
            client.log_in(resident.login.username, resident.login.password)
            self._town.settle(Applicant(resident, client))
        for number, (login, colleague) in enumerate(self._stand.town.reviewers):
            client = self._client(f"reviewer-{number:03}")
            client.log_in(login.username, login.password)
            second = self._client(f"reviewer-{number:03}-second")
            second.log_in(colleague.username, colleague.password)
            for desk in range(DESKS):
                self._sit(client, second, number=desk)
        self._begin(self._tell_those_in_vain)

    def file(self) -> None:
        """Return when the last was due and served; who waited in vain until then has gone."""
        self._arrivals.run()
        self._arrivals.finish(PATIENCE_SECONDS)

    def _tell_those_in_vain(self) -> None:
        """Who cannot be judged has no case that anybody could close, and may file again."""
        url, told = self._stand.topology.database_urls()["compliance"], set[str]()
        with psycopg.connect(url, autocommit=True) as connection:
            while not self._is_decided.wait(IN_VAIN_SECONDS):
                for application_id, institution_id in connection.execute(_IN_VAIN).fetchall():
                    if application_id not in told:
                        told.add(application_id)
                        self._town.free(institution_id)

    def leave(self, *, seconds: float) -> None:
        """Once nothing is left to decide, or after so long."""
        url = self._stand.topology.database_urls()["compliance"]
        with psycopg.connect(url, autocommit=True) as connection:
            left = (PASSING, OTHERS_OPEN_CASES)
            wait_until(
                lambda: all(connection.execute(each).fetchone() == (0,) for each in left),
                seconds=seconds,
            )
        self._is_decided.set()
        for thread in self._threads:
            thread.join(60)

    def stop(self) -> None:
        """Whatever is still unknown stays so."""
        self._is_over.set()
        self._is_decided.set()
        for client in self._clients:
            client.close()

    def _sit(self, client: Client, second: Client, *, number: int) -> None:
        desk = Desk(
            client=client, second=second, number=number, of=DESKS,
            chance=random.Random(number), progress=self._approvals,  # noqa: S311 - no secret
            is_closing=self._is_decided, is_stopped=self._is_decided, free=self._town.free,
            between_seconds=DESK_SECONDS,
        )  # fmt: skip

        def work() -> None:
            with suppress(Over):
                desk.live()

        self._begin(work)

    def _begin(self, work: Callable[[], None]) -> None:
        self._threads.append(Thread(target=work, daemon=True))
        self._threads[-1].start()

    def _client(self, who: str) -> Client:
        url = self._stand.topology.platform.gateway_url
        client = Client(url, who, journal=self._journal, is_over=self._is_over)
        self._clients.append(client)
        return client


def hold(stand: Stand, plan: Plan, folder: Path, *, every_seconds: float) -> Held:
    """Journal, samples and logs are in the folder afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "journal.jsonl").unlink(missing_ok=True)
    trail.begin(stand.topology.database_urls().values())
    before = os.getloadavg()[0]
    try:
        with Journal(folder / "journal.jsonl") as journal:
            journal.write("begun", at=time.time(), seed=0, keys=journal.keys)
            _live_through(stand, plan, journal, folder=folder, every_seconds=every_seconds)
        after = os.getloadavg()[0]
        report = checked(stand.topology, folder, QUIET_SECONDS)
    finally:
        keep_logs(stand.topology, folder / "logs")
    told, samples = asked.read(folder / "journal.jsonl"), read(folder / "samples.jsonl")
    outcome = outcome_of(told, _submitted(stand), samples, rate=plan.rate, seconds=plan.seconds)
    until = outcome.end - begun_at(folder / "journal.jsonl")
    return Held(outcome, report, samples, (before, after), until)


def begun_at(journal: Path) -> float:
    """The journal's beginning, in seconds since 1970."""
    with journal.open(encoding="utf-8") as lines:
        first = json.loads(next(lines))
    return float(first["at"] - first["t"])


def _live_through(
    stand: Stand, plan: Plan, journal: Journal, *, folder: Path, every_seconds: float
) -> None:
    crowd = Crowd(stand, journal, plan)
    sampler = Sampler(stand.topology, folder / "samples.jsonl", lambda: journal.now, every_seconds)
    try:
        with step(f"{len(stand.town.residents)} logins"):
            crowd.come()
        sampler.start()
        with step(f"{plan.rate:g} submissions a second for {plan.seconds:.0f} s"):
            crowd.file()
        with step("until all is decided"):
            crowd.leave(seconds=SETTLING_SECONDS)
    finally:
        sampler.stop()
        crowd.stop()


def _submitted(stand: Stand) -> dict[str, float]:
    with psycopg.connect(stand.topology.database_urls()["compliance"]) as connection:
        return dict(connection.execute(_SUBMITTED).fetchall())
