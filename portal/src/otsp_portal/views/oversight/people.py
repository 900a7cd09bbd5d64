"""审核员与授权: accounts of the authority's people, what is lent to whom and until when."""

from datetime import date, datetime, time
from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis.clock import SHANGHAI
from otsp_portal import access
from otsp_portal.forms.button import press
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Options, plain
from otsp_portal.gateway_client import Api
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.words import options

Json = Any
views = Blueprint("people", __name__, url_prefix="/desk")
_AUTH: Final = "/api/auth/v1"
_ROLES: Final = ("reviewer", "region_admin", "auditor")

ACCOUNT: Final = plain(
    "account",
    Field(name="username", label="登录账号", kind="text", is_required=True,
          hint="字母、数字、短横线，本人登录时使用"),
    Field(name="person_name", label="姓名", kind="text", is_required=True),
    Field(name="mobile", label="手机号", kind="mobile", hint="接收第二步验证和提醒"),
    Field(name="role", label="角色", kind="choice", codes="auth.role", is_required=True),
    Field(name="password", label="初始密码", kind="password", hint=text("hint.password"),
          is_required=True),
)  # fmt: skip
DELEGATION: Final = plain(
    "delegation",
    Field(name="kind", label="种类", kind="choice", codes="auth.delegation_kind",
          is_required=True),
    Field(name="from_account_id", label="由谁", kind="choice", is_required=True),
    Field(name="to_account_id", label="交给谁", kind="choice", is_required=True),
    Field(name="valid_from", label="开始日期", kind="day", hint=text("hint.date"),
          is_required=True),
    Field(name="valid_to", label="结束日期", kind="day", hint="到期自动收回",
          is_required=True),
    Field(name="reason", label="理由", kind="area_text", is_required=True),
)  # fmt: skip
REASON: Final = plain("reason", Field(name="reason", label="理由", kind="area_text",
                                      is_required=True))  # fmt: skip
ACTS: Final = {
    "suspension": ("停用账号", "停用后立即退出，不能登录。"),
    "resumption": ("恢复账号", "恢复后可以用原密码登录。"),
    "unlocking": ("解除锁定", "连续输错密码造成的锁定立即解除。"),
    "password-link": ("发送设置密码的链接", "链接发到本人手机号，30分钟内有效，只能使用一次。"),
    "second-factor-resets": ("重置第二步验证", "本人下次登录时重新绑定。"),
}


@views.get("/people")
@access.roles(*access.ADMINISTRATORS)
def people() -> tuple[str, int]:
    """The authority's own people; the nation's administrator sees all of them."""
    asked = {name: request.args[name] for name in ("role", "cursor") if request.args.get(name)}
    client = api()
    accounts, lent = client.together(
        lambda: client.get(f"{_AUTH}/accounts", limit=50, **_of_authority(), **asked),
        lambda: (
            client.get(f"{_AUTH}/delegations", limit=50)
            if the_person().role == "region_admin"
            else {"items": [], "next": None}
        ),
    )
    names = {each["account_id"]: each["person_name"] or each["username"] for each in
             accounts["items"]}  # fmt: skip
    return page(
        "oversight/people.html",
        nav="people",
        help_chapter="people",
        accounts=accounts["items"],
        following=accounts["next"],
        delegations=lent["items"],
        names=names,
        roles=[(code, word) for code, word in options("auth.role") if code in _ROLES],
        asked=asked,
    )


@views.route("/people/new", methods=["GET", "POST"])
@access.roles(*access.ADMINISTRATORS)
def new_account() -> tuple[str, int] | BaseResponse:
    choices = tuple((code, word) for code, word in options("auth.role") if code in _ROLES)
    entry = Entry(ACCOUNT, options={"/role": choices})
    if request.method == "POST" and entry.read(request):
        body = {**entry.body(), "authority_id": the_person().authority_id}
        sent = {name: value for name, value in body.items() if value is not None}
        made = entry.attempt(lambda: api().post(f"{_AUTH}/accounts", sent, key=entry.key))
        if made is not None:
            flash(text("ok.account.made"), "ok")
            return redirect("/desk/people")
    return _form("新增审核员", entry, "创建账号")


@views.route("/people/<uuid:account_id>/<any(suspension, resumption, unlocking, 'password-link',"
             " 'second-factor-resets'):act>", methods=["GET", "POST"])  # fmt: skip
@access.roles(*access.ADMINISTRATORS)
def change_account(account_id: object, act: str) -> tuple[str, int] | BaseResponse:
    """Each with a reason, which stays in the trail."""
    entry = Entry(REASON)
    if request.method == "POST" and entry.read(request):
        place = f"{_AUTH}/accounts/{account_id}/{act}"
        if entry.attempt(lambda: api().post(place, entry.body(), key=entry.key)) is not None:
            flash(text("ok.done"), "ok")
            return redirect("/desk/people")
    title, consequence = ACTS[act]
    return _form(title, entry, title, lead=consequence)


@views.route("/delegations/new", methods=["GET", "POST"])
@access.roles("region_admin")
def new_delegation() -> tuple[str, int] | BaseResponse:
    """Leave cover or lent administration: it ends by itself (授权到期自动收回)."""
    client = api()
    choices = _colleagues(client)
    entry = Entry(DELEGATION, options={"/from_account_id": choices, "/to_account_id": choices})
    if request.method == "POST" and entry.read(request):
        body = entry.body()
        body["valid_from"] = _moment(body["valid_from"], time(0, 0))
        body["valid_to"] = _moment(body["valid_to"], time(23, 59, 59))
        made = entry.attempt(lambda: client.post(f"{_AUTH}/delegations", body, key=entry.key))
        if made is not None:
            flash(text("ok.done"), "ok")
            return redirect("/desk/people")
    return _form("新增授权", entry, "授权")


@views.post("/delegations/<uuid:delegation_id>/end")
@access.roles("region_admin")
def end_delegation(delegation_id: object) -> BaseResponse:
    place = f"{_AUTH}/delegations/{delegation_id}/end"
    press(lambda: api().post(place, key=request.form.get("_key")), said="ok.done")
    return redirect("/desk/people")


def _of_authority() -> dict[str, str]:
    authority = the_person().authority_id
    return {"authority_id": authority} if authority else {}


def _colleagues(client: Api) -> Options:
    found = client.get(f"{_AUTH}/accounts", limit=100, **_of_authority())["items"]
    return tuple(
        (each["account_id"], each["person_name"] or each["username"])
        for each in found
        if each["status"] == "active"
    )


def _moment(day: Json, at: time) -> Json:
    """The day's beginning or end in Shanghai; what is no day goes as it was typed."""
    try:
        return datetime.combine(date.fromisoformat(day or ""), at, SHANGHAI).isoformat()
    except ValueError:
        return day


def _form(title: str, entry: Entry, button: str, *, lead: str = "") -> tuple[str, int]:
    return page(
        "simple.html", status=entry.status, nav="people", help_chapter="people", title=title,
        above="审核员与授权", entry=entry, button=button, lead=lead, tabs=(), step=None,
        cancel="/desk/people",
    )  # fmt: skip
