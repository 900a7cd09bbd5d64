"""Removals, which may be undone within the business day that they were made on. docs/drafts.md.

A removed row stays, hidden by its moment of removal: snapshots, history and audit trail name it.
To restore it is to add it: whatever guards an addition guards the restoration too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import FromClause, Select, Text, Uuid, cast, literal, select, tuple_, union_all

from otsp_chassis import clock
from otsp_chassis.db import reading, row_class
from otsp_chassis.history.reading import Labels
from otsp_chassis.identity import Principal
from otsp_chassis.page import NOT_OURS, Page, decode_cursor, make_page
from otsp_chassis.problems import BadParameter, Conflict, Gone


class NotRemoved(Conflict):
    slug: ClassVar[str] = "not-removed"
    title: ClassVar[str] = "It has not been removed"
    detail_zh: ClassVar[str] = "该内容没有被删除，无需恢复；请刷新后查看。"


class RestorationOver(Gone):
    slug: ClassVar[str] = "restoration-over"
    title: ClassVar[str] = "It was removed on an earlier day"
    detail_zh: ClassVar[str] = "删除的内容只能在删除当天恢复，现已超过期限；如仍需要，请重新录入。"


def require_restorable(removed_at: datetime | None) -> None:
    """Raises NotRemoved or RestorationOver."""
    if removed_at is None:
        raise NotRemoved
    if removed_at < clock.business_day_began():
        raise RestorationOver


@dataclass(frozen=True, slots=True)
class Removable:
    """Rows that may be removed: their table, its id, and the column by which people know one.

    `place` is where one stands below its institution, with `{object_id}`, and `{parent_id}` where
    the column `parent` says below what.
    """

    table: FromClause
    key: str
    name: str
    place: str
    parent: str | None = None
    removed_at: str = "deleted_at"


@row_class
class Removal:
    """What was removed today. A POST to `restoration` below `place` restores it."""

    part: str
    part_zh: str
    object_id: UUID
    name: str | None
    removed_at: datetime
    place: str


class Removals:
    """The list that every service declares; kinds and labels by the names of the history."""

    def __init__(self, kinds: Mapping[str, Removable], labels: Labels) -> None:
        self._kinds = kinds
        self._labels = labels

    def list_removals(
        self, institution_id: str, principal: Principal, *, limit: int, cursor: str | None = None
    ) -> Page[Removal]:
        """Of today, the newest first."""
        owner_id = UUID(institution_id)
        principal.require_own(owner_id)
        removed = union_all(
            *(_removed(part, kind, owner_id) for part, kind in self._kinds.items())
        ).subquery()
        order = removed.c.removed_at, removed.c.object_id
        query = select(removed).order_by(*(each.desc() for each in order)).limit(limit + 1)
        if cursor is not None:
            query = query.where(tuple_(*order) < tuple_(*_continued(cursor)))
        with reading() as tx:
            rows = [self._told(row) for row in tx.execute(query)]
        return make_page(rows, limit, key=lambda row: [row.removed_at.isoformat(), row.object_id])

    def _told(self, row: Any) -> Removal:  # noqa: ANN401 - a selected row
        place = self._kinds[row.part].place
        return Removal(
            part=row.part,
            part_zh=self._labels[row.part][0],
            object_id=row.object_id,
            name=row.name,
            removed_at=row.removed_at,
            place=place.format(object_id=row.object_id, parent_id=row.parent_id),
        )


def _removed(part: str, kind: Removable, institution_id: UUID) -> Select[Any]:
    columns = kind.table.c
    removed_at = columns[kind.removed_at]
    return select(
        literal(part).label("part"),
        columns[kind.key].label("object_id"),
        cast(columns[kind.parent] if kind.parent else None, Uuid).label("parent_id"),
        cast(columns[kind.name], Text).label("name"),
        removed_at.label("removed_at"),
    ).where(
        columns.institution_id == institution_id,
        removed_at >= clock.business_day_began(),
    )


def _continued(cursor: str) -> tuple[datetime, UUID]:
    moment, object_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(moment), UUID(object_id)
    except ValueError as error:
        raise BadParameter(errors=[NOT_OURS]) from error
