"""When a submission was accepted and when it was submitted, told by the database itself.

A trigger on `application` NOTIFYs at the commit of either; the time of a submission lies between
the arrivals of the two at one listening connection. Ours and the floor carry the same trigger.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg

from otsp_local.console import StepFailed

WAIT_SECONDS = 180.0
ACCEPTED, SUBMITTED = "locking", "submitted"
_TRIGGER = """
CREATE FUNCTION bench_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('bench', NEW.application_id || ' ' || NEW.state); RETURN NULL; END $$;
CREATE TRIGGER bench_inserted AFTER INSERT ON application
FOR EACH ROW EXECUTE FUNCTION bench_tell();
CREATE TRIGGER bench_updated AFTER UPDATE OF state ON application
FOR EACH ROW WHEN (NEW.state NOT IN ('locking', 'gathering', 'evaluating'))
EXECUTE FUNCTION bench_tell();
"""


@dataclass(slots=True)
class Watch:
    """What was heard: a time of the monotonic clock for each state of each application."""

    _heard: dict[str, dict[UUID, float]] = field(default_factory=dict)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def hear(self, payload: str) -> None:
        now = time.monotonic()
        application_id, state = payload.split(" ")
        with self._news:
            self._heard.setdefault(state, {})[UUID(application_id)] = now
            self._news.notify_all()

    def forget(self) -> None:
        with self._news:
            self._heard.clear()

    def await_submitted(self, count: int) -> "Watched":
        """When that many are submitted since `forget`; one that ends otherwise ends the run."""
        with self._news:
            self._news.wait_for(lambda: self._is_over(count), WAIT_SECONDS)
            if len(self._heard.get(SUBMITTED, ())) < count:
                seen = {state: len(found) for state, found in self._heard.items()}
                raise StepFailed(f"{count} should have been submitted, but: {seen}")
            return Watched(dict(self._heard[ACCEPTED]), dict(self._heard[SUBMITTED]))

    def _is_over(self, count: int) -> bool:
        return sum(len(found) for state, found in self._heard.items() if state != ACCEPTED) >= count


@dataclass(frozen=True, slots=True)
class Watched:
    """Moments of submissions that all came through."""

    accepted: dict[UUID, float]
    submitted: dict[UUID, float]

    @property
    def milliseconds(self) -> list[float]:
        """Of each."""
        return [(self.submitted[each] - self.accepted[each]) * 1000 for each in self.submitted]

    @property
    def per_second(self) -> float:
        """From the first accepted to the last submitted."""
        whole = max(self.submitted.values()) - min(self.accepted.values())
        return len(self.submitted) / whole


@contextmanager
def watching(database_url: str) -> Iterator[Watch]:
    """`database_url` is the owner's: the trigger is made, and goes afterwards."""
    watch, stop = Watch(), threading.Event()
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_TRIGGER)
        connection.execute("LISTEN bench")

        def listen() -> None:
            while not stop.is_set():
                for told in connection.notifies(timeout=0.25):
                    watch.hear(told.payload)

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        try:
            yield watch
        finally:
            stop.set()
            thread.join()
            connection.execute("DROP FUNCTION bench_tell CASCADE")
