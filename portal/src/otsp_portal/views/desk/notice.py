"""一次告知书: written item by item from findings and the snapshot, sent once a step, answered."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_contracts.snapshots import TABS, tab_label_zh
from otsp_portal import access
from otsp_portal.casework import CaseFile, blockers
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Layout, plain
from otsp_portal.gateway_client import Api
from otsp_portal.identity import api
from otsp_portal.sealed import label_of, name_of, rows_of, section_of, words_of
from otsp_portal.texts import text
from otsp_portal.views.desk.case import BASE, of_application, open_file, show, shown_or_none
from otsp_portal.views.desk.decision import letter_matter, submitted_on
from otsp_portal.working_notes import Item, Notes, TooLong

Json = Any
views = Blueprint("notice", __name__, url_prefix="/desk/cases/<uuid:case_id>/notice")

_ANSWER_DAYS: Final = 30
"""Notice to lapse (docs/notices.md)."""


@dataclass(frozen=True, slots=True)
class Compared:
    """An item of a notice that was given, its answer, and what became of it in the file."""

    kind: str
    place: str
    cure: str
    basis: str
    answer: str | None
    file_ids: list[str]
    changes: list[tuple[str, str, str]]


@views.get("")
@access.roles(*access.REVIEWERS)
def editor(case_id: object) -> tuple[str, int]:
    file, notes, (given,) = open_file(
        case_id,
        lambda asked, _case: [
            lambda: shown_or_none(lambda: asked.get(f"{BASE}/cases/{case_id}/notices", limit=100))
        ],
    )
    return _show_editor(file, notes, Entry(plain("notice")), given=(given or {}).get("items", ()))


def _show_editor(file: CaseFile, notes: Notes, entry: Entry, *, given: Json) -> tuple[str, int]:
    compared = [(each, [_compared(item) for item in each["items"]]) for each in given]
    shown = show(
        "desk/notice.html",
        file,
        notes,
        entry=entry,
        given=compared,
        blockers=blockers(file),
        is_second=any(each["step_no"] == file.case["step_no"] for each in given),
        faults=_faults_by_item(entry),
    )
    return shown[0], entry.status


@views.route("/item", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def item(case_id: object) -> tuple[str, int] | BaseResponse:
    """One item: a new one at a place, or (n) one that is written already."""
    part = request.values.get("part", "")
    section = section_of(part) if part in TABS else "institution"
    file, notes, (sealed,) = open_file(
        case_id, lambda asked, case: [lambda: of_application(asked, case, f"/snapshot/{section}")]
    )
    at = request.values.get("n", type=int)
    known = notes.items[at] if at is not None and 0 <= at < len(notes.items) else None
    written = known or _placed(file, sealed)
    entry = Entry(_layout(written))
    if request.method == "POST":
        entry.read(request)
        done = _keep_item(file, notes, entry, written=written, is_new=known is None)
        if done is not None:
            return done
    else:
        entry.fill({"kind": written.kind, "cure_zh": written.cure_zh, "basis": written.basis})
    shown = show("desk/notice_item.html", file, notes, entry=entry, item=written, at=at)
    return shown[0], entry.status


@views.post("/removal")
@access.roles(*access.REVIEWERS)
def remove_item(case_id: object) -> BaseResponse:
    file, notes, _ = open_file(case_id)
    at = request.form.get("n", type=int)
    if at is not None and 0 <= at < len(notes.items):
        del notes.items[at]
        notes.keep(file.path)
    return redirect(f"{file.path}/notice")


@views.route("/check", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def check(case_id: object) -> tuple[str, int] | BaseResponse:
    """The letter exactly as it will be read; sent from here."""
    file, notes, (contact, given) = open_file(case_id, _contact_and_given)
    entry = Entry(plain("notice"))
    if not notes.items or blockers(file):
        return redirect(f"{file.path}/notice")
    if request.method == "POST":
        entry.read(request)
        body = {"step_no": file.case["step_no"], "items": [each.body() for each in notes.items]}
        path = f"{BASE}/cases/{case_id}/notices"
        sent = entry.attempt(lambda: api().post(path, body, key=entry.key))
        if sent is None:
            return _show_editor(file, notes, entry, given=(given or {}).get("items", ()))
        notes.items = []
        notes.keep(file.path)
        flash(text("ok.notice.sent", date=sent.body["due_on"]), "ok")
        return redirect(f"{file.path}/notice")
    laws = {each["rule_id"]: "；".join(each["basis"]) for each in _all_findings(file)}
    return show(
        "desk/notice_check.html",
        file,
        notes,
        entry=entry,
        items=[
            {
                "kind": each.kind,
                "place": each.place_zh,
                "cure_zh": each.cure_zh,
                "basis": laws.get(each.rule_id) or each.basis,
            }
            for each in notes.items
        ],
        round=len(file.notices) + 1,
        contact=contact,
        due_on=(clock.today() + timedelta(days=_ANSWER_DAYS)).isoformat(),
        letter_matter=letter_matter(file.case),
        submitted=submitted_on(file),
    )


def _contact_and_given(asked: Api, case: Json) -> list[Any]:
    return [
        lambda: asked.find(f"/api/auth/v1/authorities/{case['authority_id']}"),
        lambda: shown_or_none(
            lambda: asked.get(f"{BASE}/cases/{case['case_id']}/notices", limit=100)
        ),
    ]


def _placed(file: CaseFile, sealed: Json) -> Item:
    """A new item where the link pointed: its place in words, its kind and cure to begin with."""
    told = request.values
    part, object_id, pointer = told.get("part", ""), told.get("object", ""), told.get("pointer", "")
    rule = told.get("rule", "")
    if part not in TABS:
        part, object_id, pointer = "institution", "", ""
    rows = rows_of(part, sealed["content"]) if sealed else []
    key = TABS[part].key
    row = next((each for each in rows if key and each.get(key) == object_id), None)
    if key is None and rows:
        row = rows[0]
    finding = next((each for each in _all_findings(file) if each["rule_id"] == rule), None)
    value = _at(row, pointer) if row else None
    steps = [tab_label_zh(part)]
    steps += [name_of(part, row)] if row and key else []
    steps += [label_of(part, pointer)] if pointer else []
    return Item(
        kind="document" if told.get("file") else "wrong_value" if value else "missing_field",
        part=part,
        object_id=object_id,
        pointer=pointer,
        file_id=told.get("file", ""),
        rule_id=finding["rule_id"] if finding else "",
        cure_zh=finding["remedy_zh"] if finding else "",
        place_zh=" → ".join(steps),
    )


def _keep_item(
    file: CaseFile, notes: Notes, entry: Entry, *, written: Item, is_new: bool
) -> BaseResponse | None:
    typed = entry.typed
    for name, label in (("cure_zh", "如何满足"), ("kind", "类型")):
        if not typed[name]:
            entry.refuse_with(f"/{name}", text("val.required.input", label=label))
    if not written.rule_id and not typed.get("basis"):
        entry.refuse_with("/basis", text("val.required.input", label="依据"))
    if entry.is_refused or entry.is_reshown:
        return None
    written.kind, written.cure_zh = typed["kind"], typed["cure_zh"].strip()
    written.basis = str(typed.get("basis", "")).strip()
    if is_new:
        notes.items.append(written)
    try:
        notes.keep(file.path)
    except TooLong:
        if is_new:
            notes.items.pop()
        entry.is_refused, entry.note = True, text("desk.notes.long")
        return None
    return redirect(f"{file.path}/notice")


def _layout(item: Item) -> Layout:
    basis = Field(
        name="basis",
        label="依据",
        kind="text",
        hint=text("desk.basis.hint"),
        longest=300,
        is_required=True,
    )
    return plain(
        "item",
        Field(name="kind", label="类型", kind="choice", codes="desk.notice_kind", is_required=True),
        Field(
            name="cure_zh",
            label="如何满足",
            kind="area_text",
            hint=text("desk.cure.hint"),
            longest=500,
            is_required=True,
        ),
        *(() if item.rule_id else (basis,)),
    )


def _all_findings(file: CaseFile) -> list[Json]:
    return [each for group in file.findings.values() for each in group]


def _at(row: Json, pointer: str) -> Json:
    at = row
    for step in pointer.split("/")[1:]:
        if isinstance(at, list):
            at = at[int(step)] if step.isdecimal() and int(step) < len(at) else None
        else:
            at = at.get(step) if isinstance(at, dict) else None
    return at


def _compared(item: Json) -> Compared:
    part, pointer = item["part"], item["pointer"]
    steps = [item["part_zh"]] + ([label_of(part, pointer)] if pointer else [])
    return Compared(
        kind=item["kind"],
        place=" → ".join(steps),
        cure=item["cure_zh"],
        basis="；".join(item["basis"]),
        answer=item["answer"],
        file_ids=item["answer_file_ids"],
        changes=[
            (
                label_of(part, f"{pointer}{one['pointer']}"),
                words_of(part, f"{pointer}{one['pointer']}", one["before"]),
                words_of(part, f"{pointer}{one['pointer']}", one["after"]),
            )
            for one in item["fields"]
        ],
    )


def _faults_by_item(entry: Entry) -> dict[int, list[str]]:
    """What the platform said of each item, by its number in the list."""
    told: dict[int, list[str]] = {}
    for pointer, words in entry.faults.items():
        steps = pointer.split("/")
        if steps[1:2] == ["items"] and steps[2].isdecimal():
            told.setdefault(int(steps[2]), []).extend(words)
    return told
