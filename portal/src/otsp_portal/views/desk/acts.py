"""What is done to a case beside deciding it: each act a small form of its own, all made one way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.casework import CaseFile
from otsp_portal.forms.button import press
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Layout, Options, plain
from otsp_portal.forms.saving import save
from otsp_portal.identity import api
from otsp_portal.texts import text
from otsp_portal.views.desk.case import BASE, open_file, show

Json = Any
views = Blueprint("acts", __name__, url_prefix="/desk/cases/<uuid:case_id>")

_REASON: Final = Field(
    name="reason", label="理由", kind="area_text", longest=1000, is_required=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One form. `path` lies below the case; `has_step` sends the step that is meant."""

    title: str
    lead: str
    button: str
    done: str
    path: str
    layout: Layout
    has_step: bool = False
    is_for_head: bool = False
    options: Callable[[CaseFile], Options] | None = None


def _people(file: CaseFile) -> Options:
    """Who may decide cases of the authority; known to its administrator."""
    found = api().get("/api/auth/v1/accounts", authority_id=file.case["authority_id"], limit=100)
    return tuple(
        (each["account_id"], each["person_name"] or each["username"])
        for each in found["items"]
        if each["status"] == "active" and each["role"] in ("reviewer", "region_admin")
    )


def _authorities(file: CaseFile) -> Options:
    """Of the same province, the own one left out."""
    found = api().get("/api/auth/v1/authorities", limit=100)["items"]
    province = (file.case["region_code"] or file.person.region_code or "")[:2]
    return tuple(
        (each["authority_id"], each["name"])
        for each in found
        if each["active"]
        and each["region_code"][:2] == province
        and each["authority_id"] != file.case["authority_id"]
    )


ACTS: Final = {
    "acceptance": Act(
        title="受理",
        lead="desk.lead.acceptance",
        button="btn.accept",
        done="ok.accept",
        path="/acceptance",
        layout=plain("acceptance"),
        has_step=True,
    ),
    "takeover": Act(
        title="接手此案",
        lead="desk.lead.takeover",
        button="btn.takeover",
        done="ok.takeover",
        path="/lease/takeover",
        layout=plain("takeover", _REASON),
    ),
    "pause": Act(
        title="暂停期限",
        lead="desk.lead.pause",
        button="btn.pause",
        done="ok.pause",
        path="/pauses",
        layout=plain(
            "pause",
            Field(name="ground", label="暂停的情形", kind="choice", codes="desk.pause_ground",
                  is_required=True),
            _REASON,
            Field(name="expected_until", label="预计至", kind="day", hint=text("hint.date"),
                  is_required=True),
        ),
        has_step=True,
    ),
    "extension": Act(
        title="延长期限",
        lead="desk.lead.extension",
        button="btn.extend",
        done="ok.extend",
        path="/extension",
        layout=plain("extension", _REASON),
        has_step=True,
        is_for_head=True,
    ),
    "priority": Act(
        title="加急",
        lead="desk.lead.priority",
        button="btn.save",
        done="ok.save",
        path="/priority",
        layout=plain(
            "priority",
            Field(name="priority", label="缓急", kind="choice", codes="desk.priority",
                  is_required=True),
            _REASON,
        ),
        is_for_head=True,
    ),
    "assignment": Act(
        title="分派",
        lead="desk.lead.assignment",
        button="btn.assign",
        done="ok.assign",
        path="/assignment",
        layout=plain(
            "assignment",
            Field(name="account_id", label="承办人", kind="reference", is_required=True),
            Field(name="reason", label="理由", kind="area_text", longest=1000,
                  hint=text("desk.reason.assign")),
        ),
        is_for_head=True,
        options=_people,
    ),
    "transfer": Act(
        title="转办",
        lead="desk.lead.transfer",
        button="btn.transfer",
        done="ok.transfer",
        path="/transfers",
        layout=plain(
            "transfer",
            Field(name="authority_id", label="转至部门", kind="reference", is_required=True),
            _REASON,
        ),
        has_step=True,
        is_for_head=True,
        options=_authorities,
    ),
}  # fmt: skip


@views.post("/claim")
@access.roles(*access.REVIEWERS)
def claim(case_id: object) -> BaseResponse:
    return _at_once(case_id, "/lease", "ok.claim")


@views.post("/release")
@access.roles(*access.REVIEWERS)
def release(case_id: object) -> BaseResponse:
    return _at_once(case_id, "/lease/release", "ok.release")


@views.route("/resumption", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def resume_clock(case_id: object) -> tuple[str, int] | BaseResponse:
    """The pause that runs ends today."""
    file, _notes, _ = open_file(case_id)
    pause = file.open_pause
    if pause is None:
        flash(text("desk.no_pause"), "warn")
        return redirect(file.path)
    act = Act(
        title="恢复计算期限",
        lead="desk.lead.resumption",
        button="btn.resume.clock",
        done="ok.resumption",
        path=f"/pauses/{pause['pause_id']}/end",
        layout=plain("resumption"),
    )
    return _ask(act, case_id)


@views.route("/<any(acceptance,takeover,pause,extension,priority,assignment,transfer):name>",
             methods=["GET", "POST"])  # fmt: skip
@access.roles(*access.REVIEWERS)
def act(case_id: object, name: str) -> tuple[str, int] | BaseResponse:
    return _ask(ACTS[name], case_id)


def _ask(act: Act, case_id: object) -> tuple[str, int] | BaseResponse:
    file, notes, _ = open_file(case_id)
    if act.is_for_head and not file.is_head:
        abort(403)
    offered = act.options(file) if act.options else ()
    first = next(act.layout.all(), None)
    entry = Entry(act.layout, options={first.pointer: offered} if first and offered else {})
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.post(
                f"{BASE}/cases/{case_id}{act.path}", _body(act, file, body), key=entry.key
            ),
            then=lambda _answer: _told(file, act),
        )
        if done is not None:
            return done
    elif act.path == "/priority":
        entry.fill({"priority": file.case["priority"]})
    shown = show("desk/act.html", file, notes, act=act, entry=entry)
    return shown[0], entry.status


def _body(act: Act, file: CaseFile, body: Json) -> Json:
    if not act.has_step and not body:
        return None
    told = {name: value for name, value in body.items() if value is not None}
    return {**told, "step_no": file.case["step_no"]} if act.has_step else told


def _told(file: CaseFile, act: Act) -> BaseResponse:
    flash(text(act.done), "ok")
    return redirect(file.path if act.path != "/transfers" else "/desk")


def _at_once(case_id: object, path: str, done: str) -> BaseResponse:
    press(lambda: api().post(f"{BASE}/cases/{case_id}{path}"), said=done)
    return redirect(f"/desk/cases/{case_id}")
