"""The load: how many residents and reviewers, how fast, until when."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from threading import Thread

from drill.client import Client, Over
from drill.editing import kinds
from drill.journal import Journal
from drill.resident import Resident
from drill.reviewer import Reviewer
from drill.town import Login, Town

APPROVALS_A_RESIDENT = 0.25
"""Who is approved has nothing more to file as a newcomer: most are to stay in the drill."""


@dataclass(slots=True)
class Progress:
    """What all threads know of each other: how many filings were acknowledged, what may be."""

    wanted: int
    filed: int = 0
    approvals_left: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def count_filing(self) -> None:
        with self._guard:
            self.filed += 1

    def take_approval(self) -> bool:
        """Whether one more may be approved."""
        with self._guard:
            self.approvals_left -= 1
            return self.approvals_left >= 0


class Load:
    """A thread for each institution and each reviewer, with a client of its own."""

    def __init__(self, url: str, town: Town, *, journal: Journal, seed: int) -> None:
        self._url, self._town, self._journal = url, town, journal
        self._seed = seed
        self._is_closing = threading.Event()
        self._is_over = threading.Event()
        self.progress = Progress(0)
        self._threads: list[Thread] = []
        self._clients: list[Client] = []

    def start(self, submissions: int, seconds: float) -> None:
        """So fast that as many are filed in the time as are wanted."""
        self.progress = Progress(
            submissions, approvals_left=int(len(self._town.residents) * APPROVALS_A_RESIDENT)
        )
        editable = kinds()
        pace = seconds * len(self._town.residents) / submissions
        for number, resident in enumerate(self._town.residents):
            client = self._client(f"institution-{number:03}")
            actor = Resident(
                client=client, person=resident, kinds=editable, chance=self._chance(number),
                progress=self.progress, is_closing=self._is_closing, pace_seconds=pace,
            )  # fmt: skip
            self._begin(actor.live)
        for number, (login, colleague) in enumerate(self._town.reviewers):
            client, second = (
                self._client(f"reviewer-{number:03}{which}") for which in ("", "-second")
            )
            reviewer = Reviewer(
                client=client, second=second, chance=self._chance(-1 - number),
                progress=self.progress, is_closing=self._is_closing,
            )  # fmt: skip
            self._begin(partial(_review, reviewer, login, colleague))

    def finish(self, seconds: float) -> bool:
        """Begin nothing new, and wait until everybody knows what became of what they asked."""
        self._is_closing.set()
        return self._join(seconds)

    def stop(self) -> None:
        """Whatever is still unknown stays so."""
        self._is_closing.set()
        self._is_over.set()
        self._join(60)
        for client in self._clients:
            client.close()

    def wait(self, seconds: float) -> None:
        """Unless it is being stopped."""
        self._is_over.wait(seconds)

    def is_enough(self) -> bool:
        return self.progress.filed >= self.progress.wanted

    def _join(self, seconds: float) -> bool:
        deadline = self._journal.now + seconds
        for thread in self._threads:
            thread.join(max(deadline - self._journal.now, 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _client(self, who: str) -> Client:
        client = Client(self._url, who, journal=self._journal, is_over=self._is_over)
        self._clients.append(client)
        return client

    def _chance(self, number: int) -> random.Random:
        return random.Random(f"{self._seed}/{number}")  # noqa: S311 - no secret

    def _begin(self, live: Callable[[], None]) -> None:
        def run() -> None:
            try:
                live()
            except Over:
                return

        self._threads.append(Thread(target=run, daemon=True))
        self._threads[-1].start()


def _review(reviewer: Reviewer, login: Login, colleague: Login) -> None:
    reviewer.client.log_in(login.username, login.password)
    reviewer.second.log_in(colleague.username, colleague.password)
    reviewer.live()
