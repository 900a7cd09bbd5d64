"""From the place of a finding in the sealed file to the page and the field that cure it.

The only module that knows both sides: the pointers of findings, completeness and notices (RFC 6901,
into the parts of a snapshot) and the addresses of the portal's pages with the ids of their fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from otsp_portal.forms.fields import Field, contract_fields

Json = Any


@dataclass(frozen=True, slots=True)
class Place:
    """Where one kind of object is edited. `one` takes its id; without one the list is opened."""

    word: str
    nav: str
    path: str
    one: str = ""
    form: str = ""
    key: str = ""
    """The id by which its objects are known among those that a finding names."""
    renamed: Mapping[str, str | None] = field(default_factory=dict)
    """Members of the snapshot that the form asks under another name, or not at all (None)."""


@dataclass(frozen=True, slots=True)
class Cure:
    """A page, the field on it, and what the button is called."""

    path: str
    pointer: str
    word: str
    nav: str
    label: str = ""
    object_id: str | None = None

    @property
    def anchor(self) -> str:
        return "f-" + self.pointer.removeprefix("/").replace("/", "-") if self.pointer else ""

    def href(self, **query: object) -> str:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        query_part = f"?{asked}" if asked else ""
        return f"{self.path}{query_part}" + (f"#{self.anchor}" if self.anchor else "")


_OWN: Final = "*"
"""A form of the portal's own, with the names of the snapshot."""

_REVIEWED: Final = {
    "internal_review": None,
    "external_review": None,
    "reviewed_sha256": "file_id",
    "content_sha256": "file_id",
    "status": None,
    "purged_on": None,
    "used_from": None,
    "used_until": None,
    "retain_until": None,
}
_PEOPLE: Final = {
    "id_valid": "id_no",
    "id_masked": "id_no",
    "id_hmac": "id_no",
    "mobile_masked": "mobile",
    "birth_date": "id_no",
    "work_permit_held": "work_permit_no",
    "other_full_time": "employment",
    "blacklisted": None,
    "status": None,
}
_LEGAL_REP: Final = {"id_valid": "id_no", "id_masked": "id_no", "mobile_masked": "mobile"}

_PLACES: Final[Mapping[str, Place]] = {
    "institution": Place("修改基本信息", "institution", "/institution/basic", form="institution",
                         renamed=_LEGAL_REP),
    "licence": Place("修改办学许可证", "institution", "/institution/licence", form="licence"),
    "certificates": Place("修改机构证照", "institution", "/institution/certificates",
                          "/institution/certificates/{id}", "certificate", "certificate_id"),
    "party": Place("修改党建情况", "institution", "/institution/party", form="party"),
    "other_docs": Place("修改其他资料", "institution", "/institution/documents",
                        "/institution/documents/{id}", "other_doc"),
    "funds": Place("修改资金信息", "funds", "/funds/supervision"),
    "funds/supervision": Place("修改监管信息", "funds", "/funds/supervision", form="supervision",
                               renamed={"account_no_masked": "account_no", "balance_fen": None,
                                        "cycle_total_fen": None, "deposit_balance_fen": None,
                                        "unspent_lessons_fen": None, "as_of": None}),
    "funds/basic_account": Place("修改基础账户信息", "funds", "/funds/account",
                                 form="basic_account",
                                 renamed={"account_no_masked": "account_no"}),
    "funds/contract": Place("修改合同信息", "funds", "/funds/contract", form="contract"),
    "funds/fee_items": Place("修改收费项目", "funds", "/funds/fees", "/funds/fees/{id}",
                             "fee_item", "fee_item_id",
                             renamed={"unit_price_fen": "amount_fen"}),
    "funds/audit_reports": Place("修改审计报告", "institution", "/institution/documents",
                                 "/institution/audit-reports/{id}", "audit_report"),
    "staff": Place("修改人员信息", "staff", "/staff/employed", "/staff/{id}", "staff", "staff_id",
                   renamed=_PEOPLE),
    "materials": Place("修改材料", "materials", "/materials", "/materials/{id}", "material",
                       "material_id",
                       renamed=_REVIEWED),
    "sites": Place("修改办学点", "courses", "/courses", "/courses/{id}/edit", "site", "site_id"),
    "systems": Place("修改业务系统", "courses", "/courses", "/courses/{id}/edit", "system",
                     "system_id"),
    "courses": Place("修改课程", "courses", "/courses", "/courses/course/{id}", "course",
                     "course_id",
                     renamed={"status": None}),
    "classes": Place("修改班级", "courses", "/courses",
                     "/courses/course/{course}/classes/{id}", "class", "class_id",
                     renamed={"status": None, "sessions": "slots"}),
    "rectifications": Place("去完成整改", "home", "/home", "/rectifications/{id}"),
    "closing": Place("修改注销申请", "home", "/deregister", form=_OWN),
    "region": Place("找谁办", "apply", "/who"),
}  # fmt: skip
_NAMED_BY_OWNERS: Final = {
    "supervision": "funds/supervision",
    "basic_account": "funds/basic_account",
    "contract": "funds/contract",
    "fee_items": "funds/fee_items",
    "audit_reports": "funds/audit_reports",
}
"""What notices call these parts."""

Known = Mapping[str, Mapping[str, Json]]
"""Objects of the file by their ids, as far as somebody has read them."""


def cure_of(pointer: str, object_ids: list[str], known: Known | None = None) -> Cure:
    """Of a finding's place. Every pointer leads to a page; not every one to a field."""
    kind, below = _split(pointer)
    return _cure(kind, _object(kind, object_ids, known or {}), below=below, known=known or {})


def cure_of_item(
    part: str, object_id: str | None, pointer: str, *, known: Known | None = None
) -> Cure:
    """Of an item of a notice: a tab of the file, an object in it, a field within that."""
    return _cure(_NAMED_BY_OWNERS.get(part, part), object_id, below=pointer, known=known or {})


def kinds_of(pointers: list[str]) -> set[str]:
    """Which kinds of objects the findings are about."""
    return {_split(each)[0] for each in pointers}


def nav_of(part: str) -> str:
    """The item of the rail under which a part of the file is edited."""
    return _PLACES[_NAMED_BY_OWNERS.get(part, part)].nav


def path_of(part: str) -> str:
    """Where a part of the file begins."""
    return _PLACES[_NAMED_BY_OWNERS.get(part, part)].path


def _split(pointer: str) -> tuple[str, str]:
    """Which kind of object, and the pointer within it."""
    steps = pointer.split("/")[1:] or ["institution"]
    kind, rest = steps[0], steps[1:]
    if kind == "courses" and len(rest) > 1 and rest[1] == "classes":
        kind, rest = "classes", rest[2:]
    elif kind == "funds" and rest and f"funds/{rest[0]}" in _PLACES:
        kind, rest = f"funds/{rest[0]}", rest[1:]
    if kind not in _PLACES:
        return "institution", ""
    if _PLACES[kind].one and rest and rest[0].isdecimal():
        rest = rest[1:]
    return kind, "".join(f"/{step}" for step in rest)


def _object(kind: str, object_ids: list[str], known: Known) -> str | None:
    """Which of the objects that a finding names is edited: a clash names a person and classes."""
    key = _PLACES[kind].key
    fitting = [each for each in object_ids if known.get(each, {}).get(key) == each]
    return next(iter([*fitting, *object_ids]), None)


def _cure(kind: str, object_id: str | None, *, below: str, known: Known) -> Cure:
    place = _PLACES[kind]
    path = place.path
    if place.one and object_id:
        course = known.get(object_id, {}).get("course_id", "")
        is_whole = bool(course) or "{course}" not in place.one
        path = place.one.format(id=object_id, course=course) if is_whole else place.path
    asked = _in_form(place, below) if path != place.path or not place.one else None
    pointer, label = asked or ("", "")
    return Cure(path, pointer, place.word, place.nav, label, object_id)


def _in_form(place: Place, below: str) -> tuple[str, str] | None:
    """The pointer as the form has it, and what the field is called; None where it asks no such."""
    if not place.form or not below:
        return None
    if place.form == _OWN:
        return below, ""
    fields, taken, label = _fields(place.form), "", ""
    for step in below.split("/")[1:]:
        if step.isdecimal() and taken:
            taken += f"/{step}"
            continue
        name = place.renamed.get(step, step)
        found = fields.get(name) if name else None
        if found is None:
            break
        taken, label = f"{taken}/{found.name}", found.label
        fields = {each.name: each for each in found.fields}
    return (taken, label) if taken else None


@cache
def _fields(form: str) -> Mapping[str, Field]:
    return {each.name: each for each in contract_fields(form)}
