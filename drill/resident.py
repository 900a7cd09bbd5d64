"""One institution at work: it edits, files, waits, tries to edit all the same, withdraws."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from drill.client import Answer, Client, Command
from drill.editing import Kind
from drill.town import Resident as Person

Json = Any
APPLICATIONS = "/api/compliance/v1/applications"
GATHERING = frozenset({"locking", "gathering", "evaluating"})
FINAL = frozenset({"precheck_failed", "gather_failed", "approved", "returned", "rejected",
                   "withdrawn", "lapsed"})  # fmt: skip
LOOK_SECONDS = 0.4
GATHERED_SECONDS = 240.0
"""Later than any deadline of the platform: whoever waits longer has found what is stuck."""
REVIEW_SECONDS = 20.0
UNLOCKED_SECONDS = 120.0
LOCKED, CONFLICT, ACCEPTED = 423, 409, 202


class Shared(Protocol):
    """What residents have in common."""

    def count_filing(self) -> None: ...


@dataclass(slots=True, kw_only=True)
class Resident:
    """Its administrator, alone: what the next write finds is what the last one left."""

    client: Client
    person: Person
    kinds: Sequence[Kind]
    chance: random.Random
    progress: Shared
    is_closing: threading.Event
    pace_seconds: float
    _marks: dict[str, dict[str, str]] = field(default_factory=dict)
    _count: int = 0
    _is_retired: bool = False

    def live(self) -> None:
        """Until the drill closes, or until it is approved and has nothing more to file."""
        self.client.log_in(self.person.login.username, self.person.login.password)
        self.is_closing.wait(self.chance.uniform(0, self.pace_seconds))
        while not self.is_closing.is_set() and not self._is_retired:
            if self.chance.random() < 0.6:
                self._edit_until_unlocked(self.chance.choice(self.kinds))
            self._file_and_see()
            self.is_closing.wait(self.chance.uniform(0, self.pace_seconds))

    @property
    def _id(self) -> str:
        return str(self.person.institution_id)

    def _edit_until_unlocked(self, kind: Kind) -> None:
        """After a review the lock goes by an event: a moment later, or when the fault is over."""
        for _ in range(int(UNLOCKED_SECONDS / LOOK_SECONDS)):
            if self._edit(kind).status != LOCKED or self.is_closing.is_set():
                return
            self.is_closing.wait(LOOK_SECONDS * 4)

    def _edit(self, kind: Kind) -> Answer:
        rows = self.client.get(kind.list_of(self._id)).body["items"]
        path = f"{kind.list_of(self._id)}/{rows[0][kind.id_name]}"
        seen = self.client.get(path)
        self._count += 1
        mark, object_id = kind.value(self._count), str(rows[0][kind.id_name])
        facts = {"institution_id": self._id, "object_id": object_id, "field": kind.field,
                 "value": mark, "was": seen.body["version"]}  # fmt: skip
        answer = self.client.perform(
            Command(
                f"edit_{kind.service}", "PUT", path, kind.body(seen.body, self._count),
                if_match=seen.etag, told=("version",), facts=facts,
            )
        )  # fmt: skip
        if answer.is_ok:
            self._marks.setdefault(kind.service, {})[object_id] = mark
        return answer

    def _file_and_see(self) -> None:
        application_id = self._file()
        if application_id is None:
            return
        state = self._await(application_id, lambda now: now not in GATHERING, GATHERED_SECONDS)
        if state in FINAL or state in GATHERING:
            return
        if self.chance.random() < 0.3:
            self._edit(self.chance.choice(self.kinds))
        if self.chance.random() < 0.35:
            state = self._await(application_id, lambda now: now in FINAL, REVIEW_SECONDS)
        if state not in FINAL:
            self._withdraw(application_id)
        self._is_retired = self._state_of(application_id) == "approved"

    def _file(self) -> str | None:
        """The application; that of before when it is not over yet."""
        body = {"institution_id": self._id, "kind": "initial"}
        facts = {"institution_id": self._id, "shows": {k: dict(v) for k, v in self._marks.items()}}
        answer = self.client.perform(
            Command("file", "POST", APPLICATIONS, body, told=("application_id",), facts=facts)
        )
        if answer.status == ACCEPTED:
            self.progress.count_filing()
            return str(answer.body["application_id"])
        if answer.status == CONFLICT:
            return self._open_one()
        return None

    def _open_one(self) -> str | None:
        listed = self.client.get(APPLICATIONS).body["items"]
        found = [each for each in listed if each["state"] not in FINAL]
        return str(found[0]["application_id"]) if found else None

    def _withdraw(self, application_id: str) -> None:
        """May come too late: an authority decided first."""
        path = f"{APPLICATIONS}/{application_id}/withdrawal"
        facts = {"institution_id": self._id, "application_id": application_id}
        self.client.perform(Command("withdraw", "POST", path, told=("state",), facts=facts))

    def _await(self, application_id: str, is_it: Any, seconds: float) -> str:  # noqa: ANN401
        """The state when it is what is waited for, or at the end of the patience."""
        state = self._state_of(application_id)
        for _ in range(int(seconds / LOOK_SECONDS)):
            if is_it(state):
                break
            self.is_closing.wait(LOOK_SECONDS)
            state = self._state_of(application_id)
            if self.is_closing.is_set():
                break
        return state

    def _state_of(self, application_id: str) -> str:
        return str(self.client.get(f"{APPLICATIONS}/{application_id}").body["state"])
