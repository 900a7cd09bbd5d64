"""A client of the gateway that keeps a journal, and asks again with the same key when not told.

What a true client knows is what it was told: an answer, or nothing. Whatever came without an
answer that settles it is unknown, and is sent again, unchanged, until it is known.
"""

import hashlib
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from drill.journal import Journal

Json = Any
REQUEST_SECONDS = 15.0
AGAIN_SECONDS = 0.7
UNSETTLED = frozenset({500, 502, 503, 504})
"""Answers that say nothing about whether the work was done."""


class Over(Exception):
    """The drill ended before the platform gave an answer."""


@dataclass(frozen=True, slots=True)
class Command:
    """One write: what it is for the journal, and the request."""

    do: str
    method: str
    path: str
    body: Json = None
    if_match: str | None = None
    told: tuple[str, ...] = ()
    """What of the answer goes into the journal."""
    facts: dict[str, Json] | None = None
    """What else goes there: what the checker is to expect of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Json
    etag: str | None = None

    @property
    def is_ok(self) -> bool:
        return self.status < 300


class Client:
    """Somebody's session. `is_over` ends what waits."""

    def __init__(self, url: str, who: str, *, journal: Journal, is_over: threading.Event) -> None:
        self.who = who
        self._http = httpx.Client(base_url=url, timeout=REQUEST_SECONDS)
        self._journal = journal
        self._is_over = is_over
        self._headers: dict[str, str] = {}

    def close(self) -> None:
        self._http.close()

    def log_in(self, username: str, password: str) -> None:
        """As a person does; it is no command of the drill."""
        body = {"username": username, "password": password}

        def ask() -> Answer | None:
            answer = self._send(
                "POST",
                "/api/auth/v1/sessions",
                body=body,
                headers={"Idempotency-Key": secrets.token_hex(10)},
            )
            return answer if answer is not None and answer.is_ok else None

        token = self._until(ask).body["token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Answer:
        """As soon as it is answered."""
        return self._until(lambda: _settled(self._send("GET", path, body=None, headers={})))

    def perform(self, command: Command) -> Answer:
        """Until it is answered; every attempt is in the journal."""
        raw = b"" if command.body is None else json.dumps(command.body).encode()
        key = self._journal.keys + secrets.token_hex(10)
        self._journal.write(
            "intended", who=self.who, key=key, do=command.do, method=command.method,
            path=command.path, body_sha256=hashlib.sha256(raw).hexdigest(), **command.facts or {},
        )  # fmt: skip
        headers = {"Idempotency-Key": key}
        if command.if_match is not None:
            headers["If-Match"] = command.if_match
        attempt = 0

        def ask() -> Answer | None:
            nonlocal attempt
            attempt += 1
            self._journal.write("sent", key=key, attempt=attempt)
            answer = self._send(command.method, command.path, body=command.body, headers=headers)
            told = _settled(answer)
            if told is None:
                why = "nothing" if answer is None else str(answer.status)
                self._journal.write("unknown", key=key, attempt=attempt, why=why)
                return None
            self._journal.write(
                "answered", key=key, attempt=attempt, status=told.status, **_told(told, command)
            )
            return told

        return self._until(ask)

    def _send(
        self, method: str, path: str, *, body: Json, headers: dict[str, str]
    ) -> Answer | None:
        """None: no answer, or half of one."""
        try:
            response = self._http.request(method, path, json=body, headers=self._headers | headers)
            told = response.json() if response.content else None
        except (httpx.HTTPError, ValueError):
            return None
        return Answer(response.status_code, told, response.headers.get("ETag"))

    def _until(self, ask: Callable[[], Answer | None]) -> Answer:
        while not self._is_over.is_set():
            answer = ask()
            if answer is not None:
                return answer
            self._is_over.wait(AGAIN_SECONDS)
        raise Over


def _settled(answer: Answer | None) -> Answer | None:
    return None if answer is None or answer.status in UNSETTLED else answer


def _told(answer: Answer, command: Command) -> dict[str, Json]:
    if not isinstance(answer.body, dict):
        return {}
    if not answer.is_ok:
        return {"problem": str(answer.body.get("type", "")).removeprefix("urn:otsp:problem:")}
    return {"told": {name: answer.body.get(name) for name in command.told}}
