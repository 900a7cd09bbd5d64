"""资金管理 (manual 5): 收费信息, 监管信息 with the monthly statements, 基础账户信息, 合同信息."""

from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.fields import Group, layout
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.records import Kind, Surroundings, create, edit, form_route, offer

Json = Any
views = Blueprint("funds", __name__, url_prefix="/funds")
_TABS: Final = (
    ("/funds/fees", "收费信息"),
    ("/funds/supervision", "监管信息"),
    ("/funds/account", "基础账户信息"),
    ("/funds/contract", "合同信息"),
)

FEE_ITEM: Final = Kind(
    word="收费项目",
    service="institution",
    path="/funds/fee-items",
    nav="funds",
    draft="fee_item",
    help_chapter="funds",
    layout=layout(
        "fee_item",
        Group("收费", ("name", "charge_mode", "lesson_count", "period_days", "amount_fen",
                     "payment_plan", "advance_days", "remaining_lessons", "training_loan")),
        Group("代收费项目", ("extra_items",)),
        Group("公示与备案", ("publicized", "publicized_on", "publicity_place", "price_filing_no")),
        Group("退费办法", ("refund_policy",)),
        hints={"/amount_fen": text("hint.money"), "/publicized_on": text("hint.date")},
    ),
)  # fmt: skip
SUPERVISION: Final = Kind(
    word="监管信息",
    service="institution",
    change="/changes/supervision",
    path="/funds/supervision",
    nav="funds",
    draft="supervision",
    help_chapter="funds",
    layout=layout(
        "supervision",
        Group("监管账户", ("mode", "bank_name", "bank_branch", "account_name", "account_no",
                       "release_rule")),
        Group("监管协议", ("agreement_no", "agreement_file_id", "agreement_signed_on",
                       "agreement_filed_on")),
    ),
)  # fmt: skip
STATEMENT: Final = Kind(
    word="资金月报",
    service="institution",
    path="/funds/statements",
    nav="funds",
    help_chapter="funds",
    layout=layout(
        "statement",
        Group("月报", ("month", "cycle_total_fen", "balance_fen", "unspent_lessons_fen",
                     "deposit_balance_fen", "as_of")),
        left_out=("corrects_id", "reason"),
        hints={"/month": text("hint.month"), "/as_of": text("hint.date")},
    ),
)  # fmt: skip
CORRECTION: Final = layout(
    "statement",
    Group("更正后的月报", ("month", "cycle_total_fen", "balance_fen", "unspent_lessons_fen",
                      "deposit_balance_fen", "as_of")),
    Group("更正", ("corrects_id", "reason")),
    changed={"/corrects_id": {"kind": "choice", "is_required": True}},
    hints={"/month": text("hint.month"), "/as_of": text("hint.date")},
)  # fmt: skip
ACCOUNT: Final = Kind(
    word="基础账户信息",
    service="institution",
    path="/funds/basic-account",
    nav="funds",
    draft="basic_account",
    help_chapter="funds",
    layout=layout(
        "basic_account",
        Group("银行账户", ("account_type", "bank_name", "bank_branch", "account_name",
                       "account_no", "open_permit_no", "filed_with_authority",
                       "proof_file_id")),
    ),
)  # fmt: skip
CONTRACT: Final = Kind(
    word="合同信息",
    service="institution",
    path="/funds/contract",
    nav="funds",
    draft="service_contract",
    help_chapter="funds",
    layout=layout(
        "contract",
        Group("合同文本", ("template_code", "template_year", "local_template_name",
                       "used_for_all", "signed_count", "sample_file_id")),
        Group("退费与争议", ("cooling_off_days", "refund_days", "dispute_mode")),
    ),
)  # fmt: skip


def _tabs(current: str) -> list[tuple[str, str, int | None, bool]]:
    return [(href, word, None, href == current) for href, word in _TABS]


def _section(word: str, path: str) -> Surroundings:
    return Surroundings(title=f"资金管理：{word}", back=path, tabs=_tabs(path))


def _one_of(title: str, path: str, word: str) -> Surroundings:
    return Surroundings(title=title, back=path, crumb=[("/funds/fees", "资金管理"), (path, word)])


@views.get("/")
@access.roles(*access.INSTITUTION)
def index() -> BaseResponse:
    return redirect("/funds/fees")


@views.get("/fees")
@access.roles(*access.INSTITUTION)
def fees() -> tuple[str, int]:
    """收费项目 as they are published."""
    items = api().get(FEE_ITEM.collection(), limit=100)["items"]
    return page(
        "funds/fees.html",
        nav="funds",
        help_chapter="funds",
        tabs=_tabs("/funds/fees"),
        fee_items=items,
    )


offer(
    views, FEE_ITEM, "/fees", listed=("/funds/fees", "收费信息"), above=("/funds/fees", "资金管理")
)


@form_route(views, "/supervision")
@access.roles(*access.INSTITUTION)
def supervision() -> tuple[str, int] | BaseResponse:
    """The form, and below it what was stated month by month."""
    statements = api().get(STATEMENT.collection(), limit=24)["items"]
    round_it = replace(
        _section("监管信息", "/funds/supervision"),
        template="funds/supervision.html",
        more={"statements": statements},
    )
    return edit(SUPERVISION, round_it)


@form_route(views, "/statements/new")
@access.roles(*access.INSTITUTION)
def new_statement() -> tuple[str, int] | BaseResponse:
    return create(STATEMENT, _one_of("填报资金月报", "/funds/supervision", "监管信息"))


@form_route(views, "/statements/correction")
@access.roles(*access.INSTITUTION)
def correct_statement() -> tuple[str, int] | BaseResponse:
    """A statement is never changed: another one of the month says what it corrects, and why."""
    stated = api().get(STATEMENT.collection(), limit=100)["items"]
    corrected = {each["corrects_id"] for each in stated}
    open_ones = tuple(
        (each["statement_id"], f"{each['month']}（{each['as_of'] or '未写日期'}）")
        for each in stated
        if each["statement_id"] not in corrected
    )
    round_it = replace(
        _one_of("更正资金月报", "/funds/supervision", "监管信息"),
        options={"/corrects_id": open_ones},
    )
    return create(replace(STATEMENT, new_layout=CORRECTION), round_it)


@form_route(views, "/account")
@access.roles(*access.INSTITUTION)
def account() -> tuple[str, int] | BaseResponse:
    return edit(ACCOUNT, _section("基础账户信息", "/funds/account"))


@form_route(views, "/contract")
@access.roles(*access.INSTITUTION)
def contract() -> tuple[str, int] | BaseResponse:
    return edit(CONTRACT, _section("合同信息", "/funds/contract"))
