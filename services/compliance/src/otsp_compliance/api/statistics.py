"""The figures that authorities read."""

from dataclasses import dataclass

from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_compliance.queries.statistics import figures
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


def get_figure(
    figure: str,
    principal: Principal,
    *,
    region: str | None = None,
    by: str | None = None,
    month: str | None = None,
    **only: str,
) -> figures.FigureView:
    wanted = figures.Wanted(
        region_code=region,
        by=None if by is None else Dimension(by),
        month=month,
        only={Dimension(name): code for name, code in only.items()},
    )
    with reading() as tx:
        return figures.tell_figure(tx, principal, figures.get_figure(figure), wanted=wanted)
