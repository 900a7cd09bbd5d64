"""注册 (manual 2.1): the account by a texted code, then the institution, then its authority."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Group, layout, plain
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api, find_person, forget_person
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.login import enter
from otsp_portal.views.records import Kind, Surroundings, base, edit, form_route

Json = Any
views = Blueprint("registration", __name__, url_prefix="/register")
_STEPS: Final = [("填写基本信息", ""), ("完善机构信息", "")]

MOBILE: Final = plain(
    "mobile",
    Field(name="mobile", label="手机号", kind="mobile", hint=text("hint.mobile"),
          is_required=True, autocomplete="tel"),
)  # fmt: skip
ACTIVATION: Final = plain(
    "activation",
    Field(name="code", label="验证码", kind="code", is_required=True,
          autocomplete="one-time-code"),
    Field(name="password", label="密码", kind="password", hint=text("hint.password"),
          is_required=True, autocomplete="new-password"),
    Field(name="person_name", label="姓名", kind="text", is_required=True, autocomplete="name"),
)  # fmt: skip
REGISTRATION: Final = Kind(
    word="注册信息",
    service="institution",
    path="/registration",
    nav="registration",
    draft="registration",
    help_chapter="registration",
    layout=layout(
        "registration",
        Group("机构信息", ("name", "uscc", "region_code", "registered_address", "categories",
                       "nonsubject_types", "primary_nonsubject_type", "delivery_modes",
                       "stages", "legal_nature", "has_licence")),
        Group("法人代表信息", ("legal_rep",)),
        Group("联系人信息", ("contact",)),
        kept=("/legal_rep/id_no",),
        hints={
            "/uscc": text("hint.uscc"),
            "/region_code": text("hint.region"),
            "/legal_rep/id_no": text("hint.idno"),
        },
    ),
)  # fmt: skip


@views.route("", methods=["GET", "POST"])
@access.anyone
def begin() -> tuple[str, int] | BaseResponse:
    """Step 1: the mobile that will be the login name; a code goes to it."""
    entry = Entry(MOBILE)
    if request.method == "POST" and entry.read(request) and not entry.is_reshown:
        asked = api()
        answer = entry.attempt(
            lambda: asked.post("/api/auth/v1/registrations", entry.body(), key=entry.key)
        )
        if answer is not None:
            return _ask_code(Entry(ACTIVATION), answer.body["registration_id"], entry.typed)
    return _step_one(entry, text("btn.sms"), hidden={})


@views.post("/activation")
@access.anyone
def activate() -> tuple[str, int] | BaseResponse:
    """The code makes the account; who has it is logged in at once and goes on with step 2."""
    entry = Entry(ACTIVATION)
    entry.read(request)
    registration, mobile = request.form.get("registration_id", ""), request.form.get("mobile", "")
    asked, body = api(), entry.body()
    made = entry.attempt(
        lambda: asked.post(
            f"/api/auth/v1/registrations/{registration}/activation", body, key=entry.key
        )
    )
    if made is None:
        return _ask_code(entry, registration, {"mobile": mobile})
    credentials = {"username": made.body["username"], "password": body["password"]}
    opened = asked.post("/api/auth/v1/sessions", credentials).body
    flash(text("ok.register.a"), "ok")
    return enter(opened, next_path="/register/institution")


@form_route(views, "/institution")
@access.roles(*access.INSTITUTION)
def institution() -> tuple[str, int] | BaseResponse:
    """Step 2: the institution, kept group by group until it is handed in."""
    return edit(
        REGISTRATION,
        Surroundings(
            title="注册：完善机构信息",
            back="/register/check",
            button=text("btn.save.next"),
            template="registration/institution.html",
            more={"steps_told": (_STEPS, 2)},
            reads_from=base("institution"),
        ),
    )


@views.route("/check", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def check() -> tuple[str, int] | BaseResponse:
    """What will be handed in, and the button."""
    asked = api()
    entry = Entry(MOBILE)
    if request.method == "POST":
        entry.read(request)
        place = f"{base('institution')}/registration/submission"
        if entry.attempt(lambda: asked.post(place, key=entry.key)) is not None:
            forget_person()
            flash(text("ok.register.sent"), "ok")
            return redirect("/register/progress")
    stored = asked.find(base("institution"))
    if stored is None:
        return redirect("/register/institution")
    return page(
        "registration/check.html",
        status=entry.status,
        nav="registration",
        help_chapter="registration",
        entry=entry,
        institution=stored,
    )


@views.get("/progress")
@access.roles(*access.INSTITUTION)
def progress() -> tuple[str, int] | BaseResponse:
    """注册进度: the state, who reviews, what was returned and why."""
    asked = api()
    stored, home = asked.together(lambda: asked.find(base("institution")), lambda: _home(asked))
    if stored is None:
        return redirect("/register/institution")
    return page(
        "registration/progress.html",
        nav="registration",
        help_chapter="registration",
        institution=stored,
        registration=stored["registration"],
        home=home,
    )


def _home(asked: Any) -> Json | None:  # noqa: ANN401 - Api
    """What compliance knows; nothing while the registration is not there yet."""
    try:
        return asked.get("/api/compliance/v1/home")
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise


def _step_one(entry: Entry, button: str, *, hidden: Json, action: str = "") -> tuple[str, int]:
    find_person()
    return page(
        "registration/begin.html",
        status=entry.status,
        help_chapter="registration",
        entry=entry,
        button=button,
        hidden_fields=hidden,
        action=action,
        steps_told=(_STEPS, 1),
    )


def _ask_code(entry: Entry, registration: str, typed: Json) -> tuple[str, int]:
    hidden = {"registration_id": registration, "mobile": typed["mobile"]}
    return _step_one(entry, text("btn.register.a"), hidden=hidden, action="/register/activation")
