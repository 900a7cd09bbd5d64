"""Republishing: an owner tells again, from its own state, what others keep copies of.

A service's `republish` room holds one function for each kind of copy. The events are new ones
with new ids; readers compare versions, so that what they know already changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, inspect, select

from otsp_chassis import audit, log
from otsp_chassis.context import REPUBLISHING, Runtime, activate, operation_by
from otsp_chassis.db import Stamped, Tx, reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_contracts.envelope import Payload

PAGE = 200
_log = log.get_logger()
Tell = Callable[[Tx, Sequence[UUID]], Iterable[Payload]]
Function = TypeVar("Function", bound=Tell)


@dataclass(frozen=True, slots=True)
class Source:
    """What is told again of one kind of aggregate, whose primary key is one UUID.

    `kept_as` names the table of the readers that these events fill.
    """

    name: str
    events: tuple[type[Payload], ...]
    root: type[Stamped]
    kept_as: str
    tell: Tell

    @property
    def key(self) -> Any:  # noqa: ANN401 - a column of whatever type the mapper says
        return inspect(self.root).primary_key[0]

    def roots(self, since: datetime | None, after: UUID | None) -> Select[Any]:
        """The keys of what changed since then and lies behind that key."""
        query = select(self.key)
        if since is not None:
            query = query.where(self.root.updated_at >= since)
        return query if after is None else query.where(self.key > after)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which roots: those changed since, those behind a key that an earlier run came to."""

    since: datetime | None = None
    after: UUID | None = None
    is_dry: bool = False
    page: int = PAGE


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one source is. `last` is the key to go on after."""

    source: str
    total: int
    seen: int
    told: int
    last: UUID | None


@dataclass(frozen=True, slots=True)
class By:
    """Who gave the command, and why if they said so."""

    operator: str
    reason: str | None = None


def republishes(
    *events: type[Payload], root: type[Stamped], kept_as: str
) -> Callable[[Function], Function]:
    """Mark a function of `republish`: given keys of `root`, it makes the events of today."""

    def mark(function: Function) -> Function:
        source = Source(function.__name__, events, root=root, kept_as=kept_as, tell=function)
        function.__otsp_republishes__ = source  # type: ignore[attr-defined]
        return function

    return mark


def sources_of(module: ModuleType | None) -> list[Source]:
    """The marked functions of a republish module, in the order they stand."""
    members = vars(module).values() if module else ()
    return [each.__otsp_republishes__ for each in members if hasattr(each, "__otsp_republishes__")]


def republish(runtime: Runtime, source: Source, *, wanted: Wanted, by: By) -> Iterator[Progress]:
    """Tell everything of one source again. Yields before the first page and after each.

    A page is a transaction: whoever stops goes on behind the last key that was told.
    """
    call = operation_by(by.operator, "republish", correlation_id=f"{REPUBLISHING}{new_id()}")
    with activate(runtime, call), reading() as reader:
        remaining = source.roots(wanted.since, wanted.after).subquery()
        total = reader.execute(select(func.count()).select_from(remaining)).scalar() or 0
    progress = Progress(source.name, total, seen=0, told=0, last=wanted.after)
    yield progress
    while True:
        with activate(runtime, call):
            keys, told = _republish_page(source, wanted, progress.last, reason=by.reason)
        if not keys:
            break
        seen = progress.seen + len(keys)
        progress = Progress(source.name, total, seen, told=progress.told + told, last=keys[-1])
        yield progress
    if not wanted.is_dry:
        with activate(runtime, call):
            _log.info("events_republished", source=source.name, count=progress.told)


def _republish_page(
    source: Source, wanted: Wanted, after: UUID | None, *, reason: str | None
) -> tuple[Sequence[UUID], int]:
    query = source.roots(wanted.since, after).order_by(source.key).limit(wanted.page)
    with transaction() as tx:
        keys = tx.scalars(query).all()
        told = 0
        for payload in source.tell(tx, keys) if keys else ():
            told += 1
            if not wanted.is_dry:
                publish(tx, payload)
        if told and not wanted.is_dry:
            audit.record(
                tx,
                "messages.republished",
                object_type=source.name,
                object_id=f"{keys[0]}..{keys[-1]}",
                after={"count": told},
                reason=reason,
            )
        return keys, told
