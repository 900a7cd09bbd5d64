"""更正申请: persons ask that something held about them be put right; the institution answers."""

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.forms.saving import save
from otsp_portal.gateway_client import Answer
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.records import base
from otsp_portal.views.staff.kinds import DEPARTED, EMPLOYED, HELP, NAV, PERSON, SERVICE

Json = Any
views = Blueprint("corrections", __name__, url_prefix="/staff/corrections")

_PATH: Final = "/staff/corrections"
_CRUMB: Final = ((EMPLOYED, "人员管理"), (_PATH, "更正申请"))
_TONES: Final = {"open": "warn", "corrected": "ok", "declined": "neutral"}
_ANSWER: Final = plain(
    "correction_answer",
    Field(name="decision", label="如何处理", kind="choice", is_required=True,
          options=(("corrected", "已更正"), ("declined", "不予更正"))),
    Field(name="answer", label="答复", kind="area_text", longest=1000, is_required=True,
          hint=text("hint.correction")),
    title="答复本人",
)  # fmt: skip


@views.get("")
@access.roles(*access.INSTITUTION)
def requests() -> tuple[str, int]:
    state = request.args.get("state", "")
    cursor = request.args.get("cursor")
    found = _requests(state=state or None, cursor=cursor, limit=20)
    return page(
        "staff/corrections.html",
        nav=NAV,
        help_chapter=HELP,
        tabs=[
            (EMPLOYED, "在职人员", None, False),
            (DEPARTED, "离职人员", None, False),
            (_PATH, "更正申请", None, True),
        ],
        state=state,
        requests=found["items"],
        tones=_TONES,
        first=_PATH if cursor else None,
        next=f"{_PATH}?state={state}&cursor={found['next']}" if found["next"] else None,
    )


@views.route("/<uuid:request_id>", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def answer(request_id: object) -> tuple[str, int] | BaseResponse:
    wish = _find(str(request_id))
    entry = Entry(_ANSWER)
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.post(
                f"{base(SERVICE)}/correction-requests/{request_id}/answer", body, key=entry.key
            ),
            then=_answered,
        )
        if done is not None:
            return done
    return page(
        "staff/correction.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        crumb=_CRUMB,
        wish=wish,
        tone=_TONES[wish["state"]],
        shown=api().find(PERSON.place(wish["staff_id"])),
        entry=entry,
    )


def _answered(_answer: Answer) -> BaseResponse:
    flash(text("ok.correction"), "ok")
    return redirect(_PATH)


def _find(request_id: str) -> Json:
    """The platform tells of requests as a list only: there are never many."""
    cursor = None
    while True:
        found = _requests(cursor=cursor, limit=100)
        for each in found["items"]:
            if each["request_id"] == request_id:
                return each
        cursor = found["next"]
        if cursor is None:
            abort(404)


def _requests(**query: Json) -> Json:
    return api().get(f"{base(SERVICE)}/correction-requests", **query)
