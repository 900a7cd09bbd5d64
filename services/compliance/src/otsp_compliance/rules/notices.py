"""What may stand in a notice (一次告知), and whether another one may be given in the same step."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from otsp_compliance.rules.closing import correctable
from otsp_compliance.rules.completeness import FOR_REVIEWERS
from otsp_contracts.snapshots import TABS, Tab
from otsp_contracts.values import FieldError

SUPPLEMENT_DAYS: Final = 30
"""Then the application lapses (domain specification §3.4)."""

CLOSING: Final = "closing"
PLACES: Final[Mapping[str, Tab]] = {**TABS, CLOSING: Tab("compliance", "注销申请", "/closing")}
"""What a notice may name: the tabs of the file, and field by field what is typed of a closing."""

Document = Mapping[str, Any]


class ItemKind(StrEnum):
    """What is asked."""

    MISSING_FIELD = "missing_field"
    WRONG_VALUE = "wrong_value"
    DOCUMENT = "document"
    EXPLANATION = "explanation"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the file; without an object the part as a whole is meant."""

    part: str
    object_id: str | None = None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the reviewer wrote it; an article without a finding is named by `basis`."""

    kind: str
    place: Place
    cure_zh: str
    rule_id: str | None = None
    basis: str | None = None
    file_id: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that the check found broken, with its articles and what breaks it."""

    rule_id: str
    basis: Sequence[str]
    faults: frozenset[str]


class _Absent:
    """Nothing stands there, not even an empty value."""


_ABSENT: Final = _Absent()


def due_after(day: date) -> date:
    return day + timedelta(days=SUPPLEMENT_DAYS)


def reopened_until(due_on: date, today: date) -> date:
    """An answer that the platform failed to gather may be handed in again tomorrow."""
    return max(due_on, today + timedelta(days=1))


def value_at(file: Document, place: Place) -> Any:  # noqa: ANN401 - any JSON
    """What a file holds there; None where nothing stands."""
    found = _find(file, place)
    return None if found is _ABSENT else found


def faults_of(
    items: Sequence[Item], file: Document, findings: Mapping[str, Broken]
) -> Iterator[FieldError]:
    """All that is wrong with a notice on this file. Nothing is asked twice."""
    seen: set[tuple[str, Place, str | None]] = set()
    for number, item in enumerate(items):
        asked = (item.kind, item.place, item.rule_id)
        if asked in seen:
            yield FieldError(f"/items/{number}", "repeated", "同一内容只需列明一次。")
        seen.add(asked)
        for pointer, code, detail in _faults_of(item, file, findings):
            yield FieldError(f"/items/{number}/{pointer}", code, detail)


def not_introduced(
    items: Sequence[Item],
    *,
    before: Document,
    now: Document,
    old: Mapping[str, Broken],
    new: Mapping[str, Broken],
) -> list[int]:
    """Numbers of the items that name nothing which the answer to the last notice introduced.

    That is a finding that was not there before, or a value that the answer has changed; a whole
    object is a change only when it is new.
    """
    return [
        number
        for number, item in enumerate(items)
        if not _is_new_finding(item, old, new) and not _is_changed(item.place, before, now)
    ]


def place_of(file: Document, pointer: str) -> Place | None:
    """The object, or the part, that a finding's pointer leads to; None outside the file's tabs."""
    steps = pointer.split("/")[1:]
    if steps[:1] == ["courses"] and steps[2:3] == ["classes"]:
        at = "/".join(["", *steps[:4]])
        return Place("classes", _id_of(_resolve(file, at), "classes"))
    for part, tab in TABS.items():
        if pointer == tab.place or pointer.startswith(f"{tab.place}/"):
            row = pointer.removeprefix(tab.place).split("/")[:2]
            return Place(part, _id_of(_resolve(file, tab.place + "/".join(row)), part))
    return None


def closing_fields(pointers: Iterable[str], typed: Document) -> frozenset[str]:
    """Of what is typed of a closing, the fields that these places in the snapshot lead to."""
    steps = [each.split("/")[1:3] for each in pointers]
    named = {each[1] for each in steps if len(each) > 1 and each[0] == CLOSING}
    return correctable(typed) & named


def _id_of(row: Any, part: str) -> str | None:  # noqa: ANN401 - any JSON
    key = PLACES[part].key
    return row.get(key) if key is not None and isinstance(row, Mapping) else None


def _faults_of(
    item: Item, file: Document, findings: Mapping[str, Broken]
) -> Iterator[tuple[str, str, str]]:
    yield from _misplaced(item, file)
    if item.rule_id is not None and item.rule_id not in findings:
        yield "rule_id", "unknown_rule", "本次检查结果中没有这条规则，请从检查结果中选择。"
    elif item.rule_id in FOR_REVIEWERS:
        yield "rule_id", "reviewers_only", "该检查结果涉及其他机构，不能写入补正通知。"
    elif item.rule_id is None and not item.basis:
        yield "basis", "required", "未引用检查结果的，须写明依据的条款。"


def _misplaced(item: Item, file: Document) -> Iterator[tuple[str, str, str]]:
    place, is_list = item.place, PLACES[item.place.part].key is not None
    if place.object_id is not None and _find(file, Place(place.part, place.object_id)) is _ABSENT:
        yield "object_id", "unknown_object", "快照的这一部分中没有该对象，请从快照中选择。"
        return
    if place.object_id is None and is_list and place.pointer:
        yield "object_id", "required", "写明字段时须同时写明是哪一项。"
        return
    if place.part == CLOSING and not _is_correctable(place, file):
        yield "pointer", "unknown_pointer", "请写明注销申请中由机构填写、可以更正的一项。"
        return
    found = _find(file, place)
    if found is _ABSENT:
        yield "pointer", "unknown_pointer", "快照中没有这个字段，请从快照中选择。"
    elif item.kind == ItemKind.WRONG_VALUE and _is_empty(found):
        yield "pointer", "nothing_there", "此处没有填写内容；缺少内容的，请选择“缺项”。"
    elif item.kind == ItemKind.WRONG_VALUE and place.object_id is None and is_list:
        yield "object_id", "required", "内容有误的，须写明是哪一项。"
    elif item.kind == ItemKind.MISSING_FIELD and not (_is_empty(found) or isinstance(found, list)):
        yield "pointer", "not_missing", "此处已有内容；内容有误的，请选择“内容有误”。"
    if item.file_id is not None and item.file_id not in set(_texts(found)):
        yield "file_id", "unknown_file", "快照的此处没有这个文件，请从快照中选择。"


def _is_correctable(place: Place, file: Document) -> bool:
    """One field of it; an application that closes nothing has none."""
    typed = file.get(CLOSING)
    return typed is not None and place.pointer.removeprefix("/") in correctable(typed)


def _is_new_finding(item: Item, old: Mapping[str, Broken], new: Mapping[str, Broken]) -> bool:
    if item.rule_id is None or item.rule_id not in new:
        return False
    known = old[item.rule_id].faults if item.rule_id in old else frozenset()
    introduced = new[item.rule_id].faults - known
    return bool(introduced) if item.place.object_id is None else item.place.object_id in introduced


def _is_changed(place: Place, before: Document, now: Document) -> bool:
    was, has = value_at(before, place), value_at(now, place)
    if place.pointer == "":
        if place.object_id is None and PLACES[place.part].key is not None:
            return _ids(place.part, was) != _ids(place.part, has)
        return was is None and has is not None
    return bool(was != has)


def _find(file: Document, place: Place) -> Any:  # noqa: ANN401 - any JSON
    tab = PLACES[place.part]
    found: Any = _rows_of(file, place.part)
    if place.object_id is not None:
        rows = found if tab.key is not None and isinstance(found, list) else []
        found = next((row for row in rows if row.get(tab.key) == place.object_id), _ABSENT)
    return _resolve(found, place.pointer)


def _rows_of(file: Document, part: str) -> Any:  # noqa: ANN401 - any JSON
    if part == "classes":
        return [row for course in file.get("courses", []) for row in course.get("classes", [])]
    return _resolve(file, PLACES[part].place)


def _resolve(value: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON
    """RFC 6901."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return _ABSENT
    return value


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _ids(part: str, rows: Any) -> Collection[str]:  # noqa: ANN401 - any JSON
    key = PLACES[part].key
    return {str(row.get(key)) for row in rows or []}
