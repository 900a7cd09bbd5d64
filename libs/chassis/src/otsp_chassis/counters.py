"""Counters of institutions, told to the statistics when they say something else (decision D32).

A write of something that is counted leaves a mark in its own transaction. A job takes the marks,
counts those institutions anew and tells what is different: many writes of a few seconds cost one
event. Some counters change with the day (what is overdue), so each institution is also counted once
a business day; that is also what mends a count that a mark was lost of.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Index, Table, event, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, object_session

from otsp_chassis import clock, metrics, statements
from otsp_chassis.context import current_runtime
from otsp_chassis.db import Stamped, Tx, transaction
from otsp_chassis.outbox import publish
from otsp_contracts.counters import Counters, CountersChanged

AT_ONCE = 200
"""Institutions that are counted in one transaction."""

_MARKED = "otsp_counters_marked"
_MARK = "INSERT INTO counter_mark (institution_id) VALUES (%(institution_id)s)"
_TAKE = """
WITH oldest AS (SELECT DISTINCT institution_id FROM
  (SELECT institution_id FROM counter_mark ORDER BY sequence LIMIT 1000) waiting LIMIT %(limit)s),
taken AS (DELETE FROM counter_mark mark USING oldest
  WHERE mark.institution_id = oldest.institution_id)
SELECT institution_id FROM oldest ORDER BY institution_id
"""
_AGE = (
    "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(marked_at)), 0) FROM counter_mark"
)


class ToldCounters(Stamped):
    """Mixin for `counters_told`: what was told last of each institution, and its day of counting.

    It is written by statements, never through the session.
    """

    __tablename__ = "counters_told"

    institution_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, nullable=False)
    counters: Mapped[dict[str, int]] = mapped_column(JSONB)
    counted_on: Mapped[date] = mapped_column(Date)

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (Index("ix_counters_told_counted_on", "counted_on", "institution_id"),)


Count = Callable[[Tx, Sequence[UUID], date], Mapping[UUID, Counters]]


@dataclass(frozen=True, slots=True)
class Counting:
    """What a service counts: `count` of these institutions on that day, in a fixed number of
    statements; one that it leaves out has nothing. Rows of `watched` have an `institution_id`.
    """

    event: type[CountersChanged]
    nothing: Counters
    told: type[ToldCounters]
    watched: tuple[type[Any], ...]
    count: Count

    def __post_init__(self) -> None:
        for kind in self.watched:
            for moment in ("after_insert", "after_delete"):
                event.listen(kind, moment, _mark_changed)
            event.listen(kind, "after_update", _mark_modified)

    def as_told(self, institution_id: UUID, version: int, counters: Any) -> CountersChanged:  # noqa: ANN401 - of the service's own type
        return self.event.model_validate(
            {"institution_id": institution_id, "version": version, "counters": counters}
        )


def counting_of(module: ModuleType | None) -> Counting | None:
    """What a `counters` room counts: the one that it names COUNTING."""
    counting: Counting | None = getattr(module, "COUNTING", None)
    return counting


def mark(tx: Tx, institution_id: UUID) -> None:
    """Have an institution counted anew; for what changes by other ways than the session's.

    A mark is a row of its own: nobody waits for anybody, and what is counted after it was taken
    sees all that was committed with it.
    """
    marked: set[UUID] = tx.info.setdefault(_MARKED, set())
    if institution_id not in marked:
        statements.run(tx, _MARK, {"institution_id": institution_id})
        marked.add(institution_id)


def tell_changed(counting: Counting) -> None:
    """The job: first what was marked, then what was not counted today, page by page."""
    _measure()
    while _tell_page(counting, _take_marked) or _tell_page(counting, _not_counted_today):
        pass
    _measure()


def tell_again(tx: Tx, counting: Counting, ids: Sequence[UUID]) -> Iterator[CountersChanged]:
    """What was told last of these institutions; for `republish`."""
    told = counting.told
    query = select(told.institution_id, told.version, told.counters)
    for row in tx.execute(query.where(told.institution_id.in_(ids)).order_by(told.institution_id)):
        yield counting.as_told(*row)


def _tell_page(counting: Counting, take: Callable[[Tx, Counting], Sequence[UUID]]) -> bool:
    today = clock.today()
    with transaction() as tx:
        ids = take(tx, counting)
        if not ids:
            return False
        counted = counting.count(tx, ids, today)
        before = _told_of(tx, counting, ids)
        now = {each: counted.get(each, counting.nothing).model_dump() for each in ids}
        _note_counted(tx, _table(counting), ids)
        for institution_id in ids:
            version, counters = before.get(institution_id, (0, None))
            if now[institution_id] != counters:
                told = counting.as_told(institution_id, version + 1, now[institution_id])
                _note_told(tx, told, _table(counting))
    return True


def _take_marked(tx: Tx, _counting: Counting) -> list[UUID]:
    return [row[0] for row in statements.run(tx, _TAKE, {"limit": AT_ONCE})]


def _not_counted_today(tx: Tx, counting: Counting) -> Sequence[UUID]:
    told = counting.told
    late = select(told.institution_id).where(told.counted_on < clock.today())
    return tx.scalars(late.order_by(told.counted_on, told.institution_id).limit(AT_ONCE)).all()


def _told_of(
    tx: Tx, counting: Counting, ids: Sequence[UUID]
) -> dict[UUID, tuple[int, dict[str, int]]]:
    told = counting.told
    query = select(told.institution_id, told.version, told.counters)
    rows = tx.execute(query.where(told.institution_id.in_(ids)))
    return {row.institution_id: (row.version, row.counters) for row in rows}


def _note_counted(tx: Tx, table: Table, ids: Sequence[UUID]) -> None:
    counted = update(table).where(table.c.institution_id.in_(ids))
    tx.execute(counted.values(counted_on=clock.today()))


def _note_told(tx: Tx, told: CountersChanged, table: Table) -> None:
    """Told and noted as told, with the moment by which `republish --since` asks."""
    now = clock.now()
    values = told.model_dump() | {"counted_on": clock.today(), "updated_at": now}
    row = insert(table).values(created_at=now, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["institution_id"], set_=values))
    publish(tx, told)


def _table(counting: Counting) -> Table:
    table: Table = counting.told.__table__  # type: ignore[attr-defined]
    return table


def _measure() -> None:
    with transaction() as tx:
        row = statements.run(tx, _AGE, {}).fetchone()
    gauge = metrics.COUNTERS_OLDEST.labels(current_runtime().service)
    gauge.set(0 if row is None else float(row[0]))


def _mark_changed(_mapper: object, _connection: object, target: Any) -> None:  # noqa: ANN401 - a row of any table
    session = object_session(target)
    if session is not None:
        mark(session, target.institution_id)


def _mark_modified(mapper: object, connection: object, target: Any) -> None:  # noqa: ANN401 - as above
    """Rows that were set to what they said already are no change."""
    session = object_session(target)
    if session is not None and session.is_modified(target):
        _mark_changed(mapper, connection, target)


@event.listens_for(Session, "after_transaction_end")
def _forget_marks(session: Session, _ended: object) -> None:
    """Of a savepoint too: what is rolled back takes its mark along."""
    session.info.pop(_MARKED, None)
