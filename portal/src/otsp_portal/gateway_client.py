"""The only way to the platform: the gateway's API, as the person in front of the browser.

One connection pool a process; one `Api` a request, which knows the session, the client's address
and the request id. What the platform refuses is raised as `Refusal` with its own Chinese words.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

import httpx
import orjson

from otsp_chassis import tracing

Json = Any
_PROBLEM = "application/problem+json"
_CHUNK = 64 * 1024


class Refusal(Exception):
    """The platform did not do it, and says why (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Json], retry_after: int | None) -> None:
        self.status = status
        self.slug = str(problem.get("type", "")).removeprefix("urn:otsp:problem:")
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, str]] = list(problem.get("errors", ()))
        self.request_id = str(problem.get("instance", ""))
        self.problem = problem
        self.retry_after = retry_after
        super().__init__(f"{status} {self.slug}")

    @staticmethod
    def of(response: httpx.Response) -> "Refusal":
        """SessionEnded for 401, else Refusal; a body that is no problem is one without words."""
        is_problem = response.headers.get("Content-Type", "").startswith(_PROBLEM)
        problem = orjson.loads(response.read()) if is_problem else {}
        wait = response.headers.get("Retry-After", "")
        kind = SessionEnded if response.status_code == httpx.codes.UNAUTHORIZED else Refusal
        return kind(response.status_code, problem, int(wait) if wait.isdecimal() else None)


class SessionEnded(Refusal):
    """401: there is no session, or no longer."""


class Unreachable(Exception):
    """The gateway does not answer: nothing is known about what was asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back with a write."""

    status: int
    body: Json
    etag: str | None
    location: str | None


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom the platform is asked. `is_passive`: nobody touched a key, the session grows old."""

    token: str | None
    address: str
    request_id: str
    user_agent: str = ""
    is_passive: bool = False

    def headers(self) -> dict[str, str]:
        told = {"X-Forwarded-For": self.address, "X-Request-Id": self.request_id}
        if self.user_agent:
            told["User-Agent"] = self.user_agent
        if self.token:
            told["Authorization"] = f"Bearer {self.token}"
        if self.is_passive:
            told["OTSP-Passive"] = "true"
        return told


class Gateway:
    """The process's connections and threads."""

    def __init__(self, url: str, *, timeout: float, at_once: int) -> None:
        self.http = httpx.Client(
            base_url=url,
            timeout=httpx.Timeout(timeout, connect=3),
            limits=httpx.Limits(max_connections=at_once * 2, max_keepalive_connections=at_once),
            trust_env=False,
        )
        self.pool = ThreadPoolExecutor(at_once, thread_name_prefix="gateway")

    def called_by(self, caller: Caller) -> "Api":
        return Api(self, caller)

    def ping(self) -> None:
        """Raises Unreachable where nothing answers."""
        try:
            self.http.get("/api/auth/v1/password-policy")
        except httpx.TransportError as error:
            raise Unreachable(type(error).__name__) from error

    def close(self) -> None:
        self.pool.shutdown(cancel_futures=True)
        self.http.close()


@dataclass(slots=True)
class Api:
    """The platform as one caller sees it."""

    _gateway: Gateway
    caller: Caller
    session_expires_at: str | None = field(default=None)
    rounds: int = 0
    """Answers that were waited for one after the other; what was asked together is as many as the
    longest of it (docs/portal.md).
    """

    def get(self, path: str, **query: Json) -> Json:
        """The body; raises Refusal. A list as a value is repeated, None is left out."""
        return self._send("GET", path, query=query).body

    def find(self, path: str, **query: Json) -> Json | None:
        """As `get`, but None for what is not there (404)."""
        try:
            return self.get(path, **query)
        except Refusal as refusal:
            if refusal.status == httpx.codes.NOT_FOUND:
                return None
            raise

    def read(self, path: str, **query: Json) -> Answer:
        """As `get`, with the ETag that a replacement needs."""
        return self._send("GET", path, query=query)

    def post(self, path: str, body: Json = None, *, key: str | None = None) -> Answer:
        return self._send("POST", path, body=body, headers=_idempotency(key))

    def put(
        self, path: str, body: Json, *, of: str | None = None, key: str | None = None
    ) -> Answer:
        """`of` is the ETag, or the version number, of what is replaced."""
        headers = _idempotency(key) | ({"If-Match": _etag(of)} if of else {})
        return self._send("PUT", path, body=body, headers=headers)

    def delete(self, path: str, *, of: str | None = None, key: str | None = None) -> Answer:
        headers = _idempotency(key) | ({"If-Match": _etag(of)} if of else {})
        return self._send("DELETE", path, headers=headers)

    def with_token(self, token: str) -> "Api":
        """The same caller by another proof: an applicant, a data subject."""
        return self._gateway.called_by(replace(self.caller, token=token))

    def upload(
        self,
        path: str,
        content: BinaryIO,
        *,
        name: str,
        kind: str,
        query: Mapping[str, str] | None = None,
    ) -> Json:
        """Stream a file to `…/files`; the stored file as JSON."""
        told = {"Content-Type": kind, "Content-Length": str(_length(content))}
        named = {"name": name, **(query or {})}
        return self._send("POST", path, query=named, content=_chunks(content), headers=told).body

    def stream(self, path: str, headers: Mapping[str, str]) -> httpx.Response:
        """An open answer to hand on; whoever asks closes it. Raises Refusal."""
        request = self._gateway.http.build_request(
            "GET", path, headers={**self.caller.headers(), **headers}
        )
        response = self._exchange(request, is_stream=True)
        if response.is_error:
            try:
                raise Refusal.of(response)
            finally:
                response.close()
        return response

    def together(self, *asked: Callable[[], Json]) -> list[Json]:
        """The results of calls that do not wait for each other, in order; a fault raises.

        What no thread has begun yet is asked by the caller's own: calls may ask together in turn,
        and threads that wait for others of a pool that is all theirs would wait for ever.
        """
        first, *rest = calls = [_Beside(each) for each in asked]
        begun = [(self._gateway.pool.submit(call), call) for call in rest]
        answers = [first()]
        answers += [call() if future.cancel() else future.result() for future, call in begun]
        self._count(max(call.rounds for call in calls))
        return answers

    def _count(self, rounds: int) -> None:
        beside = _beside.get()
        if beside is None:
            self.rounds += rounds
        else:
            beside.rounds += rounds

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Json] | None = None,
        body: Json = None,
        content: Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        told = {**self.caller.headers(), **(headers or {})}
        if body is not None:
            told["Content-Type"] = "application/json"
        request = self._gateway.http.build_request(
            method,
            path,
            params=_given(query) or None,
            content=content if body is None else orjson.dumps(body),
            headers=told,
        )
        response = self._exchange(request)
        self._count(1)
        self.session_expires_at = response.headers.get(
            "OTSP-Session-Expires-At", self.session_expires_at
        )
        if response.is_error:
            raise Refusal.of(response)
        has_json = response.headers.get("Content-Type", "").startswith("application/json")
        return Answer(
            status=response.status_code,
            body=orjson.loads(response.content) if has_json else None,
            etag=response.headers.get("ETag"),
            location=response.headers.get("Location"),
        )

    def _exchange(self, request: httpx.Request, *, is_stream: bool = False) -> httpx.Response:
        try:
            with tracing.step(_named(request), kind="client") as span:
                trace = tracing.traceparent()
                if trace is not None:
                    request.headers[tracing.HEADER] = trace
                response = self._gateway.http.send(request, stream=is_stream)
                span.note("http.response.status_code", response.status_code)
                if response.is_server_error:
                    span.fail(str(response.status_code))
        except httpx.TransportError as error:
            raise Unreachable(type(error).__name__) from error
        return response


class _Beside:
    """One of several calls that do not wait for each other, and its own round trips. It is asked
    in the request's own context: what a view asks may look at who asks.
    """

    def __init__(self, ask: Callable[[], Json]) -> None:
        self._ask = ask
        self._context = copy_context()
        self.rounds = 0

    def __call__(self) -> Json:
        return self._context.run(self._begin)

    def _begin(self) -> Json:
        _beside.set(self)
        return self._ask()


def _named(request: httpx.Request) -> str:
    """The service that is asked; paths hold ids, and are as many as there are things."""
    owner = request.url.path.removeprefix("/api/").partition("/")[0]
    return f"{request.method} {owner}"


_beside: ContextVar[_Beside | None] = ContextVar("otsp_beside", default=None)


def _given(query: Mapping[str, Json] | None) -> dict[str, Json]:
    """Without what is None; empty, the path's own query stays."""
    return {key: value for key, value in (query or {}).items() if value is not None}


def _idempotency(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


def _etag(version: str) -> str:
    return version if version.startswith('"') else f'"{version}"'


def _length(content: BinaryIO) -> int:
    length = content.seek(0, 2)
    content.seek(0)
    return length


def _chunks(content: BinaryIO) -> Iterator[bytes]:
    while chunk := content.read(_CHUNK):
        yield chunk
