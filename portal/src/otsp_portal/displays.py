"""How an answer of the API is told where no form is: differences, masks, whatever a list holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from otsp_portal.forms.entry import Cell
from otsp_portal.texts import text

Json = Any
_NOTHING = "未填写"


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

    It stands beside the field as `id_masked` for `id_no`, `mobile_masked` for `mobile`.
    """
    at: Json = stored
    *above, name = cell.pointer.split("/")[1:]
    for step in above:
        at = at[int(step)] if isinstance(at, list) and int(step) < len(at) else at
        at = at.get(step, {}) if isinstance(at, Mapping) else {}
    if not isinstance(at, Mapping):
        return ""
    shown = at.get(name.replace("id_no", "id") + "_masked") or at.get(f"{name}_masked")
    return str(shown or "")


def lesson_told(row: Sequence[Cell], latest: str) -> tuple[str, bool]:
    """When a lesson that is being entered ends, and whether that is too late (lessons.js says the
    same while it is typed); nothing until all that it takes is known.
    """
    typed = {cell.field.part: str(cell.value) for cell in row if cell.field.part}
    numbers = [typed.get(part) or "0" for part in ("lessons", "minutes", "pause")]
    start = _minute_of(typed.get("start", ""))
    if start is None or not all(number.isdecimal() for number in numbers):
        return "", False
    lessons, minutes, pause = (int(number) for number in numbers)
    length = lessons * minutes + (lessons - 1) * pause
    last = _minute_of(latest)
    if length <= 0 or last is None:
        return "", False
    is_late = start + length > last
    words = text(
        "lesson.late" if is_late else "lesson.end",
        start=_clock(start),
        n=lessons,
        end=_clock(start + length),
        latest=latest,
        fits=_clock(max(0, last - length)),
    )
    return words, is_late


def _minute_of(time: str) -> int | None:
    hour, _, minute = time.partition(":")
    is_time = hour.isdecimal() and minute.isdecimal()
    return int(hour) * 60 + int(minute) if is_time else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


FILTERS = (told, masked_of, lesson_told)
