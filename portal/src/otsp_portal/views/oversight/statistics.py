"""统计分析: the fifteen figures of domain §5.1, by place and dimension, with their tables."""

from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.streams import streamed
from otsp_portal.words import options, region_name

Json = Any
views = Blueprint("statistics", __name__, url_prefix="/desk/stats")
_STATISTICS: Final = "/api/compliance/v1/statistics"
_FILTERS: Final = ("region", "by", "month", "category", "delivery", "stage", "nature")
_LARGEST_CHART: Final = 12
UNITS: Final = {"fen": (100, 2, "元"), "centi_m2": (100, 2, "平方米"), "bp": (100, 1, "%")}


@views.get("")
@access.roles(*access.AUTHORITIES)
def figures() -> tuple[str, int]:
    found = api().get(_STATISTICS)["items"]
    return page("oversight/figures.html", nav="stats", help_chapter="statistics", figures=found)


@views.get("/<figure>")
@access.roles(*access.AUTHORITIES)
def one(figure: str) -> tuple[str, int]:
    """A chart, one sentence that reads it, and the same numbers as a table."""
    asked = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
    client = api()
    known = client.get(_STATISTICS)["items"]
    about = next((each for each in known if each["figure"] == figure), None)
    told, problem = None, ""
    try:
        told = client.get(f"{_STATISTICS}/{figure}", **asked)
    except Refusal as refusal:
        if refusal.status not in (400, 422):
            raise
        problem = refusal.detail
    return page(
        "oversight/figure.html",
        status=422 if problem else 200,
        nav="stats",
        help_chapter="statistics",
        about=about,
        figure=told,
        problem=problem,
        asked=asked,
        query=urlencode(asked),
        dimensions=options("compliance.statistics_dimension"),
        filters=_filters(),
        reading=reading(told) if told else "",
        chart=bars(told) if told else [],
        place=region_name(asked.get("region") or the_person().region_code),
        shown=shown,
    )


@views.get("/<figure>/table")
@access.roles(*access.AUTHORITIES)
def table(figure: str) -> BaseResponse:
    """The same as a file."""
    query = urlencode({name: value for name, value in request.args.items() if value})
    return streamed(f"{_STATISTICS}/{figure}/table?{query}")


def shown(value: int | None, unit: str) -> str:
    """As tables write it; a value that is kept back because few persons stand behind it is so."""
    if value is None:
        return "＜3" if unit == "persons" else "—"
    scale, places, sign = UNITS.get(unit, (1, 0, {"days": "天"}.get(unit, "")))
    return f"{value / scale:,.{places}f}{sign}"


def reading(told: Json) -> str:
    """One sentence: the whole, and where there is most of it."""
    measure = told["measures"][0]
    whole = shown(told["total"][0], measure["unit"]) if told["total"] else "—"
    known = [row for row in told["rows"] if row["values"][0]]
    if not known:
        return f"{measure['label_zh']}合计{whole}。"
    most = max(known, key=lambda row: int(row["values"][0]))
    largest = shown(most["values"][0], measure["unit"])
    return f"{measure['label_zh']}合计{whole}，其中{most['label_zh']}最多，{largest}。"


def bars(told: Json) -> list[tuple[str, int, str]]:
    """(label, value, shown) of the first measure, the largest first, a dozen at most."""
    unit = told["measures"][0]["unit"]
    rows = sorted(told["rows"], key=lambda row: -(row["values"][0] or 0))[:_LARGEST_CHART]
    return [(row["label_zh"], row["values"][0] or 0, shown(row["values"][0], unit)) for row in rows]


def _filters() -> list[tuple[str, str, list[tuple[str, str]]]]:
    return [
        ("category", "类别", options("all.CATEGORIES_ZH")),
        ("delivery", "方式", options("institution.DELIVERY_MODES_ZH")),
        ("stage", "对象", options("all.STAGES_ZH")),
        ("nature", "机构属性", options("institution.NATURES_ZH")),
    ]
