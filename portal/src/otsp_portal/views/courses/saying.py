"""How what the courses service tells is said on pages: lessons, clashes, weeks, tones of states."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from otsp_chassis import clock
from otsp_portal.displays import clock_of, minute_of
from otsp_portal.texts import text
from otsp_portal.words import word

Json = Any


def week_of(day: str | None) -> str:
    """The ISO week of a day, of today where there is none: 2026-W10."""
    year, week, _weekday = (date.fromisoformat(day) if day else clock.today()).isocalendar()
    return f"{year}-W{week:02}"


def weeks_round(week: str) -> tuple[str, str]:
    """The week before and the week after."""
    monday = date.fromisoformat(f"{week}-1")
    return tuple(week_of((monday + timedelta(days=step)).isoformat()) for step in (-7, 7))  # type: ignore[return-value]


def lesson(slot: Mapping[str, Json]) -> str:
    """19:00开始，共2课时，20:45结束; what is known of it where not all is."""
    start, count, minutes = slot.get("start"), slot.get("lessons"), slot.get("lesson_minutes")
    if not start or not count or not minutes:
        return start or "未填写时间"
    length = count * minutes + (count - 1) * (slot.get("break_minutes") or 0)
    end = clock_of((minute_of(start) or 0) + length)
    return text("lesson.end", start=start, n=count, end=end)


def schedule(a_class: Mapping[str, Json]) -> list[str]:
    """周二 19:00开始…, a line each."""
    slots = [
        f"{word(each.get('weekday'), 'courses.WEEKDAYS_ZH')} {lesson(each)}"
        for each in a_class.get("slots") or ()
    ]
    extra = [
        f"加课 {each.get('date') or '未填写日期'} {lesson(each)}"
        for each in a_class.get("extra_sessions") or ()
    ]
    return slots + extra


def names_of(ids: Iterable[str] | None, names: Mapping[str, str | None]) -> str:
    return "、".join(names.get(each) or "未知人员" for each in ids or ())


def a_week(given: str | None) -> str:
    """What the address names, this week where that is none."""
    try:
        return week_of(date.fromisoformat(f"{given}-1").isoformat())
    except ValueError:
        return week_of(None)


def days_of(
    days: Iterable[Mapping[str, Json]], host_id: str, names: Mapping[str, str | None]
) -> list[tuple[str, list[dict[str, str]]]]:
    """The days of a timetable, with the host's sessions, as the macro `timetable` draws them."""
    told = list(days)
    classes = {
        each["class_id"]: each["class_name"] or "未命名的班级"
        for day in told
        for each in day["sessions"]
    }
    return [
        (
            _title(day),
            [
                _session(each, classes, names)
                for each in day["sessions"]
                if each["host_id"] == host_id
            ],
        )
        for day in told
    ]


def _title(day: Mapping[str, Json]) -> str:
    on = date.fromisoformat(day["date"])
    kind = {"holiday": "（放假）", "make_up": "（调休上班）"}.get(day["kind"] or "", "")
    return f"{word(day['weekday'], 'courses.WEEKDAYS_ZH')} {on.month}月{on.day}日{kind}"


def _session(
    session: Mapping[str, Json], classes: Mapping[str, str], names: Mapping[str, str | None]
) -> dict[str, str]:
    teachers = names_of(session["teacher_ids"], names)
    room = f"{session['room_no']}教室" if session["room_no"] else ""
    clashes = (_clash(each, classes, names) for each in session["clashes"])
    return {
        "starts": session["start"],
        "ends": session["end"],
        "title": classes[session["class_id"]],
        "href": f"/courses/course/{session['course_id']}/classes/{session['class_id']}",
        "sub": " ".join(each for each in (teachers, room) if each),
        "problem": "；".join(dict.fromkeys(clashes)),
    }


def _clash(
    clash: Mapping[str, Json], classes: Mapping[str, str], names: Mapping[str, str | None]
) -> str:
    other = classes.get(clash["class_id"], "另一个班")
    if clash["kind"] == "room":
        return f"同一教室同时有“{other}”的课"
    return f"{names.get(clash['staff_id']) or '教师'}同时有“{other}”的课"
