"""撤销决定: a decision set aside by another one on the same snapshot (行政许可法 §69)."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.casework import CaseFile
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.forms.saving import save
from otsp_portal.texts import text
from otsp_portal.views.desk.case import BASE, findings_of, open_file, show
from otsp_portal.working_notes import Notes

Json = Any
views = Blueprint("replacement", __name__, url_prefix="/desk/cases/<uuid:case_id>/replacement")

REPLACEMENT: Final = plain(
    "replacement",
    Field(name="outcome", label="新的决定", kind="choice", codes="compliance.OUTCOMES_ZH",
          is_required=True),
    Field(name="reason", label="撤销和重新决定的理由", kind="area_text", longest=2000,
          hint=text("desk.reason.hint"), is_required=True),
)  # fmt: skip


@views.route("", methods=["GET", "POST"])
@access.roles("region_admin")
def set_aside(case_id: object) -> tuple[str, int] | BaseResponse:
    """By the head of the authority that decided, or of one above it."""
    file, notes, _ = open_file(case_id)
    old = next(
        (each for each in file.case["decisions"] if each["is_final"] and not each["replaced_by"]),
        None,
    )
    if old is None:
        flash(text("desk.no_decision"), "warn")
        return redirect(file.path)
    entry = Entry(REPLACEMENT)
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.post(
                f"{BASE}/decisions/{old['decision_id']}/replacement",
                _body(file, notes, body),
                key=entry.key,
            ),
            then=lambda _answer: _told(file),
        )
        if done is not None:
            return done
    shown = show(
        "desk/replacement.html",
        file,
        notes,
        entry=entry,
        old=old,
        findings=findings_of(file),
    )
    return shown[0], entry.status


def _body(file: CaseFile, notes: Notes, body: Json) -> Json:
    """An approval answers exceptions and names what was read, as any other."""
    if body["outcome"] != "approved":
        return body
    read = request.form.getlist("read")
    answers = {
        each["rule_id"]: request.form.get(f"answer.{each['rule_id']}", "").strip()
        for each in file.exceptions
    }
    notes.read, notes.answers = read, answers
    overrides = [{"rule_id": rule, "reason": why} for rule, why in answers.items() if why]
    return {**body, "overrides": overrides, "warnings_read": read}


def _told(file: CaseFile) -> BaseResponse:
    flash(text("ok.decide"), "ok")
    return redirect(f"{file.path}/log")
