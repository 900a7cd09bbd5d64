"""Starts the edge and speaks to it, as a client that keeps the rules and as one that does not."""

import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    return Answer(
        response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    )


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
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read())
        finally:
            connection.close()

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as wire:
            yield wire

    def ask_raw(self, request: bytes) -> bytes:
        """Everything that nginx sends until it closes."""
        with self.connection() as wire:
            wire.sendall(request)
            received = b""
            while chunk := wire.recv(65536):
                received += chunk
            return received

    def log_line(self, request_id: str) -> dict[str, Any]:
        """The access log's line of one request; nginx writes it after the answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for line in (self.out_dir / "logs" / "access.log").read_text().splitlines():
                entry: dict[str, Any] = json.loads(line)
                if entry["request_id"] == request_id:
                    return entry
        raise TimeoutError(f"no line for {request_id}")


@contextmanager
def running_nginx(settings: GatewaySettings, out_dir: Path) -> Iterator[None]:
    render(settings, out_dir)
    with subprocess.Popen(nginx_command(settings, out_dir)) as process:
        try:
            _await_listening(int(settings.listen[0].rpartition(":")[2]), process)
            yield
        finally:
            process.terminate()


def _await_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise TimeoutError(f"nginx does not listen on {port} (status {process.poll()})")
