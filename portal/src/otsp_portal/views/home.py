"""后台首页 (manual 3): how the institution stands, what stands in the way, what to do next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import Blueprint, redirect
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.cures import cure_of, nav_of
from otsp_portal.findings import items_of
from otsp_portal.formatters import day_zh
from otsp_portal.gateway_client import Api, Refusal
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text

Json = Any
views = Blueprint("home", __name__)

OWNERS: Final = ("institution", "staff", "materials", "courses")
_TONES: Final = {
    "compliant": "ok",
    "under_review": "info",
    "change_pending": "info",
    "deregistering": "info",
    "registration_submitted": "info",
    "registration_reviewing": "info",
    "returned": "warn",
    "non_compliant": "bad",
    "expired": "bad",
    "suspended": "bad",
    "registration_rejected": "bad",
    "registration_returned": "warn",
}
_SECTIONS: Final = {
    "institution": ("机构管理", "/institution/basic"),
    "funds": ("资金管理", "/funds/fees"),
    "staff": ("人员管理", "/staff/employed"),
    "materials": ("材料管理", "/materials"),
    "courses": ("课程管理", "/courses"),
}
_LINES: Final = {
    "not_applied": "home.not_applied",
    "compliant": "home.compliant",
    "expired": "home.expired",
    "returned": "home.returned",
    "non_compliant": "home.non_compliant",
    "suspended": "home.suspended",
    "under_review": "home.checking",
    "change_pending": "home.checking",
    "deregistering": "home.deregistering",
    "deregistered": "home.deregistered",
    "unknown": "home.unknown",
}
_SOON_DAYS: Final = 60
_LINKS_SHOWN: Final = 3

Reason = tuple[str, str, str]
"""A sentence, where it is cured, the word of the link."""


@dataclass(frozen=True, slots=True)
class Meter:
    """How complete the file is in one item of the rail."""

    title: str
    href: str
    required: int
    filled: int
    missing: Sequence[tuple[str, str]]

    @property
    def percent(self) -> int:
        return self.filled * 100 // self.required if self.required else 100

    @property
    def lacking(self) -> int:
        return self.required - self.filled


@views.get("/home")
@access.roles(*access.INSTITUTION)
def home() -> tuple[str, int] | BaseResponse:
    institution_id = the_person().institution_id
    asked = api()
    told, licence, *complete = asked.together(
        lambda: _home(asked),
        lambda: asked.find(f"/api/institution/v1/institutions/{institution_id}/licence"),
        *[completeness(asked, owner, institution_id) for owner in OWNERS],
    )
    if told is None:
        return redirect("/register/progress")
    meters = meters_of(complete)
    check = told.get("last_check")
    return page(
        "home.html",
        nav="home",
        help_chapter="home",
        told=told,
        tone=tone_of(told),
        lines=lines_of(told, licence, clock.today()),
        why_not_apply=[cured(each, told) for each in told["apply"]["reasons"]],
        why_not_close=[cured_for_closing(each, told) for each in told["deregister"]["reasons"]],
        meters=meters,
        complete=whole_of([each for answer in complete if answer for each in answer["sections"]]),
        days=days_of(told, licence, clock.today()),
        check=check,
        top=items_of({"blocking": check["top"], "excused": [], "warnings": [], "data": []})
        if check
        else [],
        nav_counts=counts_of(check),
    )


def tone_of(told: Json) -> str:
    """Of the status panel; what somebody has to answer is told before how the label stands."""
    code = told["review_status"]["code"]
    if code.startswith("rectification_") or _waits_for_us(told["application"]):
        return "warn"
    return _TONES.get(code, "")


def lines_of(told: Json, licence: Json | None, today: date) -> list[str]:
    """What to do, and until when."""
    code, application = told["review_status"]["code"], told["application"]
    if code.startswith("rectification_"):
        first = next((each for each in told["rectifications"] if _is_unanswered(each)), None)
        return _rectification_lines(first, today) if first else []
    if application is not None:
        return [_application_line(application)]
    until = day_zh(licence["valid_to"]) if licence and licence["valid_to"] else "—"
    return [text(_LINES.get(code, "home.registration"), date=until)]


def days_of(told: Json, licence: Json | None, today: date) -> list[tuple[str, str, int, str]]:
    """Days to keep in mind: what, when, in how many days, where."""
    days = [
        (f"整改期限（{each['kind_zh']}）", each["due_on"],
         f"/rectifications/{each['rectification_id']}")
        for each in told["rectifications"]
        if _is_unanswered(each)
    ]  # fmt: skip
    application = told["application"]
    if application and application["due_on"]:
        days.append(("申请办理期限", application["due_on"], _progress(application)))
    if licence and licence["valid_to"]:
        days.append(("办学许可证到期", licence["valid_to"], "/institution/licence"))
    told_days = [(what, on, (date.fromisoformat(on) - today).days, to) for what, on, to in days]
    return sorted((each for each in told_days if each[2] <= _SOON_DAYS), key=lambda each: each[2])


def meters_of(answers: Sequence[Json]) -> list[Meter]:
    """One an item of the rail, in its order."""
    sections: dict[str, list[Json]] = {key: [] for key in _SECTIONS}
    for answer in answers:
        for section in answer["sections"] if answer else ():
            sections[nav_of(section["section"])].append(section)
    return [
        Meter(
            *_SECTIONS[key],
            sum(each["required"] for each in found),
            sum(each["filled"] for each in found),
            [_missing(each) for section in found for each in section["missing"]][:_LINKS_SHOWN],
        )
        for key, found in sections.items()
        if found
    ]


def counts_of(check: Json | None) -> Mapping[str, int]:
    """Of the rail: how much the last self-check found in each section."""
    counts: dict[str, int] = {}
    for each in check["parts"] if check else ():
        nav = nav_of(each["part"])
        counts[nav] = counts.get(nav, 0) + each["blocking"]
    return counts


def whole_of(sections: Sequence[Json]) -> int:
    """Of everything that is required, how much is there, rounded down."""
    required = sum(each["required"] for each in sections)
    return int(sum(each["filled"] for each in sections) * 100 // required) if required else 100


def cured(reason: Json, told: Json) -> Reason:
    """The API's sentence with the page on which it is cured."""
    application = told["application"]
    open_path = _progress(application) if application else "/history"
    first = next((each for each in told["rectifications"] if _is_unanswered(each)), None)
    rectification = f"/rectifications/{first['rectification_id']}" if first else "/home"
    cures = {
        "application-open": (open_path, text("why.open.link")),
        "deregistration-open": (open_path, text("why.open.link")),
        "rectification-open": (rectification, text("why.rect.link")),
        "registration-not-approved": ("/register/progress", text("why.reg.link")),
        "change-proposed": ("/changes", "查看拟变更事项"),
        "no-proposed-change": ("/changes", "提出变更"),
        "system": ("/home", text("why.system.link")),
    }
    return (reason["todo_zh"], *cures.get(reason["code"], ("", "")))


def cured_for_closing(reason: Json, told: Json) -> Reason:
    """As `cured`; an application that is open is taken back in the same moment, by the form."""
    if reason["code"] == "application-open":
        return text("why.dereg.open"), "/deregister", "去提交注销申请"
    return cured(reason, told)


def completeness(asked: Api, owner: str, institution_id: str | None) -> Callable[[], Json]:
    """The call that tells how complete the part of an owner is."""
    return lambda: asked.find(f"/api/{owner}/v1/institutions/{institution_id}/completeness")


def _home(asked: Api) -> Json | None:
    """None for who has not registered; without knowing anything, one that allows nothing."""
    try:
        return asked.find("/api/compliance/v1/home")
    except Refusal as refusal:
        if refusal.status < 500:
            raise
    reason = {"code": "system", "todo_zh": text("why.system"), "reason_zh": text("why.system")}
    blocked = {"enabled": False, "reasons": [reason], "kinds": []}
    status = {"code": "unknown", "label_zh": "暂时查不到"}
    nothing: Json = {"rectifications": [], "application": None, "last_check": None}
    return {"review_status": status, "apply": blocked, "deregister": blocked, **nothing}


def _missing(told: Json) -> tuple[str, str]:
    object_ids = [told["object_id"]] if told["object_id"] else []
    return told["label_zh"], cure_of(told["pointer"], object_ids).href()


def _application_line(application: Json) -> str:
    state = application["state"]
    if state in ("submitted", "in_review") and application["step"]:
        authority = application["step"]["authority"]
        if application["due_on"] is None:
            return text("home.review", authority=authority)
        key = "home.submitted" if state == "submitted" else "home.under_review"
        return text(key, authority=authority, date=day_zh(application["due_on"]))
    if state == "supplementing":
        return text("home.answer", date=day_zh(application["due_on"]) or "告知书所列期限")
    if state == "awaiting_acknowledgement":
        return text("home.acknowledge")
    return text("home.closing" if state == "closing" else "home.checking")


def _rectification_lines(first: Json, today: date) -> list[str]:
    left = (date.fromisoformat(first["due_on"]) - today).days
    until = day_zh(first["due_on"])
    told = (
        text("home.rect", date=until, n=left)
        if left >= 0
        else text("home.rect.late", date=until, n=-left)
    )
    return [told] if first["kind"] == "other" else [told, text("home.rect.ban")]


def _is_unanswered(rectification: Json) -> bool:
    return rectification["status"] not in ("submitted", "closed", "waived")


def _waits_for_us(application: Json | None) -> bool:
    waiting = ("supplementing", "awaiting_acknowledgement")
    return application is not None and application["state"] in waiting


def _progress(application: Json) -> str:
    return f"/apply/{application['application_id']}"
