"""设置 (manual 2.5, 2.7): 修改密码, 个人信息, 登录设备, 消息通知方式, 系统接入, 第二步验证."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, flash, redirect, request, session
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Layout, plain
from otsp_portal.forms.saving import save
from otsp_portal.gateway_client import Answer
from otsp_portal.identity import api, cookie_name, forget_person, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.words import options

Json = Any
views = Blueprint("settings", __name__, url_prefix="/settings")
_ACCOUNT: Final = "/api/auth/v1/account"

PASSWORD: Final = plain(
    "password",
    Field(name="current_password", label="当前密码", kind="password", is_required=True,
          autocomplete="current-password"),
    Field(name="new_password", label="新密码", kind="password", is_required=True,
          hint=text("hint.password"), autocomplete="new-password"),
    Field(name="new_password_confirmation", label="确认新密码", kind="password",
          is_required=True, autocomplete="new-password"),
)  # fmt: skip
PROFILE: Final = plain(
    "profile",
    Field(name="person_name", label="姓名", kind="text", is_required=True, autocomplete="name"),
    Field(name="contact_tel", label="机构联系电话", kind="tel", autocomplete="tel"),
    Field(name="postcode", label="邮编", kind="postcode", autocomplete="postal-code"),
    Field(name="contact_address", label="机构联系地址", kind="text",
          autocomplete="street-address"),
)  # fmt: skip
NAME_ONLY: Final = plain(
    "name",
    Field(name="person_name", label="姓名", kind="text", is_required=True, autocomplete="name"),
)
EMAIL: Final = plain(
    "email",
    Field(name="email", label="邮箱", kind="email", is_required=True, autocomplete="email"),
    Field(name="current_password", label="当前密码", kind="password", is_required=True,
          autocomplete="current-password"),
)  # fmt: skip
MOBILE: Final = plain(
    "mobile",
    Field(name="new_mobile", label="新手机号", kind="mobile", is_required=True,
          autocomplete="tel"),
)  # fmt: skip
CODE: Final = plain(
    "code",
    Field(name="code", label="验证码", kind="code", is_required=True,
          autocomplete="one-time-code"),
)  # fmt: skip
TWO_CODES: Final = plain(
    "codes",
    Field(name="old_code", label="原手机号收到的验证码", kind="code", is_required=True),
    Field(name="new_code", label="新手机号收到的验证码", kind="code", is_required=True),
)  # fmt: skip
KEY: Final = plain(
    "key",
    Field(name="name", label="系统名称", kind="text", is_required=True,
          hint="写明由哪个系统使用，如排课系统"),
    Field(name="scopes", label="可以使用的功能", kind="choices", codes="auth.scope"),
    Field(name="expires_on", label="有效期至", kind="day", hint=text("hint.date"),
          is_required=True),
)  # fmt: skip


def tabs(current: str) -> list[tuple[str, str, int | None, bool]]:
    """Those that the person has; system keys are the institutions'."""
    all_of_them = [
        ("/settings/password", "修改密码"),
        ("/settings/profile", "个人信息"),
        ("/settings/sessions", "登录设备"),
        ("/settings/notifications", "通知方式"),
        ("/settings/factors", "第二步验证"),
    ]
    if the_person().is_institution:
        all_of_them.append(("/settings/keys", "系统接入"))
    return [(href, word, None, href == current) for href, word in all_of_them]


@views.get("/")
@access.signed_in
def index() -> BaseResponse:
    return redirect("/settings/password")


@views.route("/password", methods=["GET", "POST"])
@access.signed_in
def password() -> tuple[str, int] | BaseResponse:
    """修改密码: the current one, a new one twice; then log in anew."""
    entry = Entry(PASSWORD)
    done = _sent(entry, f"{_ACCOUNT}/password", then=_log_in_anew("ok.password"))
    told = "" if done else "；".join(api().get("/api/auth/v1/password-policy")["told_zh"])
    return done or _page("password", entry, "修改密码", lead=told)


@views.route("/profile", methods=["GET", "POST"])
@access.signed_in
def profile() -> tuple[str, int] | BaseResponse:
    """个人信息 of whoever manages the account."""
    layout: Layout = PROFILE if the_person().is_institution else NAME_ONLY
    entry = Entry(layout)
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.put(
                f"{_ACCOUNT}/personal-information", body, of=entry.version, key=entry.key
            ),
            then=_done("ok.profile", "/settings/profile"),
        )
        if done is not None:
            return done
    asked = api()
    stored, account = asked.together(
        lambda: asked.read(f"{_ACCOUNT}/personal-information"), lambda: asked.get(_ACCOUNT)
    )
    if request.method == "GET":
        entry.fill(stored.body, stored.etag or stored.body["version"])
    return _page("profile", entry, "个人信息", template="settings/profile.html", account=account)


@views.route("/email", methods=["GET", "POST"])
@access.signed_in
def email() -> tuple[str, int] | BaseResponse:
    """A mail address counts once the code that was sent to it has come back."""
    entry = Entry(EMAIL)
    done = _sent(
        entry,
        f"{_ACCOUNT}/email-changes",
        then=lambda answer: _to_code("email", answer.body["email_change_id"]),
    )
    return done or _page("profile", entry, "绑定邮箱", button=text("btn.sms"))


@views.route("/mobile", methods=["GET", "POST"])
@access.signed_in
def mobile() -> tuple[str, int] | BaseResponse:
    entry = Entry(MOBILE)
    done = _sent(
        entry,
        f"{_ACCOUNT}/mobile-changes",
        then=lambda answer: _to_code("mobile", answer.body["mobile_change_id"]),
    )
    return done or _page("profile", entry, "更换手机号", button=text("btn.sms"))


@views.route("/email/<uuid:change_id>", methods=["GET", "POST"])
@access.signed_in
def confirm_email(change_id: object) -> tuple[str, int] | BaseResponse:
    entry = Entry(CODE)
    place = f"{_ACCOUNT}/email-changes/{change_id}/completion"
    done = _sent(entry, place, then=_done("ok.profile", "/settings/profile"))
    return done or _page("profile", entry, "绑定邮箱：填写验证码", lead=text("code.mailed"))


@views.route("/mobile/<uuid:change_id>", methods=["GET", "POST"])
@access.signed_in
def confirm_mobile(change_id: object) -> tuple[str, int] | BaseResponse:
    entry = Entry(TWO_CODES)
    place = f"{_ACCOUNT}/mobile-changes/{change_id}/completion"
    done = _sent(entry, place, then=_log_in_anew("ok.mobile"))
    return done or _page("profile", entry, "更换手机号：填写验证码", lead=text("code.two"))


@views.get("/sessions")
@access.signed_in
def sessions() -> tuple[str, int]:
    """登录设备: where the account is logged in, with one button for all of them."""
    found = api().get(f"{_ACCOUNT}/sessions")["items"]
    return page(
        "settings/sessions.html", nav="settings", help_chapter="account",
        tabs=tabs("/settings/sessions"), sessions=found,
    )  # fmt: skip


@views.post("/sessions/<uuid:session_id>/end")
@access.signed_in
def end_session(session_id: object) -> BaseResponse:
    api().delete(f"{_ACCOUNT}/sessions/{session_id}")
    flash(text("ok.session.ended"), "ok")
    return redirect("/settings/sessions")


@views.route("/sessions/end", methods=["GET", "POST"])
@access.signed_in
def end_all_sessions() -> tuple[str, int] | BaseResponse:
    """退出所有设备, here too; asked once."""
    if request.method == "POST":
        api().delete(f"{_ACCOUNT}/sessions")
        return _log_in_anew("logout.all")(Answer(204, None, None, None))
    return page(
        "confirm.html", nav="settings", title=text("cf.logout.all.title"),
        body=text("cf.logout.all.text"), button=text("cf.logout.all.button"),
        entry=Entry(KEY), back="/settings/sessions", crumb=(), is_danger=True,
    )  # fmt: skip


@views.route("/notifications", methods=["GET", "POST"])
@access.signed_in
def notifications() -> tuple[str, int] | BaseResponse:
    """通知方式: what goes by text and mail beside the inbox."""
    place = f"{_ACCOUNT}/notification-preferences"
    if request.method == "POST":
        body = {"sms": request.form.getlist("sms"), "email": request.form.getlist("email")}
        api().put(place, body, of=request.form["_version"], key=request.form.get("_key"))
        flash(text("ok.save"), "ok")
        return redirect("/settings/notifications")
    stored = api().read(place)
    return page(
        "settings/notifications.html", nav="settings", help_chapter="account",
        tabs=tabs("/settings/notifications"), preferences=stored.body,
        entry=Entry(KEY, version=stored.etag or str(stored.body["version"])),
    )  # fmt: skip


@views.get("/keys")
@access.roles(*access.INSTITUTION)
def keys() -> tuple[str, int]:
    """系统接入: keys of the institution's own systems."""
    return page(
        "settings/keys.html", nav="settings", help_chapter="account",
        tabs=tabs("/settings/keys"), keys=api().get("/api/auth/v1/api-keys")["items"],
        issued=None,
    )  # fmt: skip


@views.route("/keys/new", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def new_key() -> tuple[str, int] | BaseResponse:
    """The key is told on the page that answers, this once."""
    entry = Entry(KEY, options={"/scopes": tuple(options("auth.scope"))})
    if request.method == "POST" and entry.read(request) and not entry.is_reshown:
        answer = entry.attempt(
            lambda: api().post("/api/auth/v1/api-keys", entry.body(), key=entry.key)
        )
        if answer is not None:
            return page(
                "settings/keys.html", status=201, nav="settings", tabs=tabs("/settings/keys"),
                keys=api().get("/api/auth/v1/api-keys")["items"], issued=answer.body,
            )  # fmt: skip
    return _page("keys", entry, "创建密钥", button="创建密钥", cancel="/settings/keys")


@views.post("/keys/<uuid:api_key_id>/revocation")
@access.roles(*access.INSTITUTION)
def revoke_key(api_key_id: object) -> BaseResponse:
    api().delete(f"/api/auth/v1/api-keys/{api_key_id}")
    flash(text("ok.key.revoked"), "ok")
    return redirect("/settings/keys")


def _sent(
    entry: Entry, place: str, *, then: Callable[[Answer], BaseResponse]
) -> BaseResponse | None:
    """Where a small form leads once it is accepted; None where it is to be shown."""
    if request.method != "POST":
        return None
    return save(entry, lambda asked, body: asked.post(place, body, key=entry.key), then=then)


def _page(
    tab: str, entry: Entry, title: str, *, template: str = "simple.html", **told: Json
) -> tuple[str, int]:
    """A tab of the settings with one form."""
    return page(
        template, status=entry.status, nav="settings", help_chapter="account",
        tabs=tabs(f"/settings/{tab}"), above="设置", title=title, entry=entry,
        **{"lead": "", "button": "", "step": None, **told},
    )  # fmt: skip


def _done(words: str, place: str) -> Callable[[Answer], BaseResponse]:
    def then(_answer: Answer) -> BaseResponse:
        forget_person()
        flash(text(words), "ok")
        return redirect(place)

    return then


def _to_code(what: str, change_id: str) -> BaseResponse:
    flash(text("code.sent"), "ok")
    return redirect(f"/settings/{what}/{change_id}")


def _log_in_anew(words: str) -> Callable[[Answer], BaseResponse]:
    """All sessions of the account have ended, this one with them."""

    def then(_answer: Answer) -> BaseResponse:
        forget_person()
        session.clear()
        flash(text(words), "ok")
        answer = redirect("/login")
        answer.delete_cookie(cookie_name(), path="/")
        return answer

    return then
