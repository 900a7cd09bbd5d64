"""A running period as weeks of days: which are counted, skipped, worked for a holiday, due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

Kind = Literal["start", "counted", "off", "ahead", "today", "due", "late"]

_LONGEST = timedelta(weeks=10)


@dataclass(frozen=True, slots=True)
class StripDay:
    """One square of the strip; `is_made_up` is a weekend day that counts (调休上班)."""

    on: date
    kind: Kind
    label: str
    is_made_up: bool


def clock_weeks(clock: Mapping[str, Any], today: date) -> list[list[StripDay | None]]:
    """The weeks, Monday first, of a StepClock as the API tells it; None outside the period.

    A period that paused for long shows its last ten weeks.
    """
    began, due = (date.fromisoformat(clock[name]) for name in ("started_on", "due_on"))
    ended = date.fromisoformat(clock["ended_on"]) if clock["ended_on"] else None
    now = ended or today
    last = max(due, now) if now > due else due
    first = max(began, last - _LONGEST)
    off = _days_out(clock["days_out"])
    made_up = {date.fromisoformat(one["day"]) for one in clock["made_up"]}
    monday = first - timedelta(days=first.weekday())
    weeks = (last - monday).days // 7 + 1

    def square(on: date) -> StripDay | None:
        if not first <= on <= last:
            return None
        label = f"{on.month}/{on.day}" if on == first or on.day == 1 else str(on.day)
        kind = _kind(on, began=began, due=due, now=now, is_off=on in off)
        return StripDay(on, kind, label, on in made_up)

    return [
        [square(monday + timedelta(days=week * 7 + at)) for at in range(7)] for week in range(weeks)
    ]


def _kind(on: date, *, began: date, due: date, now: date, is_off: bool) -> Kind:
    if on == now and on != due:
        return "today"
    if on == due:
        return "due"
    if is_off:
        return "off"
    if on == began:
        return "start"
    if on > due:
        return "late"
    return "counted" if on < now else "ahead"


def _days_out(spans: Sequence[Mapping[str, Any]]) -> set[date]:
    out: set[date] = set()
    for span in spans:
        on, last = date.fromisoformat(span["first"]), date.fromisoformat(span["last"])
        while on <= last:
            out.add(on)
            on += timedelta(days=1)
    return out
