"""The file of an institution as it was sealed, in the words of its forms: tabs, objects, fields.

Pure: the platform's documents come in, what a page shows goes out. Labels are those of the forms
in which the institution typed; what only the platform adds has its own in `sealed_labels`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from otsp_contracts.snapshots import TABS
from otsp_portal import formatters
from otsp_portal.displays import told
from otsp_portal.forms.fields import Field, contract_fields
from otsp_portal.sealed_labels import ADDED, CODES, HIDDEN
from otsp_portal.words import region_name, word

Json = Any
Names = Mapping[str, str]
"""What objects are called that others only name by their id."""

FORMS: Final[Mapping[str, str]] = {
    "institution": "institution",
    "licence": "licence",
    "certificates": "certificate",
    "party": "party",
    "other_docs": "other_doc",
    "supervision": "supervision",
    "basic_account": "basic_account",
    "contract": "contract",
    "fee_items": "fee_item",
    "audit_reports": "audit_report",
    "staff": "staff",
    "materials": "material",
    "sites": "site",
    "systems": "system",
    "courses": "course",
    "classes": "class",
}
_NAMES: Final = ("doc_type", "cert_type", "name", "title", "year")
_FILE: Final = re.compile(r"(file|scan|photo|proof|shot|report)\w*_ids?$|^file_id$")
_ID: Final = re.compile(r"^[0-9a-f]{8}-")


@dataclass(frozen=True, slots=True)
class Value:
    """One field: where it stands in its object, what it is called, what stood there."""

    pointer: str
    label: str
    words: str
    file_ids: tuple[str, ...] = ()
    is_empty: bool = False
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class SealedObject:
    """One row of a tab, or the tab itself where there is one of it (no id)."""

    part: str
    object_id: str | None
    name: str
    values: Sequence[Value]

    def place(self, value: Value | None = None, file_id: str = "") -> str:
        """As a query: where an item of a notice lies."""
        at = {
            "part": self.part,
            "object": self.object_id or "",
            "pointer": value.pointer if value else "",
            "file": file_id,
        }
        return urlencode({name: told for name, told in at.items() if told})


def section_of(part: str) -> str:
    """The part of the snapshot in which a tab travels."""
    return TABS[part].section


def rows_of(part: str, content: Json) -> list[Json]:
    """The tab's rows, or the one document that it is."""
    if part == "classes":
        return [row for course in content.get("courses", ()) for row in course.get("classes", ())]
    at = content
    for step in TABS[part].place.split("/")[1:]:
        at = at.get(step) if isinstance(at, Mapping) else None
    if at is None:
        return []
    return list(at) if isinstance(at, list) else [at]


def objects_of(part: str, rows: Iterable[Json], names: Names) -> list[SealedObject]:
    return [_object(part, row, names) for row in rows]


def names_in(section: str, content: Json) -> dict[str, str]:
    """Id → name of every row of a section."""
    return {
        row[tab.key]: name_of(part, row)
        for part, tab in TABS.items()
        if tab.section == section and tab.key
        for row in rows_of(part, content)
        if row.get(tab.key)
    }


def name_of(part: str, row: Mapping[str, Json]) -> str:
    """As the institution calls it, else the kind of thing that it is."""
    if not TABS[part].key and part != "audit_reports":
        return TABS[part].label_zh
    for name in _NAMES:
        if row.get(name):
            return _told_at(part, (name,), row[name], names={})
    return TABS[part].label_zh


def label_of(part: str, pointer: str) -> str:
    """A field's label by its place in the object, from the outermost in: 资质证明 · 有效期至."""
    steps = _steps(pointer)
    labels = [_label(part, steps[: end + 1]) for end in range(len(steps))]
    return " · ".join(labels) if labels else TABS[part].label_zh if part in TABS else part


def words_of(part: str, pointer: str, value: Json, *, names: Names | None = None) -> str:
    """What stands at a place, as a page tells it; empty where nothing stands."""
    return (
        ""
        if value in (None, "", [], {})
        else _told_at(part, _steps(pointer), value, names=names or {})
    )


def place_of(pointer: str, object_ids: Sequence[str]) -> tuple[str, str, str] | None:
    """(part, object, pointer within it) of a finding's place; None outside the file's tabs."""
    steps = pointer.split("/")[1:]
    if steps[:1] == ["courses"] and steps[2:3] == ["classes"]:
        return "classes", _first(object_ids), _pointer(steps[4:])
    for part, tab in TABS.items():
        head = tab.place.split("/")[1:]
        if steps[: len(head)] == head:
            rest = steps[len(head) :]
            return (
                (part, _first(object_ids), _pointer(rest[1:]))
                if tab.key
                else (part, "", _pointer(rest))
            )
    return None


def part_of_difference(part: str, pointers: Iterable[str]) -> str:
    """Differences are told by parts of the snapshot; forms know tabs."""
    if part != "funds":
        return part
    first = next(iter(pointers), "")
    named = (_steps(first) or ("",))[0]
    return named if named in TABS else "fee_items"


def _object(part: str, row: Mapping[str, Json], names: Names) -> SealedObject:
    key = TABS[part].key
    return SealedObject(
        part,
        row.get(key) if key else None,
        name_of(part, row),
        list(_values(part, row, names)),
    )


def _values(part: str, row: Mapping[str, Json], names: Names) -> Iterator[Value]:
    """In the order of the form; then what only the platform adds."""
    known = [each.name for each in _fields(part)]
    order = sorted(row, key=lambda name: known.index(name) if name in known else len(known))
    for name in order:
        if name in HIDDEN or name == TABS[part].key or (part == "courses" and name == "classes"):
            continue
        value = row[name]
        is_file = bool(_FILE.search(name))
        yield Value(
            pointer=f"/{name}",
            label=_label(part, (name,)),
            words="" if is_file else words_of(part, f"/{name}", value, names=names),
            file_ids=tuple(_file_ids(name, value)),
            is_empty=value in (None, "", [], {}),
            is_code=name.endswith(("_no", "uscc", "_masked", "sha256")),
        )


def _file_ids(name: str, value: Json) -> Iterator[str]:
    if isinstance(value, str) and _FILE.search(name) and _ID.match(value):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _file_ids(name, each)
    elif isinstance(value, Mapping):
        for inner, each in value.items():
            yield from _file_ids(inner, each)


def _told_at(part: str, steps: tuple[str, ...], value: Json, *, names: Names) -> str:
    if isinstance(value, list):
        between = "；" if any(isinstance(each, Mapping) for each in value) else "、"
        return between.join(_told_at(part, steps, each, names=names) for each in value)
    if isinstance(value, Mapping):
        return "，".join(
            f"{_label(part, (*steps, name))} {_told_at(part, (*steps, name), each, names=names)}"
            for name, each in _in_order(part, steps, value)
            if each not in (None, "", [], {}) and name not in HIDDEN and not _FILE.search(name)
        )
    return _one(part, steps, value, names=names)


def _in_order(
    part: str, steps: tuple[str, ...], value: Mapping[str, Json]
) -> list[tuple[str, Json]]:
    """Members as the form asks them."""
    found = _field(part, steps)
    known = [each.name for each in (found.fields if found else _fields(part))]
    return sorted(
        value.items(), key=lambda one: known.index(one[0]) if one[0] in known else len(known)
    )


def _one(part: str, steps: tuple[str, ...], value: Json, *, names: Names) -> str:
    asked = _field(part, steps)
    if isinstance(value, bool):
        return told(value)
    name = steps[-1] if steps else ""
    kind = asked.kind if asked else _kind_by_name(name)
    table = CODES.get((part, name)) or (asked.codes if asked else None)
    if table:
        return word(value, table)
    if asked and asked.options:
        return dict(asked.options).get(str(value), str(value))
    if str(value) in names:
        return names[str(value)]
    return _SHOWN.get(kind, str)(value)


_SHOWN: Final[Mapping[str, Callable[[Json], str]]] = {
    "money": formatters.money,
    "area": lambda value: formatters.area(Decimal(value) / 100),
    "percent": lambda value: f"{Decimal(value) / 100:f}%",
    "region": region_name,
    "degrees": lambda value: f"{Decimal(value).scaleb(-6):f}",
}


def _kind_by_name(name: str) -> str:
    return "money" if name.endswith("_fen") else "area" if name.endswith("_centi_m2") else "text"


def _fields(part: str) -> tuple[Field, ...]:
    return contract_fields(FORMS[part]) if part in FORMS else ()


def _field(part: str, steps: tuple[str, ...]) -> Field | None:
    fields, found = _fields(part), None
    for step in steps:
        if part == "courses" and step == "classes":
            fields, found = _fields("classes"), None
            continue
        found = next((each for each in fields if each.name == step), None)
        fields = found.fields if found else ()
    return found


def _label(part: str, steps: tuple[str, ...]) -> str:
    found = _field(part, steps)
    if found:
        return found.label
    name = steps[-1]
    return ADDED.get(f"{part}.{name}") or ADDED.get(name) or name


def _steps(pointer: str) -> tuple[str, ...]:
    """The names on the way, without positions and ids of rows."""
    return tuple(
        step for step in pointer.split("/")[1:] if not step.isdecimal() and not _ID.match(step)
    )


def _pointer(steps: Sequence[str]) -> str:
    return "/" + "/".join(steps) if steps else ""


def _first(object_ids: Sequence[str]) -> str:
    return object_ids[0] if object_ids else ""
