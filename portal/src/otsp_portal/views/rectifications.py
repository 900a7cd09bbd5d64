"""整改 (manual 3): the steps with their evidence, and the day on which they are handed in."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.forms.saving import Places, save
from otsp_portal.gateway_client import Answer
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.records import base, form_route

Json = Any
views = Blueprint("own_rectifications", __name__, url_prefix="/rectifications")

_PATH: Final = "/api/compliance/v1/rectifications"
ANSWERABLE: Final = frozenset({"open", "in_progress", "returned", "overdue"})
_STEP: Final = plain(
    "rectification_step",
    Field(name="done_on", label="完成日期", kind="day", hint=text("hint.date"), is_required=True),
    Field(name="file_ids", label="凭证", kind="files", is_required=True),
    Field(name="note", label="说明", kind="area_text", longest=2000),
    title="完成情况",
)
_SUBMISSION: Final = plain(
    "rectification_submission",
    Field(name="note", label="整改情况说明", kind="area_text", longest=2000, is_required=True),
    title="提交核验",
)


@views.get("/<uuid:rectification_id>")
@access.roles(*access.INSTITUTION)
def rectification(rectification_id: object) -> tuple[str, int]:
    told = api().get(f"{_PATH}/{rectification_id}")
    return _show(told, Entry(_SUBMISSION))


@views.post("/<uuid:rectification_id>")
@access.roles(*access.INSTITUTION)
def submit(rectification_id: object) -> tuple[str, int] | BaseResponse:
    """Hand it in: every step needs its day and a file, or all that lack are named."""
    entry = Entry(_SUBMISSION)

    def done(_answer: Answer) -> BaseResponse:
        flash(text("ok.rect.submit"), "ok")
        return redirect(f"/rectifications/{rectification_id}")

    answer = save(
        entry,
        lambda asked, body: asked.post(
            f"{_PATH}/{rectification_id}/submission", body, key=entry.key
        ),
        then=done,
    )
    if answer is not None:
        return answer
    return _show(api().get(f"{_PATH}/{rectification_id}"), entry)


@form_route(views, "/<uuid:rectification_id>/steps/<code>")
@access.roles(*access.INSTITUTION)
def step(rectification_id: object, code: str) -> tuple[str, int] | BaseResponse:
    """One step: its day, its evidence, a word on it."""
    told = api().get(f"{_PATH}/{rectification_id}")
    asked_for = next((each for each in told["steps"] if each["code"] == code), None)
    back = f"/rectifications/{rectification_id}"
    if asked_for is None:
        return redirect(back)
    entry = Entry(_STEP, service="compliance")
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.put(
                f"{_PATH}/{rectification_id}/steps/{code}", body, of=entry.version, key=entry.key
            ),
            then=lambda _answer: _kept(f"{back}#step-{code}"),
            places=Places(f"{base('compliance')}/files"),
        )
        if done is not None:
            return done
    else:
        entry.fill(asked_for, told["version"])
    return page("rectifications/step.html", status=entry.status, nav="home", entry=entry,
                help_chapter="home", told=told, step=asked_for, back=back)  # fmt: skip


def _kept(path: str) -> BaseResponse:
    flash(text("ok.save"), "ok")
    return redirect(path)


def _show(told: Json, entry: Entry) -> tuple[str, int]:
    return page(
        "rectifications/rectification.html",
        status=entry.status,
        nav="home",
        help_chapter="home",
        told=told,
        entry=entry,
        is_open=told["status"] in ANSWERABLE,
        done=sum(each["done_on"] is not None for each in told["steps"]),
    )
