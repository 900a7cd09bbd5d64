"""What a list tells of one person: who they are, and what has to be done about them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from otsp_portal.casework import Tag
from otsp_portal.formatters import day
from otsp_portal.texts import text
from otsp_portal.words import word

Json = Any

QUALIFIED: Final = frozenset({"teaching", "research"})
"""Kinds of people who need a certificate (domain specification §2.9)."""

_OTHER_CHECKS: Final[Mapping[str, str]] = {
    "contract": "劳动合同",
    "work_permit": "工作许可",
    "residence_permit": "居留许可",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A tag, or words without one, and the line below."""

    tag: Tag | None
    word: str = ""
    sub: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a list."""

    staff_id: str
    name: str
    sub: str
    is_employed: bool
    staff_type: str
    employment: str
    id_masked: str
    doubts: tuple[Tag, ...]
    qualification: Told
    check: Told

    @property
    def needs_work(self) -> bool:
        tags = (*self.doubts, self.qualification.tag, self.check.tag)
        return any(tag is not None and tag.tone in ("bad", "warn") for tag in tags)


def row_of(person: Json, today: date) -> Row:
    return Row(
        staff_id=person["staff_id"],
        name=person["name"] or text("staff.nameless"),
        sub=_since(person),
        is_employed=person["status"] == "employed",
        staff_type=word(person["staff_type"], "staff.STAFF_TYPES_ZH"),
        employment=word(person["employment"], "staff.EMPLOYMENTS_ZH"),
        id_masked=person["id_masked"] or "",
        doubts=tuple(_doubts(person, today)),
        qualification=_qualification(person, today),
        check=_check(person, today),
    )


def _since(person: Json) -> str:
    if person["status"] == "departed":
        return f"{day(person['departed_on']) or '日期未填'} 离职"
    return f"{day(person['hired_on']) or '日期未填'} 入职"


def _doubts(person: Json, today: date) -> Iterator[Tag]:
    if person["blacklisted"]:
        yield Tag(text("staff.blacklisted"), "bad")
    if person.get("depart_by"):
        yield Tag(text("staff.depart_by", date=day(person["depart_by"])), "bad")
    if person["other_full_time"]:
        yield Tag(text("staff.full_time_elsewhere"), "warn")
    if person.get("registered_twice"):
        yield Tag(text("staff.registered_twice"), "warn")
    for due in person.get("checks_due", ()):
        if due["kind"] in _OTHER_CHECKS:
            yield _ends(_OTHER_CHECKS[due["kind"]], due["due_on"], today)


def _qualification(person: Json, today: date) -> Told:
    held = person["quals"] or []
    if not held:
        if person["staff_type"] in QUALIFIED:
            return Told(Tag(text("staff.qual.missing"), "bad"))
        return Told(None, text("staff.qual.needless"))
    first = word(held[0]["type"], "staff.QUALIFICATIONS_ZH")
    subject = held[0].get("subject")
    sub = word(subject, "all.SUBJECTS_ZH") if subject else ""
    told = first if len(held) == 1 else text("staff.qual.several", first=first, n=len(held))
    lasting = [each for each in held if not _is_past(each.get("valid_to"), today)]
    return Told(None if lasting else Tag(text("staff.qual.expired"), "warn"), told, sub)


def _check(person: Json, today: date) -> Told:
    """The checks for crimes: the one before the hiring, then the yearly one."""
    if person["status"] == "departed":
        return Told(None, "—")
    due = {each["kind"]: each["due_on"] for each in person.get("checks_due", ())}
    last = person["annual_check_on"] or person["precheck_on"]
    sub = text("staff.check.last", date=day(last)) if last else ""
    if False in (person["precheck_clear"], person["annual_check_clear"]):
        return Told(Tag(text("staff.check.record"), "bad"), sub=sub)
    if "precheck" in due:
        return Told(Tag(text("staff.check.missing"), "bad"), sub=_since(person))
    if "annual_check" in due:
        return Told(_ends(text("staff.check.yearly"), due["annual_check"], today), sub=sub)
    return Told(Tag(text("staff.check.done"), "ok"), sub=day(last))


def _ends(what: str, due_on: str | None, today: date) -> Tag:
    if due_on is None:
        return Tag(text("staff.due.unknown", what=what), "bad")
    left = (date.fromisoformat(due_on) - today).days
    if left < 0:
        return Tag(text("staff.due.over", what=what, n=-left), "bad")
    if left == 0:
        return Tag(text("staff.due.today", what=what), "warn")
    return Tag(text("staff.due.in", what=what, n=left), "warn")


def _is_past(until: str | None, today: date) -> bool:
    return bool(until) and date.fromisoformat(str(until)) < today
