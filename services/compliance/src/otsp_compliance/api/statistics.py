"""The figures that authorities read."""

from dataclasses import dataclass
from io import BytesIO

from otsp_chassis.db import Reader, reading
from otsp_chassis.http import Download
from otsp_chassis.identity import Principal
from otsp_compliance.commands.month_publication import PublishedMonth
from otsp_compliance.commands.month_publication import publish_month as publish
from otsp_compliance.queries.statistics import figures, tables
from otsp_compliance.rules.statistics.catalogue import FIGURES
from otsp_compliance.rules.statistics.figures import Dimension


@dataclass(frozen=True, slots=True)
class FigureDefinition:
    """What a figure is, in the words of its readers."""

    figure: str
    number: int
    name_zh: str
    definition_zh: str
    source_zh: str
    dimensions: list[str]
    measures: list[figures.MeasureView]


@dataclass(frozen=True, slots=True)
class FigureList:
    items: list[FigureDefinition]


def list_figures() -> FigureList:
    return FigureList(
        [
            FigureDefinition(
                figure=figure.name,
                number=figure.number,
                name_zh=figure.name_zh,
                definition_zh=figure.definition_zh,
                source_zh=figure.source_zh,
                dimensions=[each.value for each in Dimension if each in figure.dimensions],
                measures=figures.measures_of(figure),
            )
            for figure in FIGURES.values()
        ]
    )


def publish_month(month: str, principal: Principal) -> PublishedMonth:
    return publish(principal, month)


def get_figure(figure: str, principal: Principal, **query: str) -> figures.FigureView:
    with reading() as tx:
        return _told(tx, figure, principal, query=query)


def get_figure_table(figure: str, principal: Principal, **query: str) -> Download:
    form = query.pop("format", "csv")
    with reading() as tx:
        made = tables.as_file(_told(tx, figure, principal, query=query), form)
    return Download(
        stream=BytesIO(made.content),
        name=made.name,
        content_type=made.content_type,
        size=len(made.content),
        sha256=made.sha256,
    )


def _told(
    tx: Reader, figure: str, principal: Principal, *, query: dict[str, str]
) -> figures.FigureView:
    """What is not a place, a split or a month narrows."""
    by = query.pop("by", None)
    wanted = figures.Wanted(
        region_code=query.pop("region", None),
        by=None if by is None else Dimension(by),
        month=query.pop("month", None),
        only={Dimension(name): code for name, code in query.items()},
    )
    return figures.tell_figure(tx, principal, figures.get_figure(figure), wanted=wanted)
