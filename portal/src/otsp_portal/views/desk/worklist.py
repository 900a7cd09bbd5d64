"""待办案件: the worklist of an authority, and the same of registrations and of materials."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.casework import Tag, due_tag, holder, matter, state_tag
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.desk.case import names_of_colleagues

Json = Any
views = Blueprint("worklist", __name__, url_prefix="/desk")

CASES: Final = "/api/compliance/v1/cases"
_ROWS: Final = 50
_HOMES: Final = {
    "national_admin": "/desk/national",
    "auditor": "/desk/audit",
    "operator": "/desk/ops",
}
_TABS: Final[dict[str, dict[str, str]]] = {
    "": {},
    "mine": {"assignment": "me"},
    "free": {"assignment": "nobody"},
    "waiting": {"application_state": "supplementing"},
    "done": {"state": "decided"},
}
_FILTERS: Final = ("institution_name", "kind", "light", "priority", "scope")
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the list."""

    href: str
    name: str
    due: Tag
    state: Tag
    matter: str
    step: str
    opened_on: str
    holder: str
    urgent_why: str | None


@dataclass(frozen=True, slots=True)
class List:
    """One of the three lists: a title, an address, and the kind of case that it is of."""

    title: str
    path: str
    nav: str
    kind: str = ""


_ALL: Final = List("待办案件", "/desk", "desk")
_REGISTRATIONS: Final = List("注册审核", "/desk/registrations", "registrations", "registration")
_MATERIALS: Final = List("材料外审", "/desk/materials", "material_reviews", "external_review")


@views.get("")
@access.roles(*access.REVIEWERS, "national_admin", "auditor", "operator")
def index() -> tuple[str, int] | BaseResponse:
    """The home of those who have cases; the others have homes of their own."""
    home = _HOMES.get(the_person().role)
    return redirect(home) if home else _show(_ALL)


@views.get("/registrations")
@access.roles(*access.REVIEWERS)
def registrations() -> tuple[str, int]:
    return _show(_REGISTRATIONS)


@views.get("/materials")
@access.roles(*access.REVIEWERS)
def material_reviews() -> tuple[str, int]:
    return _show(_MATERIALS)


@views.post("/next")
@access.roles(*access.REVIEWERS)
def take_next() -> BaseResponse:
    """The most urgent case that nobody holds becomes one's own; a colleague may be quicker."""
    kind = request.form.get("kind") or None
    asked = api()
    for case in asked.get(CASES, assignment="nobody", kind=kind, limit=_TRIES)["items"]:
        try:
            asked.post(f"{CASES}/{case['case_id']}/lease")
        except Refusal as refusal:
            if refusal.status != 409:
                raise
            continue
        return redirect(f"/desk/cases/{case['case_id']}")
    flash(text("desk.next.none"), "warn")
    return redirect("/desk")


def _show(shown: List) -> tuple[str, int]:
    tab = request.args.get("tab", "")
    given = {name: request.args.get(name, "") for name in _FILTERS}
    query = {name: value for name, value in given.items() if value} | _TABS.get(tab, {})
    if shown.kind:
        query["kind"] = shown.kind
    cursor = request.args.get("cursor")
    asked = api()
    found, counts, names = asked.together(
        lambda: asked.get(CASES, cursor=cursor, limit=_ROWS, **query),
        lambda: asked.get(f"{CASES}/summary"),
        lambda: names_of_colleagues(asked),
    )
    return page(
        "desk/worklist.html",
        nav=shown.nav,
        help_chapter="desk",
        shown=shown,
        tab=tab,
        tabs=_tabs(shown, tab, counts),
        given=given,
        is_filtered=any(given.values()),
        is_head=the_person().role == "region_admin",
        rows=[_row(each, names) for each in found["items"]],
        counts=counts,
        nav_counts={"desk": counts["open"]},
        first=_address(shown, tab, given) if cursor else None,
        next=_address(shown, tab, given, cursor=found["next"]) if found["next"] else None,
    )


def _tabs(shown: List, tab: str, counts: Json) -> list[tuple[str, str, int | None, bool]]:
    """With counts where the platform counts them: of all kinds together."""
    waiting = sum(each["count"] for each in counts["tallies"] if each["state"] == "supplementing")
    counted = {
        "": counts["open"],
        "mine": counts["mine"],
        "free": counts["unassigned"],
        "waiting": waiting,
    }
    words = {"": "全部", "mine": "我的", "free": "无人承办", "waiting": "等机构", "done": "已办结"}
    offered = [name for name in words if not (shown.kind and name == "waiting")]
    return [
        (
            _address(shown, name, {}),
            words[name],
            None if shown.kind else counted.get(name),
            name == tab,
        )
        for name in offered
    ]


def _address(shown: List, tab: str, given: dict[str, str], *, cursor: str = "") -> str:
    query = {"tab": tab, **given, "cursor": cursor}
    told = urlencode({name: value for name, value in query.items() if value})
    return f"{shown.path}?{told}" if told else shown.path


def _row(case: Json, names: Mapping[str, str]) -> Row:
    is_material = case["kind"] == "external_review"
    return Row(
        href=f"/desk/cases/{case['case_id']}",
        name=f"{case['institution_name']}：{case['title']}" if is_material else case["title"],
        due=due_tag(case),
        state=state_tag(case),
        matter=matter(case),
        step=f"{case['step_no']}／{case['step_count']}",
        opened_on=case["opened_on"],
        holder=holder(case["assignee_id"], the_person(), names),
        urgent_why=case["priority_reason"] if case["priority"] == "urgent" else None,
    )
