"""规则与字典: the catalogue of rules as it is in force, and new versions from a day on."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.words import options

Json = Any
views = Blueprint("rules", __name__, url_prefix="/desk/national")
_RULES: Final = "/api/compliance/v1/rules"

VERSION: Final = plain(
    "rule_version",
    Field(name="version", label="版本", kind="whole", is_required=True),
    Field(name="effective_from", label="自哪天起生效", kind="day", hint=text("hint.date"),
          is_required=True),
    Field(name="severity", label="严重程度", kind="choice", codes="compliance.severity",
          hint="不选即用该版本写明的"),
    Field(name="reason", label="依据与理由", kind="area_text", is_required=True),
)  # fmt: skip


@views.get("")
@access.roles("national_admin")
def catalogue() -> tuple[str, int]:
    names = ("on", "family", "severity", "cursor")
    asked = {name: request.args[name].strip() for name in names if request.args.get(name)}
    found: Json = {"items": [], "next": None}
    problem = ""
    try:
        found = api().get(_RULES, limit=50, **asked)
    except Refusal as refusal:
        if refusal.status not in (400, 422):
            raise
        problem = refusal.detail
    return page(
        "oversight/rules.html", status=422 if problem else 200, nav="national",
        help_chapter="national", rules=found["items"], following=found["next"], asked=asked,
        problem=problem, families=options("compliance.rule_family"),
        severities=options("compliance.severity"),
    )  # fmt: skip


@views.get("/<rule_id>")
@access.roles("national_admin")
def one(rule_id: str) -> tuple[str, int]:
    return page(
        "oversight/rule.html", nav="national", help_chapter="national",
        rule=api().get(f"{_RULES}/{rule_id}"),
    )  # fmt: skip


@views.route("/<rule_id>/version", methods=["GET", "POST"])
@access.roles("national_admin")
def publish(rule_id: str) -> tuple[str, int] | BaseResponse:
    """发布版本: compliant institutions are judged anew by it."""
    entry = Entry(VERSION)
    if request.method == "POST" and entry.read(request):
        told = {name: value for name, value in entry.body().items() if value is not None}
        body = {"rule_id": rule_id, **told}
        place = "/api/compliance/v1/rule-versions"
        if entry.attempt(lambda: api().post(place, body, key=entry.key)) is not None:
            flash(text("ok.done"), "ok")
            return redirect(f"/desk/national/{rule_id}")
    return page(
        "simple.html", status=entry.status, nav="national", help_chapter="national",
        title="发布规则版本", above="规则与字典", entry=entry, button="发布版本",
        lead="生效之日起，已合规的机构按新版本重新检查，不再符合的由主管部门处理。", tabs=(),
        step=None, cancel=f"/desk/national/{rule_id}",
    )  # fmt: skip
