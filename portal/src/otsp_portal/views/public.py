"""Open pages (design §1.1): 首页, 白名单查询, 找谁办, 回执验证, 开放数据, 长辈模式."""

from typing import Any, Final
from urllib.parse import urlencode

import orjson
from flask import Blueprint, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api
from otsp_portal.pages import TYPE_COOKIE, know_person, page
from otsp_portal.words import options, region_name, regions_called

Json = Any
views = Blueprint("public", __name__)
_PUBLIC: Final = "/api/compliance/v1/public"
_PAGE_SIZE: Final = 20
_YEAR_SECONDS: Final = 365 * 24 * 60 * 60
_LARGEST_RECEIPT: Final = 1024 * 1024
LISTS: Final = (("", "白名单"), ("grey", "预警"), ("black", "黑名单"), ("closed", "已注销"))


@views.get("/")
@access.anyone
def home() -> tuple[str, int]:
    know_person()
    return page("public/home.html", nav="home")


@views.get("/whitelist")
@access.anyone
def whitelist() -> tuple[str, int]:
    """白名单查询 and the three other lists; shareable, so that what is asked stands in the URL."""
    know_person()
    asked = {name: value.strip() for name, value in request.args.items() if value.strip()}
    kind = asked.get("list", "")
    problem, found = "", None
    region, problem = _region(asked.get("region", ""))
    if asked and not problem:
        try:
            found = _look_up(asked, region) if not kind else _listed(kind, asked, region)
        except Refusal as refusal:
            if refusal.status not in (400, 404, 422):
                raise
            problem = refusal.detail
    return page(
        "public/whitelist.html",
        nav="whitelist",
        asked=asked,
        kind=kind,
        tabs=_tabs(asked, kind),
        found=found,
        problem=problem,
        categories=options("all.CATEGORIES_ZH"),
        deliveries=options("institution.DELIVERY_MODES_ZH"),
        stages=options("all.STAGES_ZH"),
        page_size=_PAGE_SIZE,
    )


@views.get("/whitelist/<uuid:institution_id>")
@access.anyone
def institution(institution_id: object) -> tuple[str, int]:
    """What is public of an approved institution, as it was approved (domain §5.2)."""
    know_person()
    told = api().get(f"{_PUBLIC}/register/{institution_id}")
    return page(
        "public/institution.html", nav="whitelist", entry=told["entry"], detail=told["detail"]
    )


@views.get("/who")
@access.anyone
def who() -> tuple[str, int]:
    """找谁办: which authority, its telephone, address and hours (manual 1.3.2)."""
    know_person()
    typed = request.args.get("region", "").strip()
    delivery = request.args.get("delivery", "offline")
    region, problem = _region(typed)
    found = None
    if region:
        try:
            found = api().get(
                "/api/auth/v1/authorities/responsible", region_code=region, delivery=delivery
            )
        except Refusal as refusal:
            if refusal.status not in (400, 404, 422):
                raise
            problem = refusal.detail
    return page(
        "public/who.html",
        nav="who",
        typed=typed,
        delivery=delivery,
        found=found,
        problem=problem,
    )


@views.route("/verify", methods=["GET", "POST"])
@access.anyone
def verify() -> tuple[str, int] | BaseResponse:
    """回执验证: by number, or by the file that somebody holds."""
    know_person()
    if request.method == "GET":
        number = request.args.get("no", "").replace(" ", "").strip()
        return redirect(f"/verify/{number}") if number else _verified(None, "", "")
    upload = request.files.get("receipt")
    pasted = request.form.get("pasted", "").strip()
    content = upload.read(_LARGEST_RECEIPT) if upload and upload.filename else pasted.encode()
    try:
        receipt = orjson.loads(content)
    except orjson.JSONDecodeError:
        return _verified(None, "", "这不是回执文件，请上传下载得到的验证文件，或粘贴其全部内容")
    try:
        verdict = api().post(f"{_PUBLIC}/verification", receipt).body
    except Refusal as refusal:
        if refusal.status not in (400, 413, 422):
            raise
        return _verified(None, "", refusal.detail)
    return _verified(verdict, "", "")


@views.get("/verify/<number>")
@access.anyone
def verify_number(number: str) -> tuple[str, int]:
    know_person()
    try:
        statement = api().get(f"{_PUBLIC}/receipts/{number}")
    except Refusal as refusal:
        if refusal.status not in (400, 404, 422):
            raise
        return _verified({"verdict": "unknown", "faults": [], "payload": None}, number, "")
    verdict = {"verdict": statement["state"], "faults": [], **statement}
    return _verified(verdict, number, "")


@views.get("/open-data")
@access.anyone
def open_data() -> tuple[str, int]:
    """开放数据: daily files with their checksums, and the signed heads of the log."""
    know_person()
    asked = api()
    files, heads = asked.together(
        lambda: asked.get(f"{_PUBLIC}/open-data")["items"],
        lambda: asked.get(f"{_PUBLIC}/log/heads", limit=10)["items"],
    )
    return page("public/open_data.html", nav="open_data", days=files, heads=heads)


@views.get("/accessibility")
@access.anyone
def accessibility() -> tuple[str, int]:
    know_person()
    return page("public/accessibility.html")


@views.get("/privacy")
@access.anyone
def privacy() -> tuple[str, int]:
    know_person()
    return page("public/privacy.html")


@views.post("/preferences/type")
@access.anyone
def choose_type() -> BaseResponse:
    """长辈模式 and back; the choice stays a year in this browser and says nothing of anybody."""
    back = request.form.get("back", "/")
    is_own = back.startswith("/") and not back.startswith(("//", "/\\"))
    answer = make_response(redirect(back if is_own else "/"))
    chosen = "large" if request.form.get("type") == "large" else "normal"
    answer.set_cookie(TYPE_COOKIE, chosen, max_age=_YEAR_SECONDS, samesite="Lax", httponly=True)
    return answer


def _look_up(asked: dict[str, str], region: str | None) -> Json:
    number = asked.get("page", "1")
    return api().get(
        f"{_PUBLIC}/register",
        q=asked.get("q"),
        region=region,
        category=asked.get("category"),
        delivery=asked.get("delivery"),
        stage=asked.get("stage"),
        page_no=number if number.isdecimal() else "1",
        page_size=_PAGE_SIZE,
    )


def _listed(kind: str, asked: dict[str, str], region: str | None) -> Json:
    return api().get(
        f"{_PUBLIC}/lists/{kind}",
        q=asked.get("q"),
        region=region,
        cursor=asked.get("cursor"),
        limit=_PAGE_SIZE,
    )


def _region(typed: str) -> tuple[str | None, str]:
    """(code, "") where one division is meant, (None, words) where it is not clear which."""
    if not typed:
        return None, ""
    found = regions_called(typed)
    if len(found) == 1:
        return found[0][0], ""
    if not found:
        return None, f"没有找到“{typed}”，请写省、市、区县的全称，或6位行政区划代码"
    names = "、".join(name for _code, name in found[:5])
    return None, f"叫“{typed}”的地区有{len(found)}个：{names}。请写全称"


def _tabs(asked: dict[str, str], kind: str) -> list[tuple[str, str, int | None, bool]]:
    kept = {key: value for key, value in asked.items() if key in ("q", "region")}
    return [
        (_address({**kept, "list": each} if each else kept), word, None, each == kind)
        for each, word in LISTS
    ]


def _address(query: dict[str, str]) -> str:
    return f"/whitelist?{urlencode(query)}" if query else "/whitelist"


def _verified(verdict: Json | None, number: str, problem: str) -> tuple[str, int]:
    return page(
        "public/verify.html",
        nav="verify",
        verdict=verdict,
        number=number,
        problem=problem,
        region_name=region_name,
    )
