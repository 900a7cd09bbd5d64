"""How an answer of the API is told where no form is: differences, masks, whatever a list holds."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from flask import Flask
from markupsafe import Markup, escape

from otsp_portal.forms.entry import Cell
from otsp_portal.forms.fields import Field, Layout
from otsp_portal.forms.kinds import shown
from otsp_portal.texts import text
from otsp_portal.words import options, region_name, word
from otsp_portal.words import words as several

Json = Any
Fact = tuple[str, str, str]
"""Label, value, and how it is set: `mono` for codes, `w2` for what is long."""

_RULE: Final = re.compile(r"\b([A-Z]{1,4}-\d{2,3})\b", re.ASCII)
_CODE: Final = Markup('<span class="mono">{}</span>')
_NOTHING: Final = "未填写"
_UNITS: Final = {"money": "元", "area": "平方米", "percent": "%"}
_WIDTHS: Final = {
    "area_text": "w2",
    "rows": "w2",
    "texts": "w2",
    "uscc": "mono",
    "mobile": "mono",
    "tel": "mono",
}


def told(value: Json) -> str:
    """Any value in words: yes and no, lists with 、, members of objects one after the other."""
    if value is None or value in ("", [], {}):
        return _NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(told(each) for each in value)
    if isinstance(value, Mapping):
        return "，".join(told(each) for each in value.values() if each not in (None, "", []))
    return str(value)


def masked_of(stored: Mapping[str, Json], cell: Cell) -> str:
    """What the API shows of a value that it keeps to itself; empty where there is none.

    It stands beside the field as `mobile_masked` for `mobile`, `id_masked` for `id_no`.
    """
    at: Json = stored
    *above, name = cell.pointer.split("/")[1:]
    for step in above:
        at = at[int(step)] if isinstance(at, list) and int(step) < len(at) else at
        at = at.get(step, {}) if isinstance(at, Mapping) else {}
    if not isinstance(at, Mapping):
        return ""
    shown = at.get(f"{name}_masked") or at.get(f"{name.removesuffix('_no')}_masked")
    return str(shown or "")


def lesson_told(row: Sequence[Cell], latest: str) -> tuple[str, bool]:
    """When a lesson that is being entered ends, and whether that is too late (lessons.js says the
    same while it is typed); nothing until all that it takes is known.
    """
    typed = {cell.field.part: str(cell.value) for cell in row if cell.field.part}
    numbers = [typed.get(part) or "0" for part in ("lessons", "minutes", "pause")]
    start = minute_of(typed.get("start", ""))
    if start is None or not all(number.isdecimal() for number in numbers):
        return "", False
    lessons, minutes, pause = (int(number) for number in numbers)
    length = lessons * minutes + (lessons - 1) * pause
    last = minute_of(latest)
    if length <= 0 or last is None:
        return "", False
    is_late = start + length > last
    words = text(
        "lesson.late" if is_late else "lesson.end",
        start=clock_of(start),
        n=lessons,
        end=clock_of(start + length),
        latest=latest,
        fits=clock_of(max(0, last - length)),
    )
    return words, is_late


def minute_of(time: str) -> int | None:
    hour, _, minute = time.partition(":")
    is_time = hour.isdecimal() and minute.isdecimal()
    return int(hour) * 60 + int(minute) if is_time else None


def clock_of(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def read_groups(layout: Layout, stored: Mapping[str, Json]) -> list[tuple[str, list[Fact]]]:
    """An object as it reads: the groups of its form, each with its labels and values."""
    return [
        (group.title, [fact for each in layout.of(group) for fact in _facts(each, stored)])
        for group in layout.groups
    ]


def _facts(asked: Field, stored: Mapping[str, Json]) -> list[Fact]:
    value = stored.get(asked.name)
    if asked.kind == "group":
        inner = value if isinstance(value, Mapping) else {}
        return [fact for each in asked.fields for fact in _facts(each, inner)]
    if asked.is_kept or asked.kind == "id_no":
        masked = stored.get(asked.name.replace("id_no", "id") + "_masked", value)
        return [(asked.label, told(masked), "mono")]
    return [(asked.label, in_words(asked, value), _WIDTHS.get(asked.kind, ""))]


def in_words(asked: Field, value: Json) -> str:
    """A value of the API as people read it: codes in words, money in yuan, days as they are."""
    if value is None or value in ("", []):
        return _NOTHING
    if asked.kind == "rows":
        return "；".join(_row_in_words(asked, row) for row in value)
    if asked.kind in ("choice", "choices"):
        chosen = dict(asked.choices())
        codes = value if asked.kind == "choices" else [value]
        return "、".join(chosen.get(str(code), str(code)) for code in codes)
    if asked.kind in ("file", "files"):
        return "已上传"
    if asked.kind in ("yesno", "references"):
        return told(value)
    as_typed = str(shown(value, asked))
    unit = _UNITS.get(asked.kind)
    return f"{Decimal(as_typed):,}{unit}" if unit else "、".join(as_typed.splitlines())


def _row_in_words(asked: Field, row: Mapping[str, Json]) -> str:
    known = (each for each in asked.fields if row.get(each.name) not in (None, "", []))
    return "，".join(in_words(each, row[each.name]) for each in known)


def with_codes(words: str) -> Markup:
    """A sentence of the platform, the numbers of rules in it set as codes."""
    pieces = _RULE.split(words)
    return Markup("").join(
        _CODE.format(each) if index % 2 else escape(each) for index, each in enumerate(pieces)
    )


FILTERS = (told, masked_of, lesson_told, with_codes)


def install(app: Flask) -> None:
    """Give templates the words of codes and the ways in which answers are told."""
    app.jinja_env.globals |= {"word": word, "words": several, "words_of": options}
    app.jinja_env.filters |= {each.__name__: each for each in FILTERS}
    app.jinja_env.filters["region"] = region_name
