"""Personal data sealed anew with the current key, so that an older one can be taken away.

Values name the key that sealed them. A run reads every table that may hold any, a page at a time
in the order of its key, and replaces what another key sealed where it still stands as it was
read: neither a version nor a moment of change moves, and no writer waits for the run.
"""

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, RowMapping, Table, Update, bindparam, func, select, tuple_, update

from otsp_chassis import audit, pii
from otsp_chassis.context import Runtime, activate, current_runtime, operation_by
from otsp_chassis.db import reading, transaction

_PAGE = 500

Progress = Callable[[str, int, int], None]
"""Told after each page: the table, rows read of it, and how many it has."""

Change = Callable[[bytes], bytes]


@dataclass(slots=True)
class Rotation:
    """One table: its sealed values by key as they were found, and rows that were sealed anew.

    `lost` rows were changed by somebody while they were at hand; another run finds them.
    """

    table: str
    keys: Counter[str] = field(default_factory=Counter)
    resealed: int = 0
    lost: int = 0


def rotate(
    runtime: Runtime, tables: Sequence[Table], operator: str, *, is_dry: bool, progress: Progress
) -> Iterator[Rotation]:
    """Each table that may hold sealed values, when it is done; with `is_dry` only counted.

    Raises KeyError with the id of a key that sealed something and is not among the keys. Each
    page is committed by itself: a run that was cut short is simply run again.
    """
    for table in tables:
        sealed = [column for column in table.columns if _may_hold_sealed(column)]
        if not sealed:
            continue
        done = Rotation(table.name)
        with activate(runtime, operation_by(operator, "rotate-keys")):
            for page, seen, total in _pages(table, sealed):
                done.keys.update(key for row in page for key in _keys_of(row, sealed))
                if not is_dry:
                    _reseal(done, page, table=table, sealed=sealed)
                progress(table.name, seen, total)
            if done.resealed:
                _record(done)
        yield done


def _may_hold_sealed(column: Column[Any]) -> bool:
    return isinstance(column.type, pii.SealedBytes) or pii.SEALED_MEMBERS in column.info


def _pages(
    table: Table, sealed: Sequence[Column[Any]]
) -> Iterator[tuple[Sequence[RowMapping], int, int]]:
    keys = list(table.primary_key.columns)
    query = onward = select(*keys, *sealed).order_by(*keys).limit(_PAGE)
    with reading() as reader:
        total = reader.execute(select(func.count()).select_from(table)).scalar_one()
    seen = 0
    while True:
        with reading() as reader:
            page = reader.execute(onward).mappings().all()
        if not page:
            return
        seen += len(page)
        yield page, seen, max(seen, total)
        onward = query.where(tuple_(*keys) > tuple(page[-1][key.name] for key in keys))


def _keys_of(row: RowMapping, sealed: Sequence[Column[Any]]) -> list[str]:
    found: list[str] = []

    def note(value: bytes) -> bytes:
        found.append(pii.key_id(value))
        return value

    for column in sealed:
        _mapped(column, row[column.name], note)
    return found


def _reseal(
    done: Rotation, page: Sequence[RowMapping], *, table: Table, sealed: Sequence[Column[Any]]
) -> None:
    resealed = current_runtime().cipher.resealed
    changes = []
    for row in page:
        fresh = {each.name: _mapped(each, row[each.name], resealed) for each in sealed}
        if any(fresh[name] != row[name] for name in fresh):
            known = {f"was_{name}": value for name, value in row.items()}
            changes.append(known | {f"now_{name}": value for name, value in fresh.items()})
    if changes:
        with transaction() as tx:
            replaced = tx.connection().execute(_replacement(table, sealed), changes).rowcount
        done.resealed += replaced
        done.lost += len(changes) - replaced


def _replacement(table: Table, sealed: Sequence[Column[Any]]) -> Update:
    """Only where the row stands as it was read; what else it says stays, `updated_at` too."""
    untouched = {each.name: each for each in table.columns if each.onupdate is not None}
    fresh = {each.name: bindparam(f"now_{each.name}", type_=each.type) for each in sealed}
    where = [each == bindparam(f"was_{each.name}") for each in table.primary_key.columns]
    as_read = [
        each.is_not_distinct_from(bindparam(f"was_{each.name}", type_=each.type)) for each in sealed
    ]
    return update(table).where(*where, *as_read).values(untouched | fresh)


def _mapped(column: Column[Any], value: Any, change: Change) -> Any:  # noqa: ANN401
    """The column's value with `change` made to each sealed value in it."""
    if value is None:
        return None
    if isinstance(column.type, pii.SealedBytes):
        return change(value)
    return _in_document(value, column.info[pii.SEALED_MEMBERS], change)


def _in_document(value: Any, members: Sequence[str], change: Change) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_in_document(each, members, change) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: base64.b64encode(change(base64.b64decode(each))).decode("ascii")
        if name in members and each is not None
        else _in_document(each, members, change)
        for name, each in value.items()
    }


def _record(done: Rotation) -> None:
    with transaction() as tx:
        audit.record(
            tx,
            "personal_data.resealed",
            object_type=done.table,
            object_id=current_runtime().cipher.current,
            reason=f"{done.resealed} rows",
        )
