"""注销申请 (manual 1.3.3(7)): what only the institution can say, as debts are paid in order."""

from typing import Any, Final

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Group, Layout
from otsp_portal.forms.saving import Places, save
from otsp_portal.gateway_client import Answer, Api
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.home import cured
from otsp_portal.views.records import base, form_route
from otsp_portal.words import options

Json = Any
views = Blueprint("own_deregistration", __name__, url_prefix="/deregister")

_PATH: Final = "/api/compliance/v1/deregistrations"
_CHECKS: Final = "/api/compliance/v1/self-checks"
_ANNOUNCED: Final = "DER-006"
_OWN: Final = frozenset({"withdraw_open", "reason_early"})
_FIELDS: Final = (
    Field(name="reason", label="注销原因", kind="choice",
          options=tuple(options("compliance.REASONS_ZH")), is_required=True),
    Field(name="stop_on", label="停止培训日期", kind="day", hint=text("hint.date"),
          is_required=True),
    Field(name="notice_published_on", label="拟终止公告日期", kind="day",
          hint="自行终止的，应提前180天公告"),
    Field(name="reason_early", label="公告未满180天的例外理由", kind="area_text", longest=1000,
          hint=text("hint.exception")),
    Field(name="unrefunded_fen", label="应退未退学员费用", kind="money",
          hint="已全部退清的填0；有余额的不能注销"),
    Field(name="unpaid_wages_fen", label="未付教职工工资和社会保险费", kind="money",
          hint="已全部付清的填0"),
    Field(name="settlement_report_file_id", label="财务清算报告", kind="file"),
    Field(name="deregistration_proof_file_id", label="登记机关的注销证明", kind="file"),
    Field(name="archive_keeper", label="培训材料、财务档案保管人", kind="text", longest=100),
    Field(name="withdraw_open", label="一并撤回正在办理的合规申请", kind="yesno"),
)  # fmt: skip
_GROUPS: Final = (
    Group("原因和日期", ("reason", "stop_on", "notice_published_on", "reason_early")),
    Group("第一项：退还学员费用", ("unrefunded_fen",)),
    Group("第二项：支付工资和社会保险费", ("unpaid_wages_fen",)),
    Group("第三项：偿还其他债务，清算和归档", ("settlement_report_file_id",
          "deregistration_proof_file_id", "archive_keeper")),
)  # fmt: skip
_WITHDRAWS: Final = Group("正在办理的合规申请", ("withdraw_open",))


@form_route(views, "")
@access.roles(*access.INSTITUTION)
def deregister() -> tuple[str, int] | BaseResponse:
    """The form; before it is filed the same answers may be checked without filing anything."""
    asked = api()
    told = asked.get("/api/compliance/v1/home")
    reasons = [each for each in told["deregister"]["reasons"] if each["code"] != "application-open"]
    withdraws = len(reasons) != len(told["deregister"]["reasons"])
    entry = Entry(_layout(withdraws=withdraws), service="compliance", place_of=_place_of)
    if request.method == "POST":
        wants_check = "_check" in request.form
        done = save(
            entry,
            lambda on, body: _send(on, body, key=entry.key, wants_check=wants_check),
            then=_arrived,
            places=Places(f"{base('compliance')}/files"),
        )
        if done is not None:
            return done
    return page(
        "deregistration/form.html",
        status=entry.status,
        nav="home",
        help_chapter="home",
        told=told,
        entry=entry,
        withdraws=told["application"] if withdraws else None,
        why_not=[cured(each, told) for each in reasons],
    )


@views.get("/<uuid:application_id>")
@access.roles(*access.INSTITUTION)
def closing(application_id: object) -> BaseResponse:
    """A deregistration is an application like the others; its page shows the closing steps."""
    return redirect(f"/apply/{application_id}")


def closing_body(body: Json) -> dict[str, Json]:
    """What the API takes out of the answers of the form."""
    told: dict[str, Json] = {
        "closing": {name: value for name, value in body.items() if name not in _OWN}
    }
    if body.get("reason_early"):
        told["exceptions"] = [{"rule_id": _ANNOUNCED, "reason": body["reason_early"]}]
    if body.get("withdraw_open"):
        told["withdraw_open"] = True
    return told


def _layout(*, withdraws: bool) -> Layout:
    groups = (*_GROUPS, _WITHDRAWS) if withdraws else _GROUPS
    fields = {each.name: each.below("") for each in _FIELDS}
    return Layout("deregistration", groups, fields, () if withdraws else ("withdraw_open",))


def _send(asked: Api, body: Json, *, key: str, wants_check: bool) -> Answer:
    institution = {"institution_id": the_person().institution_id}
    told = closing_body(body)
    if not wants_check:
        return asked.post(_PATH, {**institution, **told}, key=key)
    closing_told = {name: value for name, value in told["closing"].items() if name != "stop_on"}
    return asked.post(_CHECKS, {**institution, "closing": closing_told}, key=key)


def _arrived(answer: Answer) -> BaseResponse:
    told = answer.body
    if "self_check_id" in told:
        return redirect(f"/self-checks/{told['self_check_id']}")
    return redirect(f"/apply/{told['application_id']}")


def _place_of(pointer: str) -> str:
    """The API's body is one step deeper than the form."""
    return (
        "/reason_early" if pointer.startswith("/exceptions") else pointer.removeprefix("/closing")
    )
