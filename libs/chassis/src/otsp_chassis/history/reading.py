"""The history as it is told: page by page, or what it comes to between two moments."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from otsp_chassis.db import Reader, row_class
from otsp_chassis.history.differences import FieldChange, net_differences
from otsp_chassis.page import Page, decode_number, make_page
from otsp_chassis.problems import BadParameter
from otsp_chassis.tables import change
from otsp_contracts.values import FieldError

Labels = Mapping[str, tuple[str, Mapping[str, str]]]
"""Object type → its Chinese name and those of its fields by pointer, ids of rows as `*`."""

Among = Sequence[ColumnElement[bool]]
"""Which rows of `change` whoever asks may see."""

MAX_FOLDED = 5_000
"""Changes between two moments; more are refused, or one answer could be of any size."""


@row_class
class FieldTold:
    """A field before and after; `is_masked`: personal, so that the ends may look alike."""

    pointer: str
    label_zh: str | None
    before: Any
    after: Any
    is_masked: bool


@row_class
class Change:
    """One write. `kind` is added, changed or removed; `account_id` null when nobody called."""

    sequence: int
    at: datetime
    account_id: UUID | None
    role: str
    operation: str
    kind: str
    part: str
    part_zh: str
    object_id: UUID
    version: int
    fields: list[FieldTold]


@row_class
class Difference:
    """What became of one object."""

    kind: str
    part: str
    part_zh: str
    object_id: UUID
    fields: list[FieldTold]


_change = change.c
_NARROWING: Mapping[str, Callable[[str], ColumnElement[bool]]] = {
    "from": lambda text: _change.at >= datetime.fromisoformat(text),
    "to": lambda text: _change.at < datetime.fromisoformat(text),
    "part": lambda text: _change.object_type == text,
    "object_id": lambda text: _change.object_id == UUID(text),
}
_ROWS: Select[Any] = select(
    _change.sequence,
    _change.at,
    _change.actor_id,
    _change.role,
    _change.operation,
    _change.kind,
    _change.object_type,
    _change.object_id,
    _change.version,
    _change.fields,
)
_ROW_ID = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}(?=/|$)")


class History:
    """The two readings, with the names that a service gives its objects and their fields."""

    _TOO_MANY: ClassVar[FieldError] = FieldError(
        "/from", "too_many", "该时间段内的修改过多，请缩短时间段后重新查询。"
    )
    _REVERSED: ClassVar[FieldError] = FieldError(
        "/to", "before_start", "结束时刻应晚于开始时刻，请重新填写。"
    )

    def __init__(self, labels: Labels) -> None:
        self._labels = labels

    def list_changes(
        self,
        tx: Reader,
        among: Among,
        filters: Mapping[str, str],
        *,
        cursor: str | None,
        limit: int,
    ) -> Page[Change]:
        """Newest first; `filters` are `part`, `object_id`, `from` (included), `to` (not)."""
        query = _ROWS.where(*among, *_narrowing(filters)).order_by(_change.sequence.desc())
        if cursor is not None:
            query = query.where(_change.sequence < decode_number(cursor))
        told = [self._told(row) for row in tx.execute(query.limit(limit + 1))]
        return make_page(told, limit, key=lambda each: [each.sequence])

    def list_differences(
        self, tx: Reader, among: Among, filters: Mapping[str, str]
    ) -> list[Difference]:
        """Between `from` and `to`, by object; what came and went is left out.

        Raises BadParameter for a time that ends before it begins and for one of too many changes.
        """
        start, end = (datetime.fromisoformat(filters[name]) for name in ("from", "to"))
        if end <= start:
            raise BadParameter(errors=[self._REVERSED])
        query = _ROWS.where(*among, *_narrowing(filters)).order_by(
            _change.object_type, _change.object_id, _change.sequence
        )
        rows = tx.execute(query.limit(MAX_FOLDED + 1)).all()
        if len(rows) > MAX_FOLDED:
            raise BadParameter(errors=[self._TOO_MANY])
        by_object = groupby(rows, key=lambda row: (row.object_type, row.object_id))
        found = (self._difference(part, list(steps)) for (part, _), steps in by_object)
        return [each for each in found if each is not None]

    def _told(self, row: Any) -> Change:  # noqa: ANN401 - a selected row
        return Change(
            sequence=row.sequence,
            at=row.at,
            account_id=row.actor_id,
            role=row.role,
            operation=row.operation,
            kind=row.kind,
            part=row.object_type,
            part_zh=self._labels[row.object_type][0],
            object_id=row.object_id,
            version=row.version,
            fields=self._fields(row.object_type, _changes(row)),
        )

    def _difference(self, part: str, steps: list[Any]) -> Difference | None:
        was_there, is_there = steps[0].kind != "added", steps[-1].kind != "removed"
        net = net_differences(map(_changes, steps))
        if not (was_there or is_there) or (was_there and is_there and not net):
            return None
        kind = "changed" if was_there and is_there else "removed" if was_there else "added"
        name = self._labels[part][0]
        return Difference(kind, part, name, steps[0].object_id, self._fields(part, net))

    def _fields(self, part: str, changes: Iterable[FieldChange]) -> list[FieldTold]:
        labels = self._labels[part][1]
        return [
            FieldTold(
                each.pointer,
                labels.get(_ROW_ID.sub("/*", each.pointer)),
                each.before,
                each.after,
                each.is_masked,
            )
            for each in changes
        ]


def _narrowing(filters: Mapping[str, str]) -> list[ColumnElement[bool]]:
    return [_NARROWING[name](value) for name, value in filters.items()]


def _changes(row: Any) -> list[FieldChange]:  # noqa: ANN401 - a selected row
    return [FieldChange(**each) for each in row.fields]
