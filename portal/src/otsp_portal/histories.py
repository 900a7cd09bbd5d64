"""What was changed, in words: the history of a service, and what it comes to between two days."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from otsp_chassis.clock import SHANGHAI
from otsp_portal.casework import Tag
from otsp_portal.formatters import moment
from otsp_portal.sealed import Names, words_of
from otsp_portal.texts import Tone, text
from otsp_portal.words import word

Json = Any

_FILE: Final = re.compile(r"(file|scan|photo|proof|shot|report)\w*_ids?$")
_CODE: Final = re.compile(r"(_no|uscc|_masked|sha256)$")
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CONCEALED: Final = "***"
_TONES: Final[Mapping[str, Tone]] = {"added": "ok", "changed": "info", "removed": "bad"}
_TABS: Final[Mapping[str, str]] = {
    "school_licence": "licence",
    "certificate": "certificates",
    "other_doc": "other_docs",
    "audit_report": "audit_reports",
    "service_contract": "contract",
    "fee_item": "fee_items",
    "material": "materials",
    "site": "sites",
    "system": "systems",
    "course": "courses",
    "class": "classes",
}
"""Part of the history → tab of the file, where they are called otherwise."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    label: str
    before: str
    after: str
    is_masked: bool
    is_code: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One object that was added, changed or removed."""

    tag: Tag
    part: str
    name: str
    href: str
    by: str
    at: str
    fields: Sequence[FieldChange]


def change_of(told: Json, names: Names, hrefs: Mapping[str, str]) -> Change:
    """Of the history, where somebody did it at some moment, or of the differences."""
    name = names.get(told["object_id"], "")
    return Change(
        tag=Tag(word(told["kind"], "history.kind"), _TONES[told["kind"]]),
        part=told["part_zh"],
        name="" if name == told["part_zh"] else name,
        href=hrefs.get(told["part"], "").format(told["object_id"]) if name else "",
        by=_by(told),
        at=moment(told.get("at")),
        fields=[_field(told["part"], each, names) for each in told["fields"]],
    )


def between(first: date | None, last: date | None) -> tuple[str | None, str | None]:
    """From the beginning of the first day to the end of the last, as the platform takes moments."""
    end = last + timedelta(days=1) if last else None
    return _beginning(first), _beginning(end)


def _beginning(on: date | None) -> str | None:
    if on is None:
        return None
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI).isoformat()


def _by(told: Json) -> str:
    if "role" not in told:
        return ""
    if told["operation"].startswith("import:"):
        return text("history.by.import")
    if told["role"] == "system":
        return text("history.by.system")
    return word(told["role"], "auth.role")


def _field(part: str, told: Json, names: Names) -> FieldChange:
    return FieldChange(
        label=told["label_zh"] or told["pointer"],
        before=_words(part, told["pointer"], told["before"], names=names),
        after=_words(part, told["pointer"], told["after"], names=names),
        is_masked=told["is_masked"],
        is_code=bool(_CODE.search(told["pointer"])),
    )


def _words(part: str, pointer: str, value: Json, *, names: Names) -> str:
    if value == _CONCEALED:
        return text("mask.hidden")
    if value not in (None, "", []) and _FILE.search(pointer):
        return text("history.file")
    said = words_of(_TABS.get(part, part), pointer, value, names=names)
    return _ID.sub(lambda found: names.get(found[0]) or text("history.nameless"), said)
