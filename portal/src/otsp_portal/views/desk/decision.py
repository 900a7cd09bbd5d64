"""A decision: what it needs, the letter exactly as it will be read, sending it (design §3.7)."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.casework import CaseFile, Choice, choices
from otsp_portal.formatters import day_zh
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Layout, plain
from otsp_portal.gateway_client import Api
from otsp_portal.identity import api
from otsp_portal.texts import text
from otsp_portal.views.desk.case import BASE, findings_of, of_application, open_file, show
from otsp_portal.words import word
from otsp_portal.working_notes import Notes, TooLong

Json = Any
views = Blueprint("decision", __name__, url_prefix="/desk/cases/<uuid:case_id>/decision")

OUTCOMES: Final = {"approve": "approved", "return": "returned", "reject": "rejected"}


@views.get("")
@access.roles(*access.REVIEWERS)
def write(case_id: object) -> tuple[str, int] | BaseResponse:
    file, notes, _ = open_file(case_id)
    code = request.args.get("choice", "")
    if code == "notice":
        return redirect(f"{file.path}/notice")
    choice = next((each for each in choices(file) if each.code == code), None)
    if choice is None:
        flash(text("desk.choose"), "warn")
        return redirect(f"{file.path}#decide")
    if not choice.is_open:
        for sentence, _href, _word in choice.reasons:
            flash(sentence, "warn")
        return redirect(f"{file.path}#decide")
    entry = Entry(_layout(code))
    entry.typed = {"reason": notes.reason or _drafted(file, notes, code)}
    return _form(file, notes, entry, choice=choice)


@views.post("")
@access.roles(*access.REVIEWERS)
def decide(case_id: object) -> tuple[str, int] | BaseResponse:
    """Check, go back, or send; whatever is answered, what was typed stands in the page."""
    code = request.form.get("choice", "")
    if code not in OUTCOMES:
        return redirect(f"/desk/cases/{case_id}#decide")
    file, notes, (sealed,) = open_file(case_id, _sealed_licence)
    entry = Entry(_layout(code))
    entry.read(request)
    choice = next(each for each in choices(file) if each.code == code)
    notes.reason = str(entry.typed["reason"]).strip()
    if "_back" in request.form:
        return _form(file, notes, entry, choice=choice)
    if code != "approve" and not notes.reason:
        entry.refuse_with("/reason", text("val.required.input", label=text("desk.reason")))
        return _form(file, notes, entry, choice=choice)
    if "_send" in request.form:
        sent = _send(file, notes, entry, code=code)
        decided = "" if sent else _decided_meanwhile(file, api())
        return sent or _form(file, notes, entry, choice=choice, decided=decided)
    _keep(notes, file)
    return show(
        "desk/decision_check.html",
        file,
        notes,
        entry=entry,
        choice=choice,
        decision=_letter(file, notes, (sealed or {}).get("content"), code=code),
        letter_matter=letter_matter(file.case),
        submitted=submitted_on(file),
    )


def _send(file: CaseFile, notes: Notes, entry: Entry, *, code: str) -> BaseResponse | None:
    """None where the platform refused: the faults stand in the entry."""
    body = {
        "decision": code,
        "reason": notes.reason or None,
        "step_no": file.case["step_no"],
    }
    if file.is_application and code == "approve":
        body["overrides"] = [
            {"rule_id": rule, "reason": reason} for rule, reason in notes.answers.items() if reason
        ]
        body["warnings_read"] = notes.read
    path = f"{BASE}/cases/{file.case['case_id']}/decisions"
    done = entry.attempt(lambda: api().post(path, body, key=entry.key))
    if done is None:
        return None
    notes.forget(file.path)
    flash(text("ok.decide"), "ok")
    return redirect(f"{file.path}/log")


def _decided_meanwhile(file: CaseFile, asked: Api) -> str:
    """Whoever lost a race is told who decided, when, and what; empty where nobody did."""
    case = asked.get(f"{BASE}/cases/{file.case['case_id']}")
    step = next(each for each in case["steps"] if each["step_no"] == file.case["step_no"])
    if not step["decision"]:
        return ""
    return text(
        "err.decided.title",
        who=step["authority"],
        time=day_zh(step["decided_on"]),
        decision=word(step["decision"], "desk.ending"),
    )


def _form(
    file: CaseFile, notes: Notes, entry: Entry, *, choice: Choice, decided: str = ""
) -> tuple[str, int]:
    if decided:
        entry.is_refused, entry.note = True, decided
    shown = show(
        "desk/decision.html",
        file,
        notes,
        entry=entry,
        choice=choice,
        findings=findings_of(file),
        is_lost=bool(decided),
    )
    return shown[0], entry.status


def _keep(notes: Notes, file: CaseFile) -> None:
    try:
        notes.keep(file.path)
    except TooLong:
        flash(text("desk.notes.long"), "warn")


def _layout(code: str) -> Layout:
    is_optional = code == "approve"
    hint = text("desk.reason.hint.approve" if is_optional else "desk.reason.hint")
    label = text("desk.opinion" if is_optional else "desk.reason")
    return plain(
        "decision",
        Field(
            name="reason",
            label=label,
            kind="area_text",
            hint=hint,
            longest=2000,
            is_required=not is_optional,
        ),
    )


def _drafted(file: CaseFile, notes: Notes, code: str) -> str:
    """To begin with: what is not granted, and what was noted for a notice."""
    if code == "approve":
        return ""
    lines = [
        f"{each['message_zh']}（{each['rule_id']}）"
        for each in file.exceptions
        if not notes.answers.get(each["rule_id"])
    ]
    lines += [f"{each.place_zh}：{each.cure_zh}" for each in notes.items]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def _sealed_licence(asked: Api, case: Json) -> list[Any]:
    return [lambda: of_application(asked, case, "/snapshot/institution")]


def _letter(file: CaseFile, notes: Notes, sealed: Json, *, code: str) -> Json:
    """The decision as the platform will tell it."""
    number = file.number and f"{file.number}-{len(file.case['decisions']) + 1}"
    is_last = file.case["step_no"] == file.case["step_count"]
    return {
        "outcome": OUTCOMES[code],
        "is_final": code != "approve" or is_last,
        "doc_no": number,
        "reason": notes.reason,
        "overrides": [
            {"rule_id": rule, "reason": reason}
            for rule, reason in sorted(notes.answers.items())
            if reason and code == "approve"
        ],
        "authority_name": file.step.get("authority", ""),
        "decided_on": clock.today().isoformat(),
        "valid_to": ((sealed or {}).get("licence") or {}).get("valid_to")
        if code == "approve"
        else None,
        "appeal_text": text("doc.appeal.owed")
        if code != "approve" and file.is_application
        else None,
        "replaces": None,
    }


def letter_matter(case: Json) -> str:
    """What was handed in, as a letter calls it."""
    if case["kind"] == "registration":
        return "注册"
    if case["kind"] == "external_review":
        return f"培训材料《{case['title']}》"
    return word(case["application_kind"], "compliance.KINDS_ZH")


def submitted_on(file: CaseFile) -> str:
    told = (file.application or {}).get("submitted_at") or file.case["opened_on"]
    return str(told)
