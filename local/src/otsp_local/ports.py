"""Free loopback ports, remembered in the run directory so that addresses stay the same."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from otsp_local.console import StepFailed

LOOPBACK = "127.0.0.1"
SERVER_PORTS = range(20_000, 32_768)


def is_free(port: int) -> bool:
    """Whether a server could listen there now. Connections in TIME_WAIT do not hinder one."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Drawn at random, so that several checkouts, and test processes of one seed, hardly meet.

    Not from where the system takes the local ends of outgoing connections (Linux: 32768 and up,
    macOS: 49152 and up): under load one of those may be taken before the server has bound it.
    """
    drawn = random.SystemRandom().sample(SERVER_PORTS, 200)
    free = next((port for port in drawn if is_free(port)), None)
    if free is None:
        raise StepFailed(f"No free port on {LOOPBACK} between 20000 and 32767.")
    return free


def first_free_port(wanted: int) -> int:
    return next(
        (port for port in range(wanted, min(wanted + 100, 65_536)) if is_free(port)), free_port()
    )


@dataclass(frozen=True, slots=True)
class RememberedPorts:
    """Name → port, in one JSON file."""

    file: Path

    def port_of(self, name: str, *, is_ours: bool, choose: Callable[[], int] = free_port) -> int:
        """The remembered port when it is free or held by our own program; else a new choice."""
        known = self._read()
        port = known.get(name)
        if port is not None and (is_ours or is_free(port)):
            return port
        port = choose()
        # Chosen before, but not yet bound by the program it was chosen for.
        while port in known.values():
            port = free_port()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(known | {name: port}, indent=1), encoding="utf-8")
        return port

    def known_port_of(self, name: str) -> int | None:
        return self._read().get(name)

    def _read(self) -> dict[str, int]:
        if not self.file.is_file():
            return {}
        known: dict[str, int] = json.loads(self.file.read_text(encoding="utf-8"))
        return known
