"""The gateway as a client sees it: sessions, requests that may be repeated, refusals.

Every write carries an Idempotency-Key, so that a lost answer is asked for again without doing the
work twice.
"""

import secrets
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

Json = Any
RETRIED = frozenset({429, 502, 503, 504})
ATTEMPTS = 6
POLL_SECONDS = 0.05


class Refused(Exception):
    """The platform's own words for not doing it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.problem = _problem_of(response)
        super().__init__(
            f"{response.request.method} {response.request.url.path}: {self.status}"
            f" {self.slug}: {self.problem.get('detail', '')}"
        )

    @property
    def slug(self) -> str:
        return str(self.problem.get("type", "")).removeprefix("urn:otsp:problem:")

    @property
    def errors(self) -> list[dict[str, str]]:
        """The field faults, or the refusal itself as the only one."""
        whole = {
            "pointer": "",
            "code": self.slug or str(self.status),
            "detail": str(self.problem.get("detail", "")),
        }
        return list(self.problem.get("errors") or [whole])


class NotInTime(Exception):
    """Something did not come to pass within its time."""


class LoginUnfinished(Exception):
    """A password alone does not open the account; a program has nothing else."""

    def __init__(self, username: str) -> None:
        super().__init__(
            f"{username} has a second factor, and a dossier is loaded by passwords alone: name an"
            " account without one in the accounts file (the demonstration's accounts have none)"
        )


class Gateway:
    """One platform, as nobody in particular; `login` gives a Session."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    @classmethod
    def at(cls, url: str) -> Self:
        return cls(httpx.Client(base_url=url, timeout=httpx.Timeout(30)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def post(self, path: str, body: Json) -> Json:
        return _send(self.http, "POST", path, body=body).json()

    def get(self, path: str, **query: str) -> Json:
        return _send(self.http, "GET", path, query=query).json()

    def login(self, username: str, password: str) -> "Session":
        """Raises Refused for a wrong password, LoginUnfinished where it is not enough."""
        answer = self.post("/api/auth/v1/sessions", {"username": username, "password": password})
        if "token" not in answer:
            raise LoginUnfinished(username)
        return Session(self.http, answer["token"], answer["account"])


class Session:
    """Somebody's session: the same platform, with a token."""

    def __init__(self, http: httpx.Client, token: str, account: dict[str, Json]) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        self.account = account

    def get(self, path: str, **query: str) -> Json:
        return _send(self._http, "GET", path, query=query, headers=self._headers).json()

    def list_all(self, path: str, **query: str) -> list[Json]:
        """Every item of a list, page by page."""
        items: list[Json] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, limit="100", **query, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["next"]
        return items

    def post(self, path: str, body: Json) -> Json:
        return _json(_send(self._http, "POST", path, body=body, headers=self._headers))

    def put(self, path: str, body: Json, *, of: str | None = None) -> Json:
        """Replace what is there now, or put it there.

        `of` is the resource whose version counts, where the path itself cannot be read.
        """
        version = self._version_of(of or path)
        headers = self._headers | ({"If-Match": version} if version else {})
        return _json(_send(self._http, "PUT", path, body=body, headers=headers))

    def upload(self, path: str, *, name: str, content: bytes, content_type: str) -> Json:
        headers = self._headers | {"Content-Type": content_type}
        query = {"name": name}
        return _send(self._http, "POST", path, content=content, headers=headers, query=query).json()

    def _version_of(self, path: str) -> str | None:
        try:
            response = _send(self._http, "GET", path, headers=self._headers)
        except Refused as refused:
            if refused.status == httpx.codes.NOT_FOUND:
                return None
            raise
        version: str | None = response.headers.get("ETag")
        return version


def wait_for(look: Callable[[], Json], done: Callable[[Json], bool], *, seconds: float) -> Json:
    """Look until done; raises NotInTime with what was seen last."""
    deadline = time.monotonic() + seconds
    while not done(seen := look()):
        if time.monotonic() > deadline:
            raise NotInTime(f"after {seconds:g} s still: {seen}")
        _pause(POLL_SECONDS)
    return seen


def _send(  # noqa: PLR0913 - an HTTP request has these parts
    http: httpx.Client,
    method: str,
    path: str,
    *,
    body: Json = None,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> httpx.Response:
    sent = dict(headers or {})
    if method != "GET" and content is None:
        sent["Idempotency-Key"] = secrets.token_urlsafe(24)
    for attempt in range(ATTEMPTS):
        response = http.request(
            method, path, json=body, content=content, headers=sent, params=query or None
        )
        if response.is_success:
            return response
        if response.status_code not in RETRIED or attempt == ATTEMPTS - 1:
            raise Refused(response)
        _pause(min(float(response.headers.get("Retry-After", "1")), 2.0**attempt / 5))
    raise AssertionError


def _json(response: httpx.Response) -> Json:
    return response.json() if response.content else None


def _problem_of(response: httpx.Response) -> dict[str, Json]:
    try:
        problem = response.json()
    except ValueError:
        return {"detail": response.text[:200]}
    return problem if isinstance(problem, dict) else {"detail": str(problem)[:200]}


def _pause(seconds: float) -> None:
    time.sleep(seconds)  # noqa: TID251 - a client polling a platform; nothing wakes it
