"""The rows of one kind that an institution has, read one by one, by the page and as a whole."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, select

from otsp_chassis.db import Reader
from otsp_chassis.page import BEGINNING, decode_id
from otsp_chassis.problems import NotFound
from otsp_chassis.statements import Read
from otsp_courses.model import Course, Site, System, TrainingClass
from otsp_courses.rules.rows import ClassRow, CourseRow, SiteRow, SystemRow

Entity = Site | System | Course | TrainingClass
Row = SiteRow | SystemRow | CourseRow | ClassRow
Kind = TypeVar("Kind", SiteRow, SystemRow, CourseRow, ClassRow)
Wide = TypeVar("Wide")

Narrowing = Mapping[str, Callable[[str], ColumnElement[bool]]]
"""Parameter of a list → what it asks of a row."""


class Listing(Generic[Kind]):
    """Those that are not deleted, with the columns of the row class, in order of creation.

    What is asked for most is compiled once: one row, some, all, and the pages of the whole list.
    """

    def __init__(
        self, entity: type[Entity], row_class: type[Kind], *, key: str, by: Narrowing
    ) -> None:
        columns = entity.__table__.c
        self._row_class: type[Kind] = row_class
        self._key, self._by = columns[key], by
        self._live = select(*(columns[field.name] for field in fields(row_class))).where(
            columns.institution_id == bindparam("institution_id"), columns.deleted_at.is_(None)
        )
        ordered = self._live.order_by(self._key)
        self._one = Read(self._live.where(self._key == bindparam("key")))
        self._some = Read(self._live.where(self._key == any_(bindparam("keys", type_=ARRAY(Uuid)))))
        self._all = Read(ordered)
        self._page = Read(ordered.where(self._key > bindparam("after")).limit(bindparam("limit")))

    def one(self, tx: Reader, institution_id: UUID, key: UUID) -> Kind:
        """Raises NotFound for another institution's too."""
        row = self._one.first(tx, {"institution_id": institution_id, "key": key})
        if row is None:
            raise NotFound
        made: Kind = self._row_class(*row)
        return made

    def some(self, tx: Reader, institution_id: UUID, keys: Collection[UUID]) -> dict[UUID, Kind]:
        """By key, those that there are."""
        these = {"institution_id": institution_id, "keys": list(keys)}
        found = self._made(self._some.rows(tx, these))
        return {getattr(row, self._key.name): row for row in found}

    def all(self, tx: Reader, institution_id: UUID) -> list[Kind]:
        return self._made(self._all.rows(tx, {"institution_id": institution_id}))

    def page(
        self,
        tx: Reader,
        institution_id: UUID,
        *,
        filters: Mapping[str, str],
        cursor: str | None,
        limit: int,
    ) -> list[Kind]:
        """The page that the cursor names, and one row more."""
        after = BEGINNING if cursor is None else decode_id(cursor)
        if not filters:
            place = {"institution_id": institution_id, "after": after, "limit": limit + 1}
            return self._made(self._page.rows(tx, place))
        query = self.narrowed(institution_id, filters).where(self._key > after)
        return self._made(tx.execute(query.limit(limit + 1)))

    def narrowed(self, institution_id: UUID, filters: Mapping[str, str]) -> Select[Any]:
        """The whole list that a client narrowed so."""
        asked = (self._by[name](value) for name, value in filters.items())
        query = self._live.where(*asked).order_by(self._key)
        return query.params(institution_id=institution_id)

    def _made(self, rows: Iterable[Any]) -> list[Kind]:
        return [self._row_class(*row) for row in rows]


def widened(row: Row, wide_class: Callable[..., Wide], **computed: object) -> Wide:
    """The row's own values and the computed ones."""
    own = {field.name: getattr(row, field.name) for field in fields(row)}
    return wide_class(**own, **computed)
