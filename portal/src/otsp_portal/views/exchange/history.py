"""变更记录: who changed what of the institution's file, and what it comes to (docs/history.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.fields import Field
from otsp_portal.forms.kinds import NotRight, read
from otsp_portal.gateway_client import Refusal
from otsp_portal.histories import between, change_of
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.views.records import base

Json = Any
views = Blueprint("changes", __name__, url_prefix="/history/changes")

_SERVICES: Final = {
    "institution": "机构与资金",
    "staff": "人员",
    "materials": "材料",
    "courses": "课程",
}
_SERVICE: Final = f"/<any({','.join(_SERVICES)}):service>"
_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class Source:
    """Where the names of objects are found, those that only name each other by ids too."""

    service: str
    path: str
    key: str
    name: str = "name"


_STAFF: Final = Source("staff", "staff", "staff_id")
_MATERIALS: Final = Source("materials", "materials", "material_id", "title")


_SOURCES: Final[Mapping[str, tuple[Source, ...]]] = {
    "institution": (Source("institution", "funds/fee-items", "fee_item_id"),),
    "staff": (_STAFF,),
    "materials": (_MATERIALS, _STAFF),
    "courses": (
        Source("courses", "sites", "site_id"),
        Source("courses", "systems", "system_id"),
        Source("courses", "courses", "course_id"),
        Source("courses", "classes", "class_id"),
        _MATERIALS,
        _STAFF,
    ),
}
_HREFS: Final = {"staff": "/staff/{}", "material": "/materials/{}"}


@views.get("")
@access.roles(*access.INSTITUTION)
def index() -> BaseResponse:
    return redirect("/history/changes/institution")


@views.get(_SERVICE)
@access.roles(*access.INSTITUTION)
def changes(service: str) -> tuple[str, int]:
    """Change by change, the newest first; or the two ends of a time beside each other."""
    given = {name: request.args.get(name, "") for name in ("from", "to", "view", "object_id")}
    found, names, fault = _ask(service, given)
    here = f"/history/changes/{service}"
    told = {name: value for name, value in given.items() if value}
    return page(
        "exchange/changes.html",
        status=422 if fault else 200,
        nav="history",
        help_chapter="history",
        here=here,
        title=_SERVICES[service],
        tabs=[(f"/history/changes/{name}", said, None, name == service)
              for name, said in _SERVICES.items()],
        given=given,
        fault=fault,
        one=names.get(given["object_id"], ""),
        changes=[change_of(each, names, _HREFS) for each in found["items"]],
        first=f"{here}?{urlencode(told)}" if request.args.get("cursor") else None,
        next=_later(here, told, found.get("next")),
    )  # fmt: skip


def _ask(service: str, given: Mapping[str, str]) -> tuple[Json, dict[str, str], str]:
    """What was found, what objects are called, and what is wrong with what was typed."""
    nothing: Json = {"items": []}
    try:
        begin, end = between(_day(given["from"], "起始日期"), _day(given["to"], "终止日期"))
    except NotRight as wrong:
        return nothing, {}, str(wrong)
    query = {"from": begin, "to": end, "object_id": given["object_id"] or None}
    place = f"{base(service)}/history"
    if given["view"] == "differences":
        place += "/differences"
        query = {"from": begin or "2000-01-01T00:00:00+08:00", "to": end or "2999-01-01T00:00:00Z",
                 "object_id": query["object_id"]}  # fmt: skip
    else:
        query |= {"cursor": request.args.get("cursor"), "limit": str(_ROWS)}
    asked = api()
    try:
        found, *listed = asked.together(
            lambda: asked.get(place, **query),
            *(_names(each) for each in _SOURCES[service]),
        )
    except Refusal as refusal:
        if refusal.status not in (400, 422):
            raise
        return nothing, {}, refusal.detail
    return found, {key: name for each in listed for key, name in each.items()}, ""


def _later(here: str, told: Mapping[str, str], cursor: str | None) -> str | None:
    return f"{here}?{urlencode({**told, 'cursor': cursor})}" if cursor else None


def _names(source: Source) -> Callable[[], dict[str, str]]:
    """Of the first hundred: who has more sees the others by their kind alone."""
    asked, place = api(), f"{base(source.service)}/{source.path}"
    return lambda: {
        each[source.key]: each[source.name] or "" for each in asked.get(place, limit=100)["items"]
    }


def _day(typed: str, label: str) -> date | None:
    told = read(typed, Field(name="day", label=label, kind="day"))
    return date.fromisoformat(told) if told else None
