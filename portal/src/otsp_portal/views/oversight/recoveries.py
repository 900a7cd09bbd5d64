"""账号找回: proofs beside what is registered; two people where a compliant one is concerned."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.streams import streamed
from otsp_portal.texts import text

Json = Any
views = Blueprint("recoveries", __name__, url_prefix="/desk/recoveries")
_REQUESTS: Final = "/api/auth/v1/recovery-requests"

APPROVAL: Final = plain(
    "approval",
    Field(name="account_id", label="重置哪个账号", kind="choice", is_required=True),
    Field(name="reason", label="核实情况", kind="area_text", is_required=True,
          hint="写明核对了哪些证件、向谁核实"),
)  # fmt: skip
REASON: Final = plain(
    "reason", Field(name="reason", label="理由", kind="area_text", is_required=True)
)


@views.get("")
@access.roles(*access.REVIEWERS)
def requests() -> tuple[str, int]:
    status = request.args.get("status", "submitted")
    found = api().get(_REQUESTS, status=status, cursor=request.args.get("cursor"), limit=50)
    tabs = [
        (f"/desk/recoveries?status={code}", word, None, code == status)
        for code, word in (("submitted", "待处理"), ("approved", "已同意"), ("rejected", "未同意"))
    ]
    return page(
        "oversight/recoveries.html", nav="recoveries", help_chapter="recoveries", tabs=tabs,
        requests=found["items"], following=found["next"], chosen=status,
    )  # fmt: skip


@views.route("/<uuid:request_id>", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def one(request_id: object) -> tuple[str, int] | BaseResponse:
    """Reading is recorded; agreeing sends a link to the new mobile and warns the old one."""
    client = api()
    told = client.get(f"{_REQUESTS}/{request_id}")
    choices = tuple(
        (each["account_id"], f"{each['institution_name']}（{each['mobile'] or '没有手机号'}）")
        for each in told["accounts"]
    )
    entry = Entry(APPROVAL, options={"/account_id": choices})
    if request.method == "POST" and entry.read(request):
        place = f"{_REQUESTS}/{request_id}/approval"
        if entry.attempt(lambda: client.post(place, entry.body(), key=entry.key)) is not None:
            flash(text("ok.recovery.approved"), "ok")
            return redirect("/desk/recoveries")
    return page(
        "oversight/recovery.html", status=entry.status, nav="recoveries",
        help_chapter="recoveries", entry=entry, told_request=told["request"],
        proofs=told["proofs"], accounts=told["accounts"],
    )  # fmt: skip


@views.route("/<uuid:request_id>/<any(rejection, link):act>", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def act(request_id: object, act: str) -> tuple[str, int] | BaseResponse:
    """Refuse it, or text the link once more."""
    entry = Entry(REASON)
    if request.method == "POST" and entry.read(request):
        place = f"{_REQUESTS}/{request_id}/{act}"
        if entry.attempt(lambda: api().post(place, entry.body(), key=entry.key)) is not None:
            flash(text("ok.done"), "ok")
            return redirect("/desk/recoveries")
    title = {"rejection": "不同意找回", "link": "重新发送链接"}[act]
    return page(
        "simple.html", status=entry.status, nav="recoveries", help_chapter="recoveries",
        title=title, above="账号找回", entry=entry, button=title, lead="", tabs=(), step=None,
        cancel=f"/desk/recoveries/{request_id}",
    )  # fmt: skip


@views.get("/<uuid:request_id>/proofs/<uuid:file_id>")
@access.roles(*access.REVIEWERS)
def proof(request_id: object, file_id: object) -> BaseResponse:
    """One page as a picture under the authority's mark; that it was looked at is recorded."""
    number = request.args.get("page", "1")
    query = f"page={number}" if number.isdecimal() else "page=1"
    return streamed(f"{_REQUESTS}/{request_id}/proofs/{file_id}?{query}")
