"""What differs between two states of one object, and what remains of several changes. Pure.

A state is a document: objects, lists, texts, whole numbers, truths; days and ids as they are. A
member that is null says the same as one that is absent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

Document = Mapping[str, Any]
RowIds = Mapping[str, str]
"""Pointer of a list of rows → the member that tells its rows apart."""

HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Concealed:
    """A personal value in a document: compared by `value`, of which only `shown` is ever kept."""

    value: object
    shown: str = HIDDEN


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field (a pointer, RFC 6901) before and after; null where it held nothing.

    Of a masked field the ends may be alike although the values are not.
    """

    pointer: str
    before: Any
    after: Any
    is_masked: bool = False


def differences(
    before: Document, after: Document, *, row_ids: RowIds | None = None
) -> list[FieldChange]:
    """In order of pointers. A list is one value, unless `row_ids` names it: then the pointer of a
    row ends in its id, and the order of rows is no difference.
    """
    was = dict(_leaves(before, "", row_ids or {}))
    now = dict(_leaves(after, "", row_ids or {}))
    return [
        _change(pointer, was.get(pointer), now.get(pointer))
        for pointer in sorted(was.keys() | now.keys())
        if not _are_same(was.get(pointer), now.get(pointer))
    ]


def net_differences(steps: Iterable[Sequence[FieldChange]]) -> list[FieldChange]:
    """What the changes of one object, oldest first, come to; what came and went is left out.

    Whether a masked value came back nobody can see any more: it stays, with both ends alike.
    """
    net: dict[str, FieldChange] = {}
    for step in steps:
        for change in step:
            first = net.get(change.pointer, change)
            masked = first.is_masked or change.is_masked
            net[change.pointer] = replace(change, before=first.before, is_masked=masked)
    return [net[pointer] for pointer in sorted(net) if _remains(net[pointer])]


def _remains(net: FieldChange) -> bool:
    if net.before is None and net.after is None:
        return False
    return net.is_masked or not _are_same(net.before, net.after)


def _leaves(value: Any, pointer: str, row_ids: RowIds) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    if value is None:
        return
    if pointer in row_ids:
        value = {str(row[row_ids[pointer]]): row for row in value}
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(member, f"{pointer}/{_escaped(name)}", row_ids)
    else:
        yield pointer, value


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _change(pointer: str, before: object, after: object) -> FieldChange:
    was, now = _shown(before), _shown(after)
    return FieldChange(
        pointer,
        orjson.loads(_written(was)),
        orjson.loads(_written(now)),
        is_masked=(was, now) != (before, after),
    )


def _shown(value: object) -> object:
    if isinstance(value, Concealed):
        return value.shown
    if isinstance(value, Mapping):
        return {name: _shown(member) for name, member in value.items()}
    return [_shown(each) for each in value] if isinstance(value, list) else value


def _are_same(one: object, other: object) -> bool:
    """As JSON has it: to Python itself `True` would be 1. Most fields are texts: they go first."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    return one is other or _written(one) == _written(other)


def _written(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
