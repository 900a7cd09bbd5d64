"""One shape for what is counted, live or frozen: a line with its dimensions and its sums."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    any_,
    case,
    cast,
    func,
    or_,
    select,
    true,
)

from otsp_compliance.model import FrozenFigure, MonthPublication
from otsp_compliance.queries.statistics.sources import SOURCES
from otsp_compliance.rules.inheritance import lineage
from otsp_compliance.rules.statistics.figures import Dimension, Figure
from otsp_compliance.rules.statistics.span import Span
from otsp_contracts.regions import MUNICIPALITIES

HEAD: Final = (
    "institution_id",
    "region_code",
    "categories",
    "delivery_modes",
    "nonsubject_types",
    "stages",
    "legal_nature",
    "item",
    "days",
)
_SETS: Final[Mapping[Dimension, str]] = {
    Dimension.CATEGORY: "categories",
    Dimension.DELIVERY: "delivery_modes",
    Dimension.NONSUBJECT_TYPE: "nonsubject_types",
    Dimension.STAGE: "stages",
}
_PLAIN: Final[Mapping[Dimension, str]] = {
    Dimension.NATURE: "legal_nature",
    Dimension.RULE: "item",
    Dimension.AUTHORITY: "item",
    Dimension.MONTH: "month",
}


def live_cells(figure: Figure, span: Span) -> Subquery:
    return SOURCES[figure.name](span).subquery("cells")


def frozen_cells(
    figure: Figure, first: str, last: str, *, published_for: str | None = None
) -> Subquery:
    """Of the months from the first to the last, or of those that are published for a region; a sum
    that was added since is 0 in them.
    """
    kept = FrozenFigure.sums
    sums = (
        func.coalesce(cast(kept[each.name].as_string(), BigInteger), 0).label(each.name)
        for each in figure.sums
    )
    head = (getattr(FrozenFigure, name) for name in HEAD)
    query = select(FrozenFigure.month, *head, *sums).where(
        FrozenFigure.figure == figure.name, FrozenFigure.month.between(first, last)
    )
    if published_for is not None:
        published = select(MonthPublication.month).where(publishes(published_for))
        query = query.where(FrozenFigure.month.in_(published))
    return query.subquery("cells")


def publishes(region: str) -> ColumnElement[bool]:
    """Whether a publication holds for the region: of the nation, or of its province."""
    return MonthPublication.region_code.in_(lineage(region))


def lines_to_freeze(figure: Figure, span: Span) -> Select[Any]:
    """The columns of HEAD and the sums as one; only lines that count something."""
    cells = live_cells(figure, span)
    pairs = [part for each in figure.sums for part in (each.name, cells.c[each.name])]
    head = (cells.c[name] for name in HEAD)
    return select(*head, func.jsonb_build_object(*pairs)).where(
        or_(*(cells.c[each.name] != 0 for each in figure.sums))
    )


def holds(cells: Subquery, dimension: Dimension, code: str) -> ColumnElement[bool]:
    """Whether a line is of that code; one of several categories is of each."""
    if dimension in _SETS:
        return any_(cells.c[_SETS[dimension]]) == code
    return cells.c[_PLAIN[dimension]] == code


def keyed(cells: Subquery, by: Dimension, *, digits: int) -> tuple[ColumnElement[Any], FromClause]:
    """The key of a line, and from where: a line of two categories is there once for each.

    `digits` of a region's code are common to all lines: the key is the division below it.
    """
    if by in _SETS:
        key = func.unnest(cells.c[_SETS[by]]).table_valued("key").render_derived("keys")
        return key.c.key, cells.join(key, true())
    if by is Dimension.REGION:
        return _division(cells.c.region_code, digits), cells
    return cells.c[_PLAIN[by]], cells


def with_days(
    cells: Subquery, source: FromClause
) -> tuple[ColumnElement[Any], ColumnElement[Any], FromClause]:
    """Each number of days, how often it was taken, and from where."""
    taken = func.jsonb_each_text(cells.c.days).table_valued("key", "value").render_derived("taken")
    return taken.c.key, taken.c.value, source.join(taken, true())


def _division(region: ColumnElement[Any], digits: int) -> ColumnElement[Any]:
    """A county of a municipality, and one directly under its province, has no city above it."""
    if digits == 0:
        return func.left(region, 2) + "0000"
    if digits > 2:
        return region
    is_direct = or_(
        func.left(region, 2).in_(sorted(MUNICIPALITIES)), func.substr(region, 3, 2) == "90"
    )
    return case((is_direct, region), else_=func.left(region, 4) + "00")
