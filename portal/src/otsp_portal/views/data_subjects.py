"""本人信息查询 (decision D34): what is held of somebody, who looked, and the wish to correct it.

Nobody here has an account: a code to the mobile, the ID number, ten minutes. The proof of it
travels sealed in the forms and lies in no cookie.
"""

from typing import Any, Final

from flask import Blueprint, flash, request

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.gateway_client import Api
from otsp_portal.identity import api
from otsp_portal.pages import know_person, page
from otsp_portal.resume import open_secret, seal_secret
from otsp_portal.texts import text

Json = Any
views = Blueprint("data_subjects", __name__, url_prefix="/me")
_TEN_MINUTES: Final = 600

MOBILE: Final = plain(
    "mobile",
    Field(name="mobile", label="手机号", kind="mobile", is_required=True, autocomplete="tel",
          hint="任职机构为您登记的手机号"),
)  # fmt: skip
CODE: Final = plain(
    "code",
    Field(name="code", label="验证码", kind="code", is_required=True,
          autocomplete="one-time-code"),
    Field(name="id_type", label="证件类型", kind="choice", codes="staff.ID_TYPES_ZH"),
    Field(name="id_no", label="证件号码", kind="id_no", is_required=True),
)  # fmt: skip
WISH: Final = plain(
    "wish",
    Field(name="pointer", label="哪一项有误", kind="choice", is_required=True),
    Field(name="wanted", label="应当是什么", kind="text", is_required=True),
    Field(name="explanation", label="说明", kind="area_text"),
    Field(name="id_no", label="再次填写证件号码", kind="id_no", is_required=True),
)  # fmt: skip


@views.route("", methods=["GET", "POST"])
@access.anyone
def begin() -> tuple[str, int]:
    """The answer to a number is the same, whether anything is held of its owner or not."""
    know_person()
    entry = Entry(MOBILE)
    if request.method == "POST" and entry.read(request):
        sent = entry.attempt(
            lambda: api().post("/api/auth/v1/data-subject-codes", entry.body(), key=entry.key)
        )
        if sent is not None:
            return _ask(Entry(CODE), sent.body["verification_id"])
    return page("me/begin.html", status=entry.status, nav="me", entry=entry)


@views.post("/records")
@access.anyone
def records() -> tuple[str, int]:
    entry = Entry(CODE)
    entry.read(request)
    verification = request.form.get("verification_id", "")
    body = entry.body()
    asked = api()
    opened = entry.attempt(
        lambda: asked.post(
            "/api/auth/v1/data-subject-sessions",
            {"verification_id": verification, "code": body["code"] or ""},
            key=entry.key,
        )
    )
    if opened is None:
        return _ask(entry, verification)
    token = opened.body["token"]
    number = {"id_no": body["id_no"], "id_type": body["id_type"] or "cnid"}
    found = entry.attempt(lambda: _find(asked.with_token(token), number))
    if found is None:
        return _ask(entry, verification)
    return _show(found, token)


@views.post("/records/<uuid:staff_id>/correction")
@access.anyone
def correct(staff_id: object) -> tuple[str, int]:
    """Goes to the institution, which answers within 15 working days."""
    token = open_secret(request.form.get("proof", ""), _TEN_MINUTES)
    if token is None:
        flash(text("me.over"), "warn")
        return page("me/begin.html", nav="me", entry=Entry(MOBILE))
    fields = tuple(zip(request.form.getlist("pointers"), request.form.getlist("labels"),
                       strict=True))  # fmt: skip
    entry = Entry(WISH, options={"/pointer": fields})
    if "_begin" in request.form or not entry.read(request):
        return _wish(entry, str(staff_id), token=token, fields=fields)
    body = entry.body()
    wish = {
        "id_no": body["id_no"],
        "items": [{"pointer": body["pointer"] or "", "wanted": body["wanted"] or ""}],
        "explanation": body["explanation"],
    }
    place = f"/api/staff/v1/own-records/{staff_id}/correction-requests"
    sent = entry.attempt(lambda: api().with_token(token).post(place, wish, key=entry.key))
    if sent is None:
        return _wish(entry, str(staff_id), token=token, fields=fields)
    return page("me/sent.html", nav="me")


def _find(asked: Api, number: Json) -> Json:
    return asked.post("/api/staff/v1/own-records/searches", number).body["records"]


def _ask(entry: Entry, verification: str) -> tuple[str, int]:
    know_person()
    entry.typed.setdefault("id_type", "cnid")
    return page(
        "me/code.html", status=entry.status, nav="me", entry=entry,
        verification_id=verification,
    )  # fmt: skip


def _show(found: Json, token: str) -> tuple[str, int]:
    return page("me/records.html", nav="me", records=found, proof=seal_secret(token))


def _wish(
    entry: Entry, staff_id: str, *, token: str, fields: tuple[tuple[str, str], ...]
) -> tuple[str, int]:
    return page(
        "me/correction.html", status=entry.status, nav="me", entry=entry, staff_id=staff_id,
        proof=seal_secret(token), fields=fields,
    )  # fmt: skip
