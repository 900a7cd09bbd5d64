"""Where in a trace the running code stands (W3C Trace Context).

While nothing is recorded a trace that came in is still handed on: into logs, outbox rows and
calls. That costs a door one look at a header, and everything behind it nothing.
"""

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any, ClassVar, Final, Literal, Protocol, Self
from uuid import UUID

Kind = Literal["server", "client", "consumer", "internal"]
Value = str | int

HEADER: Final = "traceparent"
_TRACEPARENT: Final = re.compile(
    r"00-(?!0{32})(?P<trace_id>[0-9a-f]{32})-(?!0{16})(?P<span_id>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_MOST_IDS: Final = 8


class Span:
    """One piece of work, current while it is entered. This one records nothing.

    An exception that leaves it marks it as failed, by its class: messages quote people.
    """

    __slots__ = ("_before", "flags", "span_id", "trace_id")
    is_recording: ClassVar[bool] = False

    def __init__(self, trace_id: str, span_id: str, flags: str) -> None:
        self.trace_id = trace_id
        self.span_id = span_id
        self.flags = flags
        self._before: Span | None = None

    def __enter__(self) -> Self:
        self._before = _current.get()
        _current.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _current.set(self._before)

    @property
    def traceparent(self) -> str | None:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"

    @property
    def exemplar(self) -> dict[str, str] | None:
        """What a histogram keeps beside an observation; only of what was recorded."""
        return None

    def log_keys(self) -> dict[str, str]:
        """The span id here is the caller's own and no one's who logs."""
        return {"trace_id": self.trace_id}

    def note(self, name: str, value: Value) -> None:
        """Say something of the work: a code, a number, never what somebody typed."""

    def note_ids(self, named: Mapping[str, Any]) -> None:
        """Those of its members that are ids, as `otsp.<name>`; a trace is found by them. What was
        noted first stays: an event's own ids, not those of what it brings about.
        """

    def fail(self, why: str | BaseException) -> None:
        """The first reason stays."""

    def child(self, name: str, *, kind: Kind) -> "Span":  # noqa: ARG002 - of what records
        return NOTHING

    def statement(self, sql: str) -> "Span":  # noqa: ARG002 - of what records
        return NOTHING


class _Nothing(Span):
    """Work that belongs to no trace."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    @property
    def traceparent(self) -> None:
        return None

    def log_keys(self) -> dict[str, str]:
        return {}


NOTHING: Final[Span] = _Nothing("", "", "00")


class Recorder(Protocol):
    """What records; see `exporting`."""

    def begin(self, service: str, name: str, *, kind: Kind, parent: Span | None) -> Span: ...

    def relayed(self, service: str, envelopes: Iterable[bytes]) -> None: ...

    def close(self) -> None: ...


_current: ContextVar[Span | None] = ContextVar("otsp_span", default=None)
_recorder: Recorder | None = None


def record_with(recorder: Recorder | None) -> Recorder | None:
    """From now on; returns what recorded before."""
    global _recorder
    before, _recorder = _recorder, recorder
    return before


def is_recording() -> bool:
    return _recorder is not None


def door(service: str, name: str, *, kind: Kind, traceparent: str | None = None) -> Span:
    """The span of a request, event or job; its parent is what it brought along, or none.

    Whoever calls it trusts the bringer: the gateway lets through what its trusted peers say.
    """
    if _recorder is not None:
        return _recorder.begin(service, name, kind=kind, parent=span_of(traceparent))
    if traceparent is None:
        return NOTHING
    return span_of(traceparent) or NOTHING


def step(name: str, *, kind: Kind) -> Span:
    """A part of the work in hand; nothing where that is not recorded."""
    return current().child(name, kind=kind)


def current() -> Span:
    return _current.get() or NOTHING


def traceparent() -> str | None:
    """What is handed on with a call or an event."""
    here = _current.get()
    return None if here is None else here.traceparent


def log_keys() -> dict[str, str]:
    here = _current.get()
    return {} if here is None else here.log_keys()


def relayed(service: str, envelopes: Iterable[bytes]) -> None:
    """These events left the outbox: each is told in the trace that it was published in."""
    if _recorder is not None:
        _recorder.relayed(service, envelopes)


def span_of(traceparent: str | None) -> Span | None:
    """The foreign span that a header names; None for anything that is not one."""
    found = _TRACEPARENT.fullmatch(traceparent) if traceparent else None
    return None if found is None else Span(**found.groupdict())


def ids_in(named: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Not more than a few, however large the thing is."""
    found = [
        (f"otsp.{name}", str(value))
        for name, value in named.items()
        if name.endswith("_id") and _is_id(value)
    ]
    return found[:_MOST_IDS]


def _is_id(value: object) -> bool:
    if isinstance(value, UUID):
        return True
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False
