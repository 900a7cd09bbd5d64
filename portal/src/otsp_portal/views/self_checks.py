"""自查 (manual 3): the same rules as an application, nothing locked, nothing filed."""

from typing import Any, Final

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.cures import Known
from otsp_portal.examination import progress_of, stages_of
from otsp_portal.findings import grouped, items_of, read_known
from otsp_portal.forms.button import press
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import plain
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page

Json = Any
views = Blueprint("self_checks", __name__, url_prefix="/self-checks")

_PATH: Final = "/api/compliance/v1/self-checks"
_START: Final = plain("self_check")


@views.get("")
@access.roles(*access.INSTITUTION)
def self_checks() -> tuple[str, int]:
    """All of them, and the button for a new one."""
    found = api().get(
        _PATH, institution_id=the_person().institution_id, cursor=request.args.get("cursor")
    )
    return page(
        "self_checks/list.html",
        nav="apply",
        help_chapter="apply",
        checks=found["items"],
        next=found["next"],
        entry=Entry(_START),
    )


@views.post("")
@access.roles(*access.INSTITUTION)
def start() -> BaseResponse:
    """Under way, then its own page."""
    body = {"institution_id": the_person().institution_id}
    answer = press(lambda: api().post(_PATH, body, key=request.form.get("_key")))
    return redirect(f"/self-checks/{answer.body['self_check_id']}" if answer else "/self-checks")


@views.get("/<uuid:check_id>")
@access.roles(*access.INSTITUTION)
def self_check(check_id: object) -> tuple[str, int]:
    """Live while it gathers, then what was found."""
    asked = api()
    told = asked.get(f"{_PATH}/{check_id}")
    state = told["state"]
    is_running = state == "gathering"
    known: Known = {}
    if not is_running:
        known = read_known(asked, told["institution_id"], told["findings"])
    items = items_of(told["findings"], known)
    return page(
        "self_checks/result.html",
        nav="apply",
        help_chapter="apply",
        told=told,
        stages=stages_of(told, state, has_lock=False),
        is_running=is_running,
        groups=grouped(items),
        items=items,
        entry=Entry(_START),
    )


@views.get("/<uuid:check_id>/progress")
@access.roles(*access.INSTITUTION)
def progress(check_id: object) -> BaseResponse:
    told = api().get(f"{_PATH}/{check_id}")
    stages = stages_of(told, told["state"], has_lock=False)
    is_final = told["state"] != "gathering"
    return jsonify(progress_of(stages, is_final=is_final, next_path=f"/self-checks/{check_id}"))
