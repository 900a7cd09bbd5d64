"""忘记密码, 激活原平台账号, 账号找回 (manual 1.3.2, 2.3): for those who cannot log in."""

from typing import Any, BinaryIO, Final, cast

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.gateway_client import Api, Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text

Json = Any
views = Blueprint("recovery", __name__)
_PROOFS: Final = ("registration_certificate", "legal_rep_id", "authorisation")

FORGOTTEN: Final = plain(
    "forgotten",
    Field(name="mobile", label="登录手机号", kind="mobile", autocomplete="tel",
          hint=text("mail.or.mobile")),
    Field(name="email", label="邮箱", kind="email", autocomplete="email",
          hint="须是已经验证过的邮箱"),
)  # fmt: skip
RESET: Final = plain(
    "reset",
    Field(name="code", label="验证码", kind="code", is_required=True,
          autocomplete="one-time-code"),
    Field(name="new_password", label="新密码", kind="password", hint=text("hint.password"),
          is_required=True, autocomplete="new-password"),
)  # fmt: skip
LINK: Final = plain(
    "link",
    Field(name="token", label="链接中的验证串", kind="text", is_required=True,
          hint=text("hint.link")),
    Field(name="new_password", label="新密码", kind="password", hint=text("hint.password"),
          is_required=True, autocomplete="new-password"),
)  # fmt: skip
APPLICANT: Final = plain(
    "applicant",
    Field(name="applicant_mobile", label="申请人手机号", kind="mobile", is_required=True,
          hint="用来接收验证码和办理结果，可以不是原来的登录手机号", autocomplete="tel"),
)  # fmt: skip
REQUEST: Final = plain(
    "request",
    Field(name="code", label="验证码", kind="code", is_required=True,
          autocomplete="one-time-code"),
    Field(name="institution_name", label="机构名称", kind="text", is_required=True),
    Field(name="uscc", label="统一社会信用代码", kind="uscc", hint=text("hint.uscc"),
          is_required=True),
    Field(name="region_code", label="住所地", kind="region", hint=text("hint.region"),
          is_required=True),
    Field(name="delivery", label="培训方式", kind="choice", codes="auth.delivery",
          is_required=True),
    Field(name="applicant_name", label="申请人姓名", kind="text", is_required=True),
    Field(name="new_mobile", label="找回后使用的手机号", kind="mobile", is_required=True),
    *(
        Field(name=kind, label=label, kind="file", is_required=True)
        for kind, label in zip(
            _PROOFS, ("登记证书或营业执照", "法定代表人证件", "授权委托书"), strict=True
        )
    ),
)  # fmt: skip


@views.route("/forgot", methods=["GET", "POST"])
@access.anyone
def forgotten() -> tuple[str, int] | BaseResponse:
    """A code to the mobile or the verified mail address; the answer is the same for strangers."""
    entry = Entry(FORGOTTEN)
    if request.method == "POST" and entry.read(request):
        body = {name: value for name, value in entry.body().items() if value}
        if len(body) != 1:
            entry.refuse_with("/mobile", text("mail.or.mobile"))
            return _small("忘记密码", entry, text("btn.sms"))
        answer = entry.attempt(
            lambda: api().post("/api/auth/v1/password-resets", body, key=entry.key)
        )
        if answer is not None:
            flash(text("ok.forgot"), "ok")
            return redirect(url_for("recovery.reset", reset_id=answer.body["reset_id"]))
    return _small("忘记密码", entry, text("btn.sms"))


@views.route("/forgot/<uuid:reset_id>", methods=["GET", "POST"])
@access.anyone
def reset(reset_id: object) -> tuple[str, int] | BaseResponse:
    entry = Entry(RESET)
    if request.method == "POST" and entry.read(request):
        place = f"/api/auth/v1/password-resets/{reset_id}/completion"
        if entry.attempt(lambda: api().post(place, entry.body(), key=entry.key)) is not None:
            return _to_login()
    return _small("重新设置密码", entry, "设置新密码", above="忘记密码")


@views.route("/password-link", methods=["GET", "POST"])
@access.anyone
def link() -> tuple[str, int] | BaseResponse:
    """The texted link: what it proves stands behind its #, which no server ever sees."""
    entry = Entry(LINK)
    if request.method == "POST" and entry.read(request):
        place = "/api/auth/v1/password-links/completion"
        if entry.attempt(lambda: api().post(place, entry.body(), key=entry.key)) is not None:
            return _to_login()
    return _small("设置新密码", entry, "设置新密码")


@views.get("/activate")
@access.anyone
def activate() -> tuple[str, int]:
    """激活原平台账号: logging in with the old password does it; what then is asked, is told."""
    return page("recovery/activate.html", help_chapter="login")


@views.route("/recovery", methods=["GET", "POST"])
@access.anyone
def begin() -> tuple[str, int]:
    """账号找回: a code to the applicant's own mobile first."""
    entry = Entry(APPLICANT)
    if request.method == "POST" and entry.read(request):
        answer = entry.attempt(
            lambda: api().post("/api/auth/v1/recovery-codes", entry.body(), key=entry.key)
        )
        if answer is not None:
            return _ask(Entry(REQUEST), answer.body["verification_id"])
    return _small("申请找回账号", entry, text("btn.sms"), template="recovery/begin.html")


@views.post("/recovery/request/files")
@access.anyone
def hand_in() -> tuple[str, int] | BaseResponse:
    """The request, its scans, the submission: one button, and no half of it is lost."""
    entry = Entry(REQUEST)
    entry.read(request)
    verification = request.form.get("verification_id", "")
    missing = [kind for kind in _PROOFS if not request.files.get(f"{kind}.file")]
    for kind in missing:
        label = REQUEST.fields[kind].label
        entry.refuse_with(f"/{kind}", text("val.required.file", label=label))
    if missing:
        return _ask(entry, verification)
    body = {key: value for key, value in entry.body().items() if key not in _PROOFS}
    body["verification_id"] = verification
    opened = entry.attempt(
        lambda: api().post("/api/auth/v1/recovery-requests", body, key=entry.key)
    )
    if opened is None:
        return _ask(entry, verification)
    applicant = api().with_token(opened.body["secret"])
    place = f"/api/auth/v1/recovery-requests/{opened.body['request_id']}"
    proved = [_prove(entry, kind, applicant=applicant, place=place) for kind in _PROOFS]
    if not all(proved):
        return _ask(entry, verification)
    if entry.attempt(lambda: applicant.post(f"{place}/submission")) is None:
        return _ask(entry, verification)
    return page(
        "recovery/sent.html", request_no=opened.body["request_id"], secret=opened.body["secret"]
    )


@views.route("/recovery/status", methods=["GET", "POST"])
@access.anyone
def progress() -> tuple[str, int]:
    """By number and secret, which were shown once."""
    told, problem = None, ""
    if request.method == "POST":
        number = request.form.get("request_id", "").strip()
        secret = request.form.get("secret", "").strip()
        try:
            place = f"/api/auth/v1/recovery-requests/{number}/status"
            told = api().with_token(secret).get(place)
        except Refusal:
            problem = "没有找到这个编号，或查询码不正确"
    return page("recovery/status.html", told_status=told, problem=problem)


def _prove(entry: Entry, kind: str, *, applicant: Api, place: str) -> bool:
    storage: FileStorage = request.files[f"{kind}.file"]

    def upload() -> Json:
        return applicant.upload(
            f"{place}/proofs",
            cast("BinaryIO", storage.stream),
            name=storage.filename or kind,
            kind=storage.mimetype,
            query={"kind": kind},
        )

    try:
        upload()
    except Refusal as refusal:
        entry.refuse_with(f"/{kind}", refusal.detail)
        return False
    return True


def _ask(entry: Entry, verification: str) -> tuple[str, int]:
    return page(
        "recovery/request.html",
        status=entry.status,
        help_chapter="login",
        entry=entry,
        verification_id=verification,
    )


def _small(
    title: str, entry: Entry, button: str, *, above: str = "", template: str = "simple.html"
) -> tuple[str, int]:
    return page(
        template, status=entry.status, help_chapter="login", title=title, above=above,
        entry=entry, button=button, lead="", tabs=(), step=None,
    )  # fmt: skip


def _to_login() -> BaseResponse:
    flash(text("ok.forgot.done"), "ok")
    return redirect("/login")
