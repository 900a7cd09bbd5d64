"""变更申请 (docs/changes.md): what was approved is proposed to change, applied for, or given up."""

from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.button import press
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import plain
from otsp_portal.gateway_client import Answer, Api, Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.funds import SUPERVISION
from otsp_portal.views.institution import BASIC, LICENCE
from otsp_portal.views.records import Kind, Surroundings, base, edit, form_route

Json = Any
views = Blueprint("own_changes", __name__, url_prefix="/changes")

_PROPOSED: Final = "/proposed-changes"
_CRUMB: Final = (("/apply", "合规申请"), ("/changes", "变更申请"))
_PARTS: Final = (
    ("basic-information", "机构基本信息",
     "机构名称、信用代码、区县和地址、培训范围、机构属性、法定代表人"),
    ("licence", "办学许可证", "证载内容、许可范围、有效期和扫描件"),
    ("supervision", "资金监管账户", "监管方式、托管银行、专用账户"),
)  # fmt: skip


@views.get("")
@access.roles(*access.INSTITUTION)
def changes() -> tuple[str, int]:
    """What is proposed, beside what is on record, and what can be done with it."""
    asked = api()
    told, proposed, sites = asked.together(
        lambda: asked.get("/api/compliance/v1/home"),
        lambda: asked.find(f"{base('institution')}{_PROPOSED}"),
        lambda: asked.get(f"{base('courses')}/sites", limit=100),
    )
    kind = next((each for each in told["apply"]["kinds"] if each["kind"] == "change"), None)
    return page(
        "changes/changes.html",
        nav="apply",
        help_chapter="apply",
        told=told,
        kind=kind,
        proposed=proposed,
        parts=_PARTS,
        sites=sites["items"],
        can_propose=told["compliance_status"] in ("compliant", "change_pending", "suspended"),
    )


@form_route(views, "/basic-information")
@access.roles(*access.INSTITUTION)
def basic_information() -> tuple[str, int] | BaseResponse:
    return _propose(BASIC, "basic-information", "变更机构基本信息")


@form_route(views, "/licence")
@access.roles(*access.INSTITUTION)
def licence() -> tuple[str, int] | BaseResponse:
    return _propose(LICENCE, "licence", "变更办学许可证")


@form_route(views, "/supervision")
@access.roles(*access.INSTITUTION)
def supervision() -> tuple[str, int] | BaseResponse:
    return _propose(SUPERVISION, "supervision", "变更资金监管账户")


@views.route("/discard", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def discard() -> tuple[str, int] | BaseResponse:
    """Asked once, on a page: the record stays as it is."""
    place = f"{base('institution')}{_PROPOSED}"
    if request.method == "POST":
        version, key = request.form.get("_version"), request.form.get("_key")
        press(lambda: api().delete(place, of=version, key=key), said="ok.change.discarded")
        return redirect("/changes")
    found = api().find(place)
    if found is None:
        return redirect("/changes")
    return page(
        "confirm.html",
        nav="apply",
        title=text("cf.change.discard.title"),
        body=text("cf.change.discard.text"),
        button=text("cf.change.discard.button"),
        entry=Entry(plain("discard"), version=str(found["version"])),
        back="/changes",
        crumb=_CRUMB,
        is_danger=True,
    )


def _propose(kind: Kind, part: str, title: str) -> tuple[str, int] | BaseResponse:
    """The form of the part itself, kept beside the record."""
    proposal = replace(kind, path=f"{_PROPOSED}/{part}", draft=None, nav="apply")
    held, version = _held(api(), proposal, kind)
    round_it = Surroundings(
        title=title,
        back="/changes",
        crumb=_CRUMB,
        button=text("btn.change.propose"),
        reads_from=held,
        version=version,
    )
    return edit(proposal, round_it)


def _held(asked: Api, proposal: Kind, kind: Kind) -> tuple[str, str]:
    """Where the form is read: what is proposed, else what is on record; and its version."""
    found: Answer | None = None
    try:
        found = asked.read(proposal.place(None))
    except Refusal as refusal:
        if refusal.status != 404:
            raise
    if found is None:
        return kind.place(None), ""
    return proposal.place(None), found.etag or ""
