"""在职人员 and 离职人员: narrowed, searched, in order.

What is typed names people, so it goes in the body: nothing of it is in an address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.kinds import tidy
from otsp_portal.gateway_client import Api, Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.staffing import Row, row_of
from otsp_portal.views.records import base
from otsp_portal.views.staff.kinds import DEPARTED, EMPLOYED, HELP, NAV, PERSON, SERVICE
from otsp_portal.words import options

Json = Any
views = Blueprint("staff", __name__, url_prefix="/staff")

_ROWS: Final = 20
_LAST_DIGITS: Final = 4
_CITIZEN_DIGITS: Final = 18
_CHECKS: Final = ("precheck", "annual_check", "contract", "work_permit", "residence_permit")
_FILTERS: Final = ("q", "number", "staff_type", "employment", "check_due", "sort")
_SORTS: Final = (
    ("", "登记先后"),
    ("name", "姓名"),
    ("hired_on", "入职日期，早的在前"),
    ("-hired_on", "入职日期，晚的在前"),
)


@dataclass(frozen=True, slots=True)
class List:
    status: str
    title: str
    path: str
    empty: str


_EMPLOYED: Final = List("employed", "在职人员", EMPLOYED, "empty.staff")
_DEPARTED: Final = List("departed", "离职人员", DEPARTED, "empty.departed")


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of the list: the cursors of those before it, and its own."""

    behind: Sequence[str]

    @classmethod
    def of(cls, form: Mapping[str, str]) -> "Place":
        """As the buttons of the form say; whoever narrows begins at the beginning."""
        behind = form.get("trail", "").split()
        if form.get("go") == "next" and form.get("next"):
            return cls([*behind, form["next"]])
        if form.get("go") == "back":
            return cls(behind[:-1])
        return cls([])

    @property
    def cursor(self) -> str | None:
        return self.behind[-1] if self.behind else None

    @property
    def first(self) -> int:
        return len(self.behind) * _ROWS + 1


@views.get("/")
@access.roles(*access.INSTITUTION)
def index() -> BaseResponse:
    return redirect(EMPLOYED)


@views.route("/employed", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def employed() -> tuple[str, int]:
    return _show(_EMPLOYED)


@views.route("/departed", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def departed() -> tuple[str, int]:
    return _show(_DEPARTED)


def _show(shown: List) -> tuple[str, int]:
    given = {name: tidy(request.form.get(name, "")) for name in _FILTERS}
    place = Place.of(request.form)
    asked, below = api(), base(SERVICE)
    try:
        found, requests = asked.together(
            _finding(asked, shown, given, cursor=place.cursor),
            lambda: asked.get(f"{below}/correction-requests", state="open", limit=100),
        )
        refused = ""
    except Refusal as refusal:
        if refusal.status not in (400, 422):
            raise
        found, requests, refused = {"items": [], "next": None}, {"items": []}, refusal.detail
    return page(
        "staff/list.html",
        status=422 if refused else 200,
        nav=NAV,
        help_chapter=HELP,
        shown=shown,
        tabs=_tabs(shown, len(requests["items"])),
        given=given,
        is_filtered=any(value for name, value in given.items() if name != "sort"),
        choices=_choices(),
        rows=_in_order([row_of(each, clock.today()) for each in found["items"]], given),
        place=place,
        next=found["next"],
        refused=refused,
        undoing=Entry(PERSON.layout),
    )


def _finding(
    asked: Api, shown: List, given: Mapping[str, str], *, cursor: str | None
) -> Callable[[], Json]:
    """How the platform is to be asked; whoever it is asked for is settled here."""
    if given["number"]:
        return _finding_by_number(asked, given["number"], cursor)
    due, place = given["check_due"], PERSON.collection()
    return lambda: asked.get(
        place,
        status=shown.status,
        q=given["q"] or None,
        staff_type=given["staff_type"] or None,
        employment=given["employment"] or None,
        check_due=(list(_CHECKS) if due == "any" else due) or None,
        sort=given["sort"] or None,
        cursor=cursor,
        limit=_ROWS,
    )


def _finding_by_number(asked: Api, number: str, cursor: str | None) -> Callable[[], Json]:
    """By what the list masks; the platform keeps that it was looked for."""
    plain = number.replace(" ", "").replace("-", "").upper()
    body = {"id_no": plain}
    if len(plain) == _LAST_DIGITS:
        body = {"mobile_last4": plain}
    elif len(plain) != _CITIZEN_DIGITS:
        body["id_type"] = "passport"
    query = f"?{urlencode({'cursor': cursor})}" if cursor else ""
    place = f"{base(SERVICE)}/staff-searches{query}"
    return lambda: asked.post(place, body).body


def _in_order(rows: list[Row], given: Mapping[str, str]) -> list[Row]:
    """Without an order of one's own, whoever something must be done about stands first."""
    if given["sort"]:
        return rows
    return sorted(rows, key=lambda row: not row.needs_work)


def _tabs(shown: List, requests: int) -> list[tuple[str, str, int | None, bool]]:
    return [
        (EMPLOYED, "在职人员", None, shown is _EMPLOYED),
        (DEPARTED, "离职人员", None, shown is _DEPARTED),
        ("/staff/corrections", "更正申请", requests or None, False),
    ]


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "staff_type": options("staff.STAFF_TYPES_ZH"),
        "employment": options("staff.EMPLOYMENTS_ZH"),
        "check_due": [("any", "全部待办"), *options("staff.check_kind")],
        "sort": list(_SORTS),
    }
