"""Answers: one figure of a region or an institution, split or whole, of a month or over months."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, FromClause, Subquery, cast, func, select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import BadParameter, Forbidden, NotFound
from otsp_chassis.workcalendar import load_calendar
from otsp_compliance.model import MonthPublication, StatisticMonth
from otsp_compliance.queries.statistics.cells import (
    frozen_cells,
    holds,
    keyed,
    live_cells,
    publishes,
    with_days,
)
from otsp_compliance.queries.statistics.labels import label_of
from otsp_compliance.queries.visibility import NATIONAL_ADMIN
from otsp_compliance.rules.inheritance import NATION
from otsp_compliance.rules.statistics.catalogue import FIGURES
from otsp_compliance.rules.statistics.figures import Dimension, Figure
from otsp_compliance.rules.statistics.reading import Cell, Value, suppress
from otsp_compliance.rules.statistics.span import month_of, span_of
from otsp_contracts.regions import find_region
from otsp_contracts.values import FieldError

MOST_ROWS = 500
"""No division has so many below it, and no list of rules is read further."""
MONTHS = 12
"""How far back a series over months goes."""


class StatisticsNotPublished(Forbidden):
    slug: ClassVar[str] = "statistics-not-published"
    title: ClassVar[str] = "Figures of another jurisdiction are shown once they are published"
    detail_zh: ClassVar[str] = (
        "辖区以外的统计数据只能查看已发布的月份；请选择本辖区，或选择已发布的月份。"
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """`month` None: the one that is running. `only` narrows to codes of dimensions."""

    region_code: str | None = None
    by: Dimension | None = None
    month: str | None = None
    only: Mapping[Dimension, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MeasureView:
    name: str
    label_zh: str
    unit: str


@dataclass(frozen=True, slots=True)
class RowView:
    """`values` stand in the order of the measures; null where there is none, or it is hidden."""

    key: str
    label_zh: str
    values: list[Value]


@dataclass(frozen=True, slots=True)
class FigureView:
    """`frozen_on` is null of the month that is running, whose figures are those of `as_of`;
    `published_on` while only the jurisdiction sees them.
    """

    figure: str
    name_zh: str
    region_code: str | None
    by: str | None
    month: str
    as_of: date
    frozen_on: date | None
    published_on: date | None
    is_suppressed: bool
    measures: Sequence[MeasureView]
    rows: Sequence[RowView]
    total: list[Value]


@dataclass(frozen=True, slots=True)
class _Month:
    """One that is over; `published_on` is null where others may not see the region's figures."""

    frozen_on: date
    published_on: date | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose lines: one institution's, or those of the regions that begin so."""

    prefix: str
    institution_id: UUID | None = None
    published_for: str | None = None

    @property
    def is_outside(self) -> bool:
        """Of the jurisdiction of who asks: its months are seen once they are published for it."""
        return self.published_for is not None

    def narrow(self, cells: Subquery) -> ColumnElement[bool]:
        if self.institution_id is not None:
            return cells.c.institution_id == self.institution_id
        return cells.c.region_code.startswith(self.prefix, autoescape=True)


def get_figure(name: str) -> Figure:
    figure = FIGURES.get(name)
    if figure is None:
        raise NotFound
    return figure


def tell_figure(tx: Reader, principal: Principal, figure: Figure, *, wanted: Wanted) -> FigureView:
    """Raises NotFound for a region or a month that there is none of."""
    _require_dimensions(figure, wanted)
    region, place = _place(principal, figure, wanted.region_code)
    running = month_of(clock.today())
    month = wanted.month or running
    kept = _month(tx, month, running, region=region)
    if place.is_outside and (kept is None or kept.published_on is None):
        raise StatisticsNotPublished(month=month)
    question = _Question(figure, wanted, place=place)
    cells, total = question.answer(tx, month, is_frozen=kept is not None)
    if place.is_outside:
        cells, total = suppress(figure, cells, total)
    label = label_of(tx, wanted.by, [each.key for each in cells])
    return FigureView(
        figure=figure.name,
        name_zh=figure.name_zh,
        region_code=region,
        by=None if wanted.by is None else wanted.by.value,
        month=month,
        as_of=clock.today() if kept is None else kept.frozen_on,
        frozen_on=None if kept is None else kept.frozen_on,
        published_on=None if kept is None else kept.published_on,
        is_suppressed=place.is_outside,
        measures=measures_of(figure),
        rows=[RowView(each.key, label(each.key), each.values(figure)) for each in cells],
        total=total.values(figure),
    )


def measures_of(figure: Figure) -> list[MeasureView]:
    return [MeasureView(each.name, each.label_zh, each.unit.value) for each in figure.measures]


@dataclass(frozen=True, slots=True)
class _Question:
    """One figure of one place; the statements are the same, whichever cells they ask."""

    figure: Figure
    wanted: Wanted
    place: _Place

    def answer(self, tx: Reader, month: str, *, is_frozen: bool) -> tuple[list[Cell], Cell]:
        if self.wanted.by is Dimension.MONTH:
            return self._over_months(tx, month, is_frozen=is_frozen)
        cells = self._cells(tx, month, is_frozen=is_frozen)
        rows = [] if self.wanted.by is None else self._by(tx, cells, self.wanted.by)
        return rows, self._total(tx, cells)

    def _over_months(self, tx: Reader, month: str, *, is_frozen: bool) -> tuple[list[Cell], Cell]:
        """The total is that of the last month: states do not add up over time."""
        first = f"{int(month[:4]) - 1}-{month[5:]}"
        cells = frozen_cells(self.figure, first, month, published_for=self.place.published_for)
        frozen = self._by(tx, cells, Dimension.MONTH)
        last = self._total(tx, self._cells(tx, month, is_frozen=is_frozen))
        if not is_frozen:
            frozen.append(Cell(month, last.sums, last.days))
        return frozen[-MONTHS:], last

    def _cells(self, tx: Reader, month: str, *, is_frozen: bool) -> Subquery:
        if is_frozen:
            return frozen_cells(self.figure, month, month)
        return live_cells(self.figure, span_of(clock.today(), load_calendar(tx)))

    def _by(self, tx: Reader, cells: Subquery, by: Dimension) -> list[Cell]:
        key, source = keyed(cells, by, digits=len(self.place.prefix))
        sums = (func.sum(cells.c[each.name]) for each in self.figure.sums)
        query = select(key, *sums).select_from(source).where(*self._conditions(cells))
        order = key if by not in _RANKED else func.sum(cells.c[self.figure.sums[0].name]).desc()
        found = tx.execute(query.group_by(key).order_by(order, key).limit(MOST_ROWS))
        days = self._days(tx, cells, key=key, source=source)
        return [self._cell(row[0], row[1:], days) for row in found if row[0] is not None]

    def _total(self, tx: Reader, cells: Subquery) -> Cell:
        sums = (func.coalesce(func.sum(cells.c[each.name]), 0) for each in self.figure.sums)
        query = select(*sums).select_from(cells).where(*self._conditions(cells))
        whole: ColumnElement[Any] = func.concat("")
        days = self._days(tx, cells, key=whole, source=cells)
        return self._cell("", tx.execute(query).one(), days)

    def _days(
        self,
        tx: Reader,
        cells: Subquery,
        *,
        key: ColumnElement[Any],
        source: FromClause,
    ) -> Mapping[str, dict[int, int]]:
        found: defaultdict[str, dict[int, int]] = defaultdict(dict)
        if self.figure.median is not None:
            took, times, source = with_days(cells, source)
            query = select(key, took, func.sum(cast(times, BigInteger))).select_from(source)
            counted = query.where(*self._conditions(cells)).group_by(key, took)
            for code, days, count in tx.execute(counted):
                found[code][int(days)] = int(count)
        return found

    def _conditions(self, cells: Subquery) -> Iterator[Any]:
        yield self.place.narrow(cells)
        for dimension, code in self.wanted.only.items():
            yield holds(cells, dimension, code)

    def _cell(self, key: str, sums: Sequence[Any], days: Mapping[str, dict[int, int]]) -> Cell:
        names = (each.name for each in self.figure.sums)
        counted = {name: int(value) for name, value in zip(names, sums, strict=True)}
        return Cell(key, counted, days.get(key, {}))


_RANKED = frozenset({Dimension.RULE})
"""Told by what is most, not by code."""


def _require_dimensions(figure: Figure, wanted: Wanted) -> None:
    asked = {wanted.by, *wanted.only} - {None}
    if not asked <= figure.dimensions:
        allowed = "、".join(sorted(each.value for each in figure.dimensions))
        detail = f"该统计项不能按此维度统计，可用的维度为：{allowed}。"
        raise BadParameter(errors=[FieldError("/by", "no_dimension", detail)])


def _place(principal: Principal, figure: Figure, asked: str | None) -> tuple[str | None, _Place]:
    """An institution sees its own and nothing of authorities; an authority its region, unless it
    asks for another.
    """
    if principal.institution_id is not None:
        if asked is not None or Dimension.AUTHORITY in figure.dimensions:
            raise Forbidden
        return None, _Place("", institution_id=principal.institution_id)
    authority = principal.authority
    if authority is None and principal.role != NATIONAL_ADMIN:
        raise Forbidden
    is_national = principal.role == NATIONAL_ADMIN or (authority and authority.level == "national")
    own = NATION if is_national or authority is None else authority.region_code
    region = asked or own
    if region != NATION and find_region(region) is None:
        raise NotFound
    prefix = _prefix(region)
    is_outside = not prefix.startswith(_prefix(own))
    return region, _Place(prefix, published_for=region if is_outside else None)


def _prefix(region: str) -> str:
    """What the codes of all counties there begin with."""
    if region == NATION:
        return ""
    if region.endswith("0000"):
        return region[:2]
    return region[:4] if region.endswith("00") else region


def _month(tx: Reader, month: str, running: str, *, region: str | None) -> _Month | None:
    """None of the running one. An institution, which names no region, asks for nobody else's."""
    published = select(func.min(MonthPublication.published_on)).where(
        MonthPublication.month == StatisticMonth.month, publishes(region or NATION)
    )
    query = select(StatisticMonth.frozen_on, published.scalar_subquery())
    kept = tx.execute(query.where(StatisticMonth.month == month)).first()
    if kept is None and month != running:
        raise NotFound
    return None if kept is None else _Month(*kept)
