"""Fields as data: what a form asks, in the words and order of the contract.

Most come from `texts/forms.zh.json`; a form that has no object behind it writes its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from otsp_portal.texts import text
from otsp_portal.words import options, read_json

Options = tuple[tuple[str, str], ...]
Json = Any

MANY: Final = frozenset({"choices", "references", "files"})
"""Kinds whose value is a list that the browser sends as several values."""

_ASKED_BY: Final = {
    **dict.fromkeys(
        ("choice", "choices", "yesno", "reference", "references"), "val.required.choose"
    ),
    **dict.fromkeys(("file", "files"), "val.required.file"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question. `pointer` is where its answer stands in the body, `*` for a row."""

    name: str
    label: str
    kind: str
    pointer: str = ""
    hint: str = ""
    codes: str | None = None
    options: Options | None = None
    fields: tuple["Field", ...] = ()
    longest: int | None = None
    most: int | None = None
    is_required: bool = False
    is_kept: bool = False
    """Blank means that what is stored stays: answers only mask it."""
    is_none_when_blank: bool = False
    """A list that the API takes with something in it or not at all."""
    autocomplete: str = ""
    part: str = ""
    """What `lessons.js` reads it as: start, lessons, minutes or pause of one lesson."""

    def asked_for(self) -> str:
        """The words for somebody who left it blank though it must be answered."""
        key = _ASKED_BY.get(self.kind, "val.required.input")
        return text(key, label=self.label)

    def choices(self) -> Options:
        if self.options is not None:
            return self.options
        return tuple(options(self.codes)) if self.codes else ()

    def below(self, pointer: str) -> "Field":
        """The same, at its place in a body."""
        at = f"{pointer}/{self.name}"
        step = f"{at}/*" if self.kind == "rows" else at
        return replace(self, pointer=at, fields=tuple(each.below(step) for each in self.fields))


@dataclass(frozen=True, slots=True)
class Group:
    """Some fields under one heading."""

    title: str
    names: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A form: its fields, in groups. Every field stands in exactly one group or is left out."""

    name: str
    groups: tuple[Group, ...]
    fields: Mapping[str, Field]
    left_out: tuple[str, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        placed = [name for group in self.groups for name in group.names]
        missing = set(self.fields) - {*placed, *self.left_out}
        unknown = {*placed, *self.left_out} - set(self.fields)
        if missing or unknown or len(placed) != len(set(placed)):
            message = f"{self.name}: not placed {sorted(missing)}, unknown {sorted(unknown)}"
            raise ValueError(message)

    def of(self, group: Group) -> Iterator[Field]:
        return (self.fields[name] for name in group.names)

    def label_of(self, pointer: str) -> str:
        """What the field at this place of a body is called; the place where there is none."""
        below: Mapping[str, Field] = self.fields
        found: Field | None = None
        for step in pointer.split("/")[1:]:
            if step in below:
                found = below[step]
                below = {each.name: each for each in found.fields}
        return found.label if found else pointer

    def all(self) -> Iterator[Field]:
        return (each for group in self.groups for each in self.of(group))


def layout(
    name: str,
    *groups: Group,
    left_out: Iterable[str] = (),
    hints: Mapping[str, str] | None = None,
    kept: Iterable[str] = (),
    changed: Mapping[str, Mapping[str, Json]] | None = None,
) -> Layout:
    """The form of that name in the contract, in these groups.

    `hints` by pointer; `kept` names what stays when it is left blank; `changed` overrides members
    of a field (`{"host_id": {"kind": "choice"}}`).
    """
    fields = {
        each.name: _adapted(each, hints or {}, kept=frozenset(kept), changed=changed or {})
        for each in contract_fields(name)
    }
    return Layout(name, groups, fields, tuple(left_out), hints or {})


def plain(name: str, *fields: Field, title: str = "") -> Layout:
    """A small form of its own, in one group."""
    placed = {each.name: each.below("") for each in fields}
    return Layout(name, (Group(title, tuple(placed)),), placed)


@cache
def contract_fields(name: str) -> tuple[Field, ...]:
    return tuple(_field(each).below("") for each in read_json("forms.zh.json")[name])


def _field(told: Mapping[str, Json]) -> Field:
    return Field(
        name=told["name"],
        label=told["label"],
        kind=told["kind"],
        codes=told.get("codes"),
        fields=tuple(_field(each) for each in told.get("fields", ())),
        longest=told.get("longest"),
        most=told.get("most"),
        is_required=told.get("required", False),
        is_none_when_blank=told.get("none_when_blank", False),
    )


def _adapted(
    given: Field,
    hints: Mapping[str, str],
    *,
    kept: frozenset[str],
    changed: Mapping[str, Mapping[str, Json]],
) -> Field:
    pointer = given.pointer
    inner = tuple(_adapted(each, hints, kept=kept, changed=changed) for each in given.fields)
    adapted: dict[str, Json] = {
        "fields": inner,
        "hint": hints.get(pointer, given.hint),
        "is_kept": pointer in kept,
        **changed.get(pointer, {}),
    }
    return replace(given, **adapted)
