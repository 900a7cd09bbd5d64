"""登录 and 退出 (manual 2.2, 2.4), with what a login may ask beyond the password."""

from typing import Any, Final
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.gateway_client import Refusal, SessionEnded
from otsp_portal.identity import api, cookie_name, forget_person, has_session
from otsp_portal.pages import page
from otsp_portal.resume import mark_of, open_sealed
from otsp_portal.texts import text

Json = Any
views = Blueprint("login", __name__)

_HALF_DAY_SECONDS: Final = 12 * 60 * 60
LOGIN: Final = plain(
    "login",
    Field(name="username", label="登录账号", kind="text", hint=text("hint.username"),
          is_required=True, autocomplete="username"),
    Field(name="password", label="密码", kind="password", is_required=True,
          autocomplete="current-password"),
)  # fmt: skip
CAPTCHA: Final = plain(
    "captcha",
    *LOGIN.all(),
    Field(name="answer", label="图中的字符", kind="text", hint=text("hint.captcha"),
          is_required=True),
)  # fmt: skip
SECOND: Final = plain(
    "second",
    Field(name="code", label="动态验证码", kind="code", is_required=True,
          autocomplete="one-time-code"),
)  # fmt: skip
_HOMES: Final = {
    "inst_admin": "/home",
    "reviewer": "/desk",
    "region_admin": "/desk",
    "national_admin": "/desk/national",
    "auditor": "/desk/audit",
    "operator": "/desk/ops",
}


@views.get("/login")
@access.anyone
def log_in() -> tuple[str, int]:
    return login_page(next_path=request.args.get("next", ""))


@views.post("/login")
@access.anyone
def open_session() -> tuple[str, int] | BaseResponse:
    captcha_id = request.form.get("captcha_id")
    entry = Entry(CAPTCHA if captcha_id else LOGIN)
    entry.read(request)
    body = {name: entry.body()[name] for name in ("username", "password")}
    _require(entry, body)
    if entry.faults:
        return _again(entry, with_captcha=bool(captcha_id))
    if captcha_id:
        body["captcha"] = {"captcha_id": captcha_id, "answer": entry.body()["answer"] or ""}
    try:
        answer = api().post("/api/auth/v1/sessions", body)
    except Refusal as refusal:
        entry.note, entry.is_refused = refusal.detail, True
        entry.refuse(refusal)
        needs_captcha = bool(captcha_id) or "captcha" in refusal.slug
        return _again(entry, with_captcha=needs_captcha)
    if "second_factor" in answer.body:
        return _ask_second(Entry(SECOND), answer.body["second_factor"])
    return enter(answer.body)


@views.post("/login/second")
@access.anyone
def take_second_step() -> tuple[str, int] | BaseResponse:
    """The second factor of an authority's account: a code of an app, a text, a spare code."""
    entry = Entry(SECOND)
    entry.read(request)
    asked = {
        "second_step": request.form.get("second_step", ""),
        "methods": request.form.getlist("methods"),
    }
    method = request.form.get("method", "totp")
    if "_text" in request.form:
        sent = api().post("/api/auth/v1/second-step-codes", {"second_step": asked["second_step"]})
        flash(text("code.sent"), "ok")
        return _ask_second(entry, asked, method="sms", verification=sent.body["verification_id"])
    body = {"second_step": asked["second_step"], "method": method, "code": entry.body()["code"]}
    verification = request.form.get("verification_id") or None
    if verification:
        body["verification_id"] = verification
    try:
        answer = api().post("/api/auth/v1/second-steps", body)
    except Refusal as refusal:
        entry.refuse(refusal)
        return _ask_second(entry, asked, method=method, verification=verification)
    return enter(answer.body)


@views.post("/logout")
@access.anyone
def log_out() -> BaseResponse:
    """Ends the session at the platform first; a session that is gone already is out as well."""
    if has_session():
        try:
            api().delete("/api/auth/v1/sessions/current")
        except SessionEnded:
            flash(text("logout.already"))
        forget_person()
    session.clear()
    flash(text("logout.done"), "ok")
    answer = redirect(url_for("login.log_in"))
    answer.delete_cookie(cookie_name(), path="/")
    return answer


def login_page(
    *, sealed: str | None = None, note: str = "", next_path: str = ""
) -> tuple[str, int]:
    """The form; with `sealed`, what was being sent comes back after it."""
    return page(
        "login.html",
        status=401 if sealed else 200,
        entry=Entry(LOGIN),
        sealed=sealed or "",
        session_note=note,
        next_path=next_path,
        captcha=None,
    )


def _require(entry: Entry, body: Json) -> None:
    for asked in LOGIN.all():
        if not body[asked.name]:
            entry.refuse_with(asked.pointer, text("val.required.input", label=asked.label))


def _again(entry: Entry, *, with_captcha: bool) -> tuple[str, int]:
    captcha = api().post("/api/auth/v1/captchas").body if with_captcha else None
    shown = Entry(CAPTCHA if captcha else LOGIN, typed=dict(entry.typed), faults=entry.faults)
    shown.typed.pop("answer", None)
    shown.note, shown.is_refused = entry.note, True
    return page(
        "login.html",
        status=422,
        entry=shown,
        sealed=request.form.get("_resume", ""),
        session_note="",
        next_path=request.form.get("next", ""),
        captcha=captcha,
    )


def _ask_second(
    entry: Entry, asked: Json, *, method: str = "", verification: str | None = None
) -> tuple[str, int]:
    return page(
        "second_step.html",
        status=entry.status,
        entry=entry,
        second_step=asked["second_step"],
        methods=asked["methods"],
        method=method or asked["methods"][0],
        verification_id=verification or "",
        sealed=request.form.get("_resume", ""),
        next_path=request.form.get("next", ""),
    )


def enter(opened: Json, *, next_path: str = "") -> BaseResponse:
    """Keep the token in the cookie, and go where the person was going."""
    account = opened["account"]
    told = open_sealed(request.form.get("_resume", ""), account["account_id"])
    wanted = next_path or request.form.get("next", "")
    session.clear()
    session["account"] = mark_of(account["account_id"])
    if told:
        answer = _show_again(told)
    else:
        home = _HOMES[account["acting_role"]]
        answer = redirect(_own_path(wanted) or home)
    answer.set_cookie(
        cookie_name(),
        opened["token"],
        max_age=_HALF_DAY_SECONDS,
        secure=cookie_name().startswith("__Host-"),
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return answer


def _show_again(told: Json) -> BaseResponse:
    return make_response(render_template("resume.html", told=told, person=None))


def _own_path(wanted: str) -> str:
    """A path of this site or nothing: a login never leads elsewhere (CWE-601)."""
    parts = urlsplit(wanted)
    is_own = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_own and not parts.scheme and not parts.netloc else ""
