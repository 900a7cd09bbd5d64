"""What the commands on messages share: services at hand, who gives the command, how it answers."""

import os
import pwd
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from otsp_chassis import clock, log
from otsp_chassis.context import Runtime
from otsp_chassis.db import Database
from otsp_chassis.problems import BadParameter, Unavailable
from otsp_chassis.service import Service
from otsp_chassis.settings import SharedSettings
from otsp_cli.running import load_service
from otsp_cli.settings import DatabaseSettings

NOTHING, SOME, REFUSED = 0, 1, 2
"""Exit codes: nothing to tell, something to see to, the command could not do what it was told."""
_LONGEST_MS = 60_000
"""Of a statement that counts what is kept, in milliseconds; nobody waits for it."""


class CannotDo(Exception):
    """The command is refused; the text says why and what to do."""


@contextmanager
def answering(command: str) -> Iterator[None]:
    """Turn what can be explained into one line and the exit code of a refusal."""
    try:
        yield
    except CannotDo as refusal:
        raise _ended(command, str(refusal)) from refusal
    except Unavailable as error:
        raise _ended(command, "a database cannot be reached; is it up?") from error
    except ConnectionError as error:
        raise _ended(command, f"the broker or its queue cannot be reached: {error}") from error
    except BadParameter as error:
        raise _ended(command, "the cursor is not one that this command printed") from error


def _ended(command: str, text: str) -> SystemExit:
    print(f"otsp {command}: {text}", file=sys.stderr)
    return SystemExit(REFUSED)


class Desk:
    """The services that a command works on, with the settings of their workers."""

    def __init__(self) -> None:
        shared = SharedSettings()
        log.configure(shared.log_level, sys.stderr)
        clock.set_offset(shared.clock_offset_days)
        self._services: dict[str, Service] = {}

    def service(self, name: str) -> Service:
        if name not in self._services:
            self._services[name] = load_service(name)
        return self._services[name]

    def runtime(self, name: str) -> Runtime:
        """Raises CannotDo naming the settings that are missing."""
        try:
            return self.service(name).runtime
        except ValidationError as error:
            faults = ", ".join(
                _fault(name, fault["loc"], kind=fault["type"], text=fault["msg"])
                for fault in error.errors()
            )
            raise CannotDo(f"{name}: settings are missing or wrong: {faults}") from error

    @contextmanager
    def database(self, name: str) -> Iterator[Database]:
        """One connection, for commands that read only: they are given no key of the service."""
        address = database_settings(name).database_url
        database = Database(
            address, service=name, pool_size=1, pool_timeout=2, statement_ms=_LONGEST_MS
        )
        try:
            yield database
        finally:
            database.dispose()

    @property
    def amqp_url(self) -> str:
        url = SharedSettings().amqp_url
        if url is None:
            raise CannotDo("OTSP_AMQP_URL is not set; the in-process bus has no dead letters")
        return url


def database_settings(service: str) -> DatabaseSettings:
    """Raises CannotDo naming the setting that is missing."""
    try:
        return DatabaseSettings.load(service)
    except ValidationError as error:
        raise CannotDo(f"OTSP_{service.upper()}_DATABASE_URL is not set") from error


def operator() -> str:
    """The user of this machine, as the kernel knows it: the environment could say anything."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid-{number}"


def put(row: Any, *, is_json: bool, line: str) -> None:  # noqa: ANN401 - any dataclass or dict
    """One line of the answer: for people, or as JSON."""
    if is_json:
        value = asdict(row) if is_dataclass(row) and not isinstance(row, type) else row
        print(orjson.dumps(value).decode(), flush=True)
    else:
        print(line, flush=True)


class MovingLine:
    """How far it is, on standard error: one line that moves, or many where none can."""

    def __init__(self) -> None:
        self._moves = sys.stderr.isatty()
        self._tenths = 0

    def show(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}" if self._moves else f"{text}\n")
        sys.stderr.flush()

    def show_share(self, done: int, total: int, text: str) -> None:
        """Before a bar that grows; where no line can move, once for every tenth."""
        share = min(100 * done // total, 100) if total else 100
        if self._moves:
            bar = "█" * (share // 5) + "░" * (20 - share // 5)
            self.show(f"{bar} {share} %  {text}")
        elif share // 10 > self._tenths:
            self._tenths = share // 10
            self.show(f"{share} %  {text}")

    def end(self) -> None:
        if self._moves:
            sys.stderr.write("\n")


def at(moment: datetime | None) -> str:
    return "–" if moment is None else moment.isoformat(timespec="seconds")


def note(text: str) -> None:
    """For people only; the answer itself goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def _fault(service: str, place: Sequence[object], *, kind: str, text: str) -> str:
    """The setting's name, and what our own checks say of it."""
    name = str(next(iter(place), ""))
    setting = name if name.isupper() or not name else f"OTSP_{service}_{name}".upper()
    if kind != "value_error":
        return setting
    return f"{setting} ({text.removeprefix('Value error, ')})".strip()
