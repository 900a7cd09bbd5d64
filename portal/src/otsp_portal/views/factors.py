"""第二步验证: an authenticator app or the own mobile, and the spare codes that come with it."""

import base64
from io import BytesIO
from typing import Any, Final

import segno
from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.identity import api, forget_person
from otsp_portal.pages import page
from otsp_portal.resume import open_secret, seal_secret
from otsp_portal.texts import text
from otsp_portal.views.settings import tabs

Json = Any
views = Blueprint("factors", __name__, url_prefix="/settings/factors")
_FACTORS: Final = "/api/auth/v1/account/second-factors"
_TEN_MINUTES: Final = 600

_PROOF: Final = (
    Field(name="password", label="登录密码", kind="password", is_required=True,
          autocomplete="current-password"),
    Field(name="method", label="用哪种方式证明", kind="choice",
          codes="auth.second_factor_method", hint="已经绑定过第二步验证的，须先证明"),
    Field(name="code", label="现有的验证码或备用码", kind="code",
          autocomplete="one-time-code"),
)  # fmt: skip
ENROL: Final = plain(
    "enrol",
    Field(name="kind", label="绑定什么", kind="choice",
          options=(("totp", "验证器应用"), ("sms", "本人手机短信")), is_required=True),
    *_PROOF,
)  # fmt: skip
REMOVE: Final = plain("remove_factor", *_PROOF)
CONFIRM: Final = plain(
    "confirm_factor",
    Field(name="code", label="验证码", kind="code", is_required=True,
          autocomplete="one-time-code"),
)  # fmt: skip


@views.get("", endpoint="factors")
@access.signed_in
def factors() -> tuple[str, int]:
    told = api().get(_FACTORS)
    return page(
        "settings/factors.html", nav="settings", help_chapter="account",
        tabs=tabs("/settings/factors"), factors=told["items"],
        codes_left=told["recovery_codes_left"],
    )  # fmt: skip


@views.route("/new", methods=["GET", "POST"])
@access.signed_in
def enrol() -> tuple[str, int]:
    entry = Entry(ENROL)
    if request.method == "POST" and entry.read(request):
        begun = entry.attempt(
            lambda: api().post(_FACTORS, _with_proof(entry.body()), key=entry.key)
        )
        if begun is not None:
            return _ask_code(Entry(CONFIRM), begun.body)
    return _form("绑定第二步验证", entry, text("btn.next"))


@views.post("/<uuid:factor_id>/confirmation")
@access.signed_in
def confirm(factor_id: object) -> tuple[str, int]:
    """The spare codes are told on the page that answers, this once."""
    entry = Entry(CONFIRM)
    entry.read(request)
    sealed = open_secret(request.form.get("begun", ""), _TEN_MINUTES)
    verification = request.form.get("verification_id")
    body = entry.body() | ({"verification_id": verification} if verification else {})
    place = f"{_FACTORS}/{factor_id}/confirmation"
    done = entry.attempt(lambda: api().post(place, body, key=entry.key))
    if done is None:
        begun = {"factor_id": str(factor_id), "verification_id": verification,
                 "otpauth_uri": sealed or None, "secret": None}  # fmt: skip
        return _ask_code(entry, begun)
    forget_person()
    return page(
        "settings/spare_codes.html", nav="settings", tabs=tabs("/settings/factors"),
        codes=done.body["recovery_codes"],
    )  # fmt: skip


@views.route("/<uuid:factor_id>/removal", methods=["GET", "POST"])
@access.signed_in
def remove(factor_id: object) -> tuple[str, int] | BaseResponse:
    entry = Entry(REMOVE)
    if request.method == "POST" and entry.read(request):
        place = f"{_FACTORS}/{factor_id}/removal"
        body = _with_proof(entry.body())
        if entry.attempt(lambda: api().post(place, body, key=entry.key)) is not None:
            forget_person()
            flash(text("ok.done"), "ok")
            return redirect("/settings/factors")
    return _form("解除绑定", entry, "解除绑定")


def _with_proof(body: Json) -> Json:
    told = {name: body[name] for name in ("kind", "password") if body.get(name)}
    if body.get("code"):
        told["proof"] = {"method": body.get("method") or "totp", "code": body["code"]}
    return told


def _ask_code(entry: Entry, begun: Json) -> tuple[str, int]:
    uri = begun["otpauth_uri"]
    return page(
        "settings/factor_code.html", status=entry.status, nav="settings", entry=entry,
        tabs=tabs("/settings/factors"), begun=begun, picture=_picture(uri) if uri else "",
        sealed=seal_secret(uri or ""),
    )  # fmt: skip


def _picture(uri: str) -> str:
    """The QR code as a data address: it is shown once and lies nowhere."""
    out = BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=4, border=2)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()


def _form(title: str, entry: Entry, button: str) -> tuple[str, int]:
    return page(
        "simple.html", status=entry.status, nav="settings", help_chapter="account",
        tabs=tabs("/settings/factors"), above="设置", title=title, entry=entry, button=button,
        lead="", step=None, cancel="/settings/factors",
    )  # fmt: skip
