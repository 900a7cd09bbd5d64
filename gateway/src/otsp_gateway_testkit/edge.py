"""Starts the edge and speaks to it, as a client that keeps the rules and as one that does not."""

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from otsp_gateway.render import nginx_command, render
from otsp_gateway.settings import GatewaySettings
from otsp_gateway_testkit.upstream import Seen, Upstream

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.body)


def read_answer(connection: socket.socket) -> Answer:
    """The next response on a connection that a test wrote to by itself."""
    response = HTTPResponse(connection)
    response.begin()
    return _answer_of(response)


def _answer_of(response: HTTPResponse) -> Answer:
    """A header that came twice shows both values."""
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        known = headers.get(name.lower())
        headers[name.lower()] = value if known is None else f"{known}, {value}"
    return Answer(response.status, headers, response.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Edge:
    """A running nginx. `auth` also stands for the session check."""

    port: int
    out_dir: Path
    auth: Upstream
    services: Upstream
    portal: Upstream

    @property
    def seen(self) -> list[Seen]:
        """What got through to a service or the portal, session checks left out."""
        checks = [seen for seen in self.auth.seen if seen.path != "/internal/session"]
        return [*checks, *self.services.seen, *self.portal.seen]

    @property
    def session_checks(self) -> int:
        return sum(seen.path == "/internal/session" for seen in self.auth.seen)

    def forget(self) -> None:
        for upstream in (self.auth, self.services, self.portal):
            upstream.forget()

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterator[bytes] | None = None,
    ) -> Answer:
        credentials = {"Authorization": f"Bearer {token}"} if token else {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body=body, headers={**credentials, **(headers or {})})
            return _answer_of(connection.getresponse())
        finally:
            connection.close()

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as wire:
            yield wire

    def ask_raw(self, request: bytes) -> bytes:
        """Everything that nginx sends until it closes or resets the connection."""
        received = b""
        with self.connection() as wire, suppress(ConnectionResetError):
            wire.sendall(request)
            while chunk := wire.recv(65536):
                received += chunk
        return received

    def log_line(self, request_id: str) -> dict[str, Any]:
        """The access log's line of one request; nginx writes it after the answer."""
        log = self.out_dir / "logs" / "access.log"
        await_that(lambda: request_id in log.read_text())
        entries: list[dict[str, Any]] = [json.loads(line) for line in log.read_text().splitlines()]
        return next(entry for entry in entries if entry["request_id"] == request_id)


@contextmanager
def running_nginx(settings: GatewaySettings, out_dir: Path) -> Iterator[None]:
    render(settings, out_dir)
    with subprocess.Popen(nginx_command(settings, out_dir)) as process:
        try:
            port = int(settings.listen[0].rpartition(":")[2])
            await_that(lambda: process.poll() is not None or listens(port))
            yield
        finally:
            process.terminate()


def await_that(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
