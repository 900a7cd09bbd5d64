"""名单管理: entries of the grey (预警) and the black list, proposed, confirmed, ended."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.words import options

Json = Any
views = Blueprint("lists", __name__, url_prefix="/desk/lists")
_ENTRIES: Final = "/api/compliance/v1/list-entries"

ENTRY: Final = plain(
    "list_entry",
    Field(name="list_type", label="名单", kind="choice",
          options=(("grey", "预警"), ("black", "黑名单")), is_required=True),
    Field(name="institution_id", label="机构编号", kind="text",
          hint="在机构查询中打开该机构可以看到；没有登记的机构不填，只写名称"),
    Field(name="name", label="机构名称", kind="text"),
    Field(name="region_code", label="所在地区", kind="region", hint=text("hint.region")),
    Field(name="reason", label="列入原因", kind="area_text", is_required=True,
          hint="将向社会公开"),
    Field(name="basis_doc", label="依据文书", kind="text", is_required=True),
    Field(name="from_on", label="列入日期", kind="day", hint="不填即今天"),
    Field(name="to_on", label="截止日期", kind="day", hint="不填即到移出为止"),
)  # fmt: skip
DECISION: Final = plain(
    "list_decision",
    Field(name="decision", label="决定", kind="choice",
          options=(("confirm", "同意列入"), ("refuse", "不同意列入")), is_required=True),
    Field(name="reason", label="理由", kind="area_text", is_required=True),
)  # fmt: skip
ENDING: Final = plain(
    "list_ending", Field(name="reason", label="移出理由", kind="area_text", is_required=True)
)


@views.get("")
@access.roles(*access.REVIEWERS)
def entries() -> tuple[str, int]:
    names = ("list_type", "state", "q", "cursor")
    asked = {name: request.args[name] for name in names if request.args.get(name)}
    found = api().get(_ENTRIES, limit=50, **asked)
    return page(
        "oversight/lists.html", nav="lists", help_chapter="lists", entries=found["items"],
        following=found["next"], asked=asked, states=options("compliance.list_entry_state"),
    )  # fmt: skip


@views.route("/new", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def new_entry() -> tuple[str, int] | BaseResponse:
    entry = Entry(ENTRY)
    if request.method == "POST" and entry.read(request):
        body = {name: value for name, value in entry.body().items() if value is not None}
        if entry.attempt(lambda: api().post(_ENTRIES, body, key=entry.key)) is not None:
            flash(text("ok.done"), "ok")
            return redirect("/desk/lists")
    else:
        entry.typed = {"institution_id": request.args.get("institution", "")}
    return _form(entry, "列入名单", lead="审核员提出，由本部门区域管理员确认后公开。")


@views.route("/<uuid:entry_id>/<any(decision, ending):act>", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def decide(entry_id: object, act: str) -> tuple[str, int] | BaseResponse:
    entry = Entry(DECISION if act == "decision" else ENDING)
    if request.method == "POST" and entry.read(request):
        place = f"{_ENTRIES}/{entry_id}/{act}"
        if entry.attempt(lambda: api().post(place, entry.body(), key=entry.key)) is not None:
            flash(text("ok.done"), "ok")
            return redirect("/desk/lists")
    return _form(entry, "确认列入" if act == "decision" else "移出名单")


def _form(entry: Entry, title: str, *, lead: str = "") -> tuple[str, int]:
    return page(
        "simple.html", status=entry.status, nav="lists", help_chapter="lists", title=title,
        above="名单管理", entry=entry, button=title, lead=lead, tabs=(), step=None,
        cancel="/desk/lists",
    )  # fmt: skip
