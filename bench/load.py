"""The load: one process, N keep-alive connections, one request in flight on each.

`python -m bench.load` reads a plan from stdin and prints what it saw. Plain sockets and a
selector, so that the client takes little of the machine and its cost stays out of the figures.
"""

import heapq
import json
import random
import re
import selectors
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send. Targets, bodies and identities are taken in turn; a body makes it a POST."""

    port: int
    targets: list[str]
    count: int
    connections: int = 16
    headers: dict[str, str] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)
    identities: list[str] = field(default_factory=list)
    """Values of the OTSP-Identity header, where the requests are not all one caller's."""
    pause_ms: tuple[float, float] = (0, 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back. Percentiles are of single requests, in milliseconds."""

    count: int
    seconds: float
    p50_ms: float
    p99_ms: float


class UnexpectedAnswerError(Exception):
    """A refused request would be measured as a fast one."""


@dataclass(slots=True)
class _Connection:
    wire: socket.socket
    sent_at: float = 0.0
    received: bytes = b""


def run(plan: Plan) -> Seen:
    """Send everything; a single answer that is not 2xx ends the run."""
    pending = iter(_requests(plan))
    selector = selectors.DefaultSelector()
    resting: list[tuple[float, int, _Connection]] = []
    times: list[float] = []
    begun = time.perf_counter()
    for _ in range(min(plan.connections, plan.count)):
        wire = socket.create_connection(("127.0.0.1", plan.port), timeout=_PATIENCE_SECONDS)
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(wire)
        selector.register(wire, selectors.EVENT_READ, connection)
        _rest(resting, connection, plan.pause_ms)
    while len(times) < plan.count:
        _send_due(resting, pending)
        ready = selector.select(_time_to_next(resting))
        if not ready and not resting:
            raise UnexpectedAnswerError("no answer in time")
        for key, _ in ready:
            if _receive(key.data):
                times.append(time.perf_counter() - key.data.sent_at)
                _rest(resting, key.data, plan.pause_ms)
    seconds = time.perf_counter() - begun
    for key in list(selector.get_map().values()):
        key.data.wire.close()
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
    return Seen(len(times), seconds, cuts[49] * 1000, cuts[98] * 1000)


def _requests(plan: Plan) -> list[bytes]:
    """Built beforehand: while the clock runs they are only sent."""
    head = "".join(f"{name}: {value}\r\n" for name, value in plan.headers.items())
    bodies: Iterator[str] = cycle(plan.bodies or [""])
    method = "POST" if plan.bodies else "GET"
    callers = cycle([f"OTSP-Identity: {each}\r\n" for each in plan.identities] or [""])
    made = []
    for target, body, caller, _ in zip(
        cycle(plan.targets), bodies, callers, range(plan.count), strict=False
    ):
        content = body.encode()
        entity = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        start = f"{method} {target} HTTP/1.1\r\nHost: bench\r\n{head}{caller}"
        start += entity if content else ""
        made.append(start.encode() + b"\r\n" + content)
    return made


def _rest(
    resting: list[tuple[float, int, _Connection]],
    connection: _Connection,
    pause: tuple[float, float],
) -> None:
    due = 0.0
    if pause[1]:
        due = time.perf_counter() + random.uniform(*pause) / 1000  # noqa: S311 - think time
    heapq.heappush(resting, (due, connection.wire.fileno(), connection))


def _time_to_next(resting: list[tuple[float, int, _Connection]]) -> float:
    if not resting:
        return _PATIENCE_SECONDS
    return max(0.0, resting[0][0] - time.perf_counter())


def _send_due(resting: list[tuple[float, int, _Connection]], pending: Iterator[bytes]) -> None:
    while resting and resting[0][0] <= time.perf_counter():
        _, _, connection = heapq.heappop(resting)
        request = next(pending, None)
        if request is not None:
            connection.received = b""
            connection.sent_at = time.perf_counter()
            connection.wire.sendall(request)


def _receive(connection: _Connection) -> bool:
    """True when the whole answer is there."""
    chunk = connection.wire.recv(262_144)
    if not chunk:
        raise UnexpectedAnswerError("the server closed a connection that was to be kept")
    connection.received += chunk
    head, separator, body = connection.received.partition(b"\r\n\r\n")
    if not separator:
        return False
    if not head.startswith(b"HTTP/1.1 2"):
        raise UnexpectedAnswerError(connection.received[:1000].decode(errors="replace"))
    length = _LENGTH.search(head)
    if length is not None:
        return len(body) >= int(length[1])
    if _CHUNKED.search(head):
        return body.endswith(b"0\r\n\r\n")
    raise UnexpectedAnswerError("an answer without length")


def main() -> int:
    told: dict[str, Any] = json.load(sys.stdin)
    try:
        seen = run(Plan(**told | {"pause_ms": tuple(told["pause_ms"])}))
    except UnexpectedAnswerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print(json.dumps(asdict(seen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
