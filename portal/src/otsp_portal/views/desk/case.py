"""A case: overview, what was filed, what changed, what was found, what was done (design §3.7)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.casework import (
    APPLICATIONS,
    CaseFile,
    blockers,
    choices,
    due_tag,
    matter,
    seal_of,
    state_tag,
)
from otsp_portal.gateway_client import Api, Refusal
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.sealed import label_of, part_of_difference, place_of, words_of
from otsp_portal.texts import text
from otsp_portal.working_notes import Notes, TooLong

Json = Any
views = Blueprint("case", __name__, url_prefix="/desk/cases/<uuid:case_id>")

BASE: Final = "/api/compliance/v1"
_NAVS: Final = {"registration": "registrations", "external_review": "material_reviews"}
_LISTS: Final = {
    "registrations": ("/desk/registrations", "注册审核"),
    "material_reviews": ("/desk/materials", "材料外审"),
    "desk": ("/desk", "待办案件"),
}
_FEW: Final = 20


def shown_or_none(ask: Callable[[], Json]) -> Json:
    """None for what does not lie with us any more, or was never sealed."""
    try:
        return ask()
    except Refusal as refusal:
        if refusal.status in (403, 404, 409):
            return None
        raise


More = Callable[[Api, Json], list[Callable[[], Json]]]
"""What a page needs besides, asked for together with the application."""


def open_file(
    case_id: object, more: More = lambda _asked, _case: []
) -> tuple[CaseFile, Notes, list[Json]]:
    """The case with all that says what may be done with it: two round trips."""
    asked, person = api(), the_person()
    at = f"{BASE}/cases/{case_id}"
    case, told_clock, held, authority, names = asked.together(
        lambda: asked.get(at),
        lambda: shown_or_none(lambda: asked.get(f"{at}/clock")),
        lambda: asked.get(f"{at}/assignments", limit=100)["items"],
        lambda: asked.find(f"/api/auth/v1/authorities/{person.authority_id}"),
        lambda: names_of_colleagues(asked),
    )
    application, notices, *besides = asked.together(
        lambda: of_application(asked, case, ""),
        lambda: of_application(asked, case, "/notices", limit=100),
        *more(asked, case),
    )
    notes = Notes.of(seal_of(application))
    file = CaseFile(
        case=case,
        person=person,
        application=application,
        clock=told_clock,
        notices=(notices or {}).get("items", ()),
        reviewer_count=(authority or {}).get("reviewer_count") or 0,
        holders=held,
        names=names,
        read=notes.read,
        answered=[rule for rule, reason in notes.answers.items() if reason],
    )
    return file, notes, besides


def names_of_colleagues(asked: Api) -> dict[str, str]:
    """Account → name, of those who review here or did."""
    found = asked.get("/api/auth/v1/colleagues", limit=100)["items"]
    return {each["account_id"]: each["person_name"] for each in found if each["person_name"]}


def of_application(asked: Api, case: Json, below: str, **query: Json) -> Json:
    """None for other cases, and for what is not shown to us."""
    if case["kind"] not in APPLICATIONS:
        return None
    path = f"{BASE}/applications/{case['subject_id']}{below}"
    return shown_or_none(lambda: asked.get(path, **query))


def show(template: str, file: CaseFile, notes: Notes, **told: Json) -> tuple[str, int]:
    """A page of the case: what all of them have round what is their own."""
    nav = _NAVS.get(file.case["kind"], "desk")
    return page(
        template,
        nav=nav,
        help_chapter="desk",
        file=file,
        notes=notes,
        above=_LISTS[nav],
        state=state_tag(file.case),
        due=due_tag(file.case),
        matter=matter(file.case),
        holder=file.who(file.case["assignee_id"]),
        tabs=_tabs(file),
        today=clock.today(),
        **told,
    )


def _tabs(file: CaseFile) -> list[tuple[str, str, int | None, bool]]:
    found = len(file.warnings) + len(file.exceptions)
    tabs: list[tuple[str, str, int | None]] = [("", "概览", None)]
    if file.is_application:
        tabs += [
            ("/snapshot", "申报快照", None),
            ("/changes", "变化", None),
            ("/findings", "检查结果", found),
            ("/notice", "告知与答复", len(file.notices) or None),
        ]
    tabs.append(("/log", "办理记录", None))
    return [
        (f"{file.path}{end}", word, count, request.path == f"{file.path}{end}")
        for end, word, count in tabs
    ]


@views.get("")
@access.roles(*access.REVIEWERS)
def overview(case_id: object) -> tuple[str, int]:
    file, notes, besides = open_file(case_id, _subject)
    differences, sealed, institution, material = besides
    return show(
        "desk/overview.html",
        file,
        notes,
        choices=choices(file),
        blockers=blockers(file),
        differences=differences,
        changes=changes_of(differences),
        institution=sealed["content"]["institution"] if sealed else institution,
        material=material,
        findings=findings_of(file),
    )


def _subject(asked: Api, case: Json) -> list[Callable[[], Json]]:
    """What the case is about: sealed where it was sealed, else as it stands."""
    at = f"institutions/{case['institution_id']}"
    is_material = case["kind"] == "external_review"
    return [
        lambda: of_application(asked, case, "/differences", limit=_FEW),
        lambda: of_application(asked, case, "/snapshot/institution"),
        lambda: (
            shown_or_none(lambda: asked.get(f"/api/institution/v1/{at}"))
            if case["kind"] not in APPLICATIONS
            else None
        ),
        lambda: (
            shown_or_none(
                lambda: asked.get(f"/api/materials/v1/{at}/materials/{case['subject_id']}")
            )
            if is_material
            else None
        ),
    ]


@views.get("/changes")
@access.roles(*access.REVIEWERS)
def changes(case_id: object) -> tuple[str, int]:
    cursor = request.args.get("cursor")
    file, notes, (differences,) = open_file(
        case_id,
        lambda asked, case: [
            lambda: of_application(asked, case, "/differences", limit=100, cursor=cursor)
        ],
    )
    after = (differences or {}).get("next")
    return show(
        "desk/changes.html",
        file,
        notes,
        differences=differences,
        changes=changes_of(differences),
        first=f"{file.path}/changes" if cursor else None,
        next=f"{file.path}/changes?cursor={after}" if after else None,
    )


@views.get("/findings")
@access.roles(*access.REVIEWERS)
def findings(case_id: object) -> tuple[str, int]:
    file, notes, _ = open_file(case_id)
    return show("desk/findings.html", file, notes, findings=findings_of(file))


@views.post("/findings")
@access.roles(*access.REVIEWERS)
def mark_findings(case_id: object) -> tuple[str, int] | BaseResponse:
    """已阅 and the answers to exceptions, kept for the decision."""
    file, notes, _ = open_file(case_id)
    known = {each["rule_id"] for each in file.warnings}
    notes.read = [rule for rule in request.form.getlist("read") if rule in known]
    notes.answers = {
        each["rule_id"]: request.form.get(f"answer.{each['rule_id']}", "").strip()[:1000]
        for each in file.exceptions
    }
    try:
        notes.keep(file.path)
    except TooLong:
        flash(text("desk.notes.long"), "bad")
        return show("desk/findings.html", file, notes, findings=findings_of(file))
    flash(text("ok.read"), "ok")
    return redirect(f"{file.path}#decide" if not file.exceptions else f"{file.path}/findings")


@views.get("/log")
@access.roles(*access.REVIEWERS)
def log(case_id: object) -> tuple[str, int]:
    file, notes, (routing,) = open_file(
        case_id,
        lambda asked, _case: [
            lambda: shown_or_none(lambda: asked.get(f"{BASE}/cases/{case_id}/routing"))
        ],
    )
    return show("desk/log.html", file, notes, routing=routing)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, as a line of the table."""

    label: str
    where: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    """One finding, as the reviewer reads it."""

    rule_id: str
    severity: str
    message: str
    remedy: str
    law: str
    breaches: list[tuple[str, str, str]]
    exception: str | None
    acknowledged: bool
    query: str


def changes_of(differences: Json | None) -> list[Change]:
    told = []
    for each in (differences or {}).get("items", ()):
        part = part_of_difference(each["part"], (one["pointer"] for one in each["fields"]))
        where = f"{each['part_zh']} · {each['name']}" if each["name"] else each["part_zh"]
        if each["kind"] != "changed":
            name = each["name"] or each["part_zh"]
            is_new = each["kind"] == "added"
            words = (text("desk.added", name=name), text("desk.removed", name=name))
            told.append(
                Change(
                    name, each["part_zh"], "" if is_new else words[1], words[0] if is_new else ""
                )
            )
            continue
        told += [
            Change(
                label_of(part, one["pointer"]),
                where,
                words_of(part, one["pointer"], one["before"]),
                words_of(part, one["pointer"], one["after"]),
            )
            for one in each["fields"]
        ]
    return told


def findings_of(file: CaseFile) -> Mapping[str, list[Found]]:
    """Exceptions asked for, what has to be read, and what blocks (of a case set aside)."""
    known = (file.application or {}).get("acknowledged_warnings", ())
    blocking = file.findings.get("blocking", ())
    return {
        "exceptions": [_found(each, known) for each in file.exceptions],
        "warnings": [_found(each, known) for each in file.warnings],
        "blocking": [_found(each, known) for each in blocking],
    }


def _found(finding: Json, acknowledged: Json) -> Found:
    first = finding["breaches"][0] if finding["breaches"] else None
    place = place_of(first["pointer"], first["object_ids"]) if first else None
    part, object_id, pointer = place or ("institution", "", "")
    query = f"rule={finding['rule_id']}&part={part}&object={object_id}&pointer={pointer}"
    return Found(
        rule_id=finding["rule_id"],
        severity=finding["severity"],
        message=finding["message_zh"],
        remedy=finding["remedy_zh"],
        law="；".join(finding["basis"]),
        breaches=[
            (_where(one), one["found_zh"], one["required_zh"]) for one in finding["breaches"][:_FEW]
        ],
        exception=finding["exception_reason"],
        acknowledged=finding["rule_id"] in acknowledged,
        query=query,
    )


def _where(breach: Json) -> str:
    place = place_of(breach["pointer"], breach["object_ids"])
    label = label_of(place[0], place[2]) if place else ""
    detail = breach["detail_zh"]
    return f"{label}（{detail}）" if label and detail else label or detail or text("desk.elsewhere")
