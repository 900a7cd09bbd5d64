"""机构查询: institutions of the jurisdiction, masked, part by part; suspension and the lists."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.displays import read_groups
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views import funds, institution
from otsp_portal.words import options, regions_called

Json = Any
views = Blueprint("institutions", __name__, url_prefix="/desk/institutions")
_INSTITUTIONS: Final = "/api/institution/v1/institutions"
_PARTS: Final = {
    "basic": ("基本信息", "", institution.BASIC.layout),
    "licence": ("办学许可证", "/licence", institution.LICENCE.layout),
    "certificates": ("机构证照", "/certificates", institution.CERTIFICATE.layout),
    "party": ("党建情况", "/party", institution.PARTY.layout),
    "documents": ("其他资料", "/other-docs", institution.DOCUMENT.layout),
    "fees": ("收费信息", "/funds/fee-items", funds.FEE_ITEM.layout),
    "supervision": ("监管信息", "/funds/supervision", funds.SUPERVISION.layout),
    "account": ("基础账户信息", "/funds/basic-account", funds.ACCOUNT.layout),
    "contract": ("合同信息", "/funds/contract", funds.CONTRACT.layout),
}
ORDER: Final = plain(
    "order",
    Field(name="reason", label="理由", kind="area_text", is_required=True,
          hint="机构将看到这段文字"),
    Field(name="basis_doc", label="依据文书", kind="text", is_required=True,
          hint="如责令整改通知书文号"),
)  # fmt: skip


@views.get("")
@access.roles(*access.REVIEWERS)
def found() -> tuple[str, int]:
    names = ("q", "category", "delivery", "compliance_status", "registration_status", "cursor")
    asked = {name: request.args[name].strip() for name in names if request.args.get(name)}
    typed = request.args.get("region", "").strip()
    places = regions_called(typed) if typed else []
    listed: Json = {"items": [], "next": None}
    problem = ""
    if typed and len(places) != 1:
        problem = "请写省、市、区县的全称"
    else:
        region = places[0][0] if places else None
        try:
            listed = api().get(_INSTITUTIONS, limit=50, region=region, **asked)
        except Refusal as refusal:
            if refusal.status not in (400, 422):
                raise
            problem = refusal.detail
    return page(
        "oversight/institutions.html", status=422 if problem else 200, nav="institutions",
        help_chapter="institutions", institutions=listed["items"], following=listed["next"],
        asked={**asked, "region": typed}, problem=problem,
        statuses=options("compliance.COMPLIANCE_STATUSES_ZH"),
        categories=options("all.CATEGORIES_ZH"),
        deliveries=options("institution.DELIVERY_MODES_ZH"),
    )  # fmt: skip


@views.get("/<uuid:institution_id>")
@access.roles(*access.REVIEWERS)
def one(institution_id: object) -> tuple[str, int]:
    """What is entered now, as it is masked for whoever looks: not what was filed."""
    part = request.args.get("part", "basic")
    word, path, layout = _PARTS.get(part, _PARTS["basic"])
    client, place = api(), f"{_INSTITUTIONS}/{institution_id}"
    whole, told = client.together(
        lambda: client.get(place), lambda: client.find(f"{place}{path}") if path else None
    )
    stored = told if path else whole
    rows = stored["items"] if stored and "items" in stored else [stored] if stored else []
    return page(
        "oversight/institution.html", nav="institutions", help_chapter="institutions",
        institution=whole, part=part, part_word=word,
        tabs=[
            (f"/desk/institutions/{institution_id}?part={key}", each[0], None, key == part)
            for key, each in _PARTS.items()
        ],
        groups=[read_groups(layout, row) for row in rows],
    )  # fmt: skip


@views.route("/<uuid:institution_id>/<any(suspension, resumption):measure>",
             methods=["GET", "POST"])  # fmt: skip
@access.roles(*access.REVIEWERS)
def order(institution_id: object, measure: str) -> tuple[str, int] | BaseResponse:
    """暂停培训 and 恢复培训: a reviewer proposes, a region administrator orders."""
    entry = Entry(ORDER)
    here = f"/desk/institutions/{institution_id}"
    if request.method == "POST" and entry.read(request):
        place = f"{_INSTITUTIONS}/{institution_id}/{measure}"
        if entry.attempt(lambda: api().post(place, entry.body(), key=entry.key)) is not None:
            flash(text("ok.done"), "ok")
            return redirect(here)
    title = {"suspension": "暂停培训", "resumption": "恢复培训"}[measure]
    return page(
        "simple.html", status=entry.status, nav="institutions", help_chapter="lists",
        title=title, above="机构查询", entry=entry, button=title,
        lead="审核员提出，由本部门区域管理员确认后生效；区域管理员作出的立即生效。",
        tabs=(), step=None, cancel=here,
    )  # fmt: skip
