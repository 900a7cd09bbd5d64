"""When two classes meet: the first day on which the same teacher or room is wanted twice."""

from datetime import date

import pytest

from otsp_chassis.ids import new_id
from otsp_courses.rules.clashes import (
    MOST_TOLD,
    Placed,
    advise_clashes,
    advise_room,
    first_meeting,
)
from otsp_courses.rules.rest_days import advise_rest_days
from otsp_courses.rules.rows import ClassRow, CourseRow

TUESDAY, THURSDAY = 2, 4
HALL, TEACHER = new_id(), new_id()


def slot(weekday=TUESDAY, start="18:30", **changes):
    told = {"weekday": weekday, "start": start, "lessons": 2, "lesson_minutes": 45}
    return told | {"break_minutes": 10} | changes


def extra(day, start="18:30", **changes):
    return slot(None, start) | {"date": day} | changes


def row(*, start_on="2024-10-08", end_on="2024-12-26", skip_dates=(), **fields):
    empty = dict.fromkeys(ClassRow.__dataclass_fields__)
    lists = {"slots": [], "extra_sessions": [], "teacher_ids": [TEACHER], "assistant_ids": []}
    days = {
        "start_on": start_on and date.fromisoformat(start_on),
        "end_on": end_on and date.fromisoformat(end_on),
        "skip_dates": [date.fromisoformat(day) for day in skip_dates],
    }
    return ClassRow(**empty | lists | days | {"class_id": new_id(), "name": "一班"} | fields)


def weekly(**changes):
    return {"slots": [slot()]} | changes


def once(*days):
    return {"extra_sessions": [extra(day) for day in days]}


@pytest.mark.parametrize(
    ("one", "other", "day"),
    [
        (weekly(), weekly(), "2024-10-08"),
        (weekly(), {"slots": [slot(start="20:09")]}, "2024-10-08"),
        (weekly(), {"slots": [slot(start="20:10")]}, None),
        (weekly(), {"slots": [slot(THURSDAY)]}, None),
        (weekly(), weekly(start_on="2024-10-09"), "2024-10-15"),
        (weekly(), weekly(skip_dates=["2024-10-08"]), "2024-10-15"),
        (weekly(skip_dates=["2024-10-08", "2024-10-15"]), weekly(), "2024-10-22"),
        (weekly(end_on="2024-10-14"), weekly(start_on="2024-10-09"), None),
        (weekly(end_on="2024-10-08"), weekly(skip_dates=["2024-10-08"]), None),
        (weekly(end_on="2024-10-08"), weekly(), "2024-10-08"),
        (weekly(start_on=None), weekly(), None),
        ({"slots": [slot(), slot(THURSDAY)]}, {"slots": [slot(THURSDAY)]}, "2024-10-10"),
        ({"slots": [slot(lessons=None)]}, weekly(), None),
        (once("2024-11-05"), weekly(), "2024-11-05"),
        (once("2024-11-06"), weekly(), None),
        (once("2024-11-05"), weekly(skip_dates=["2024-11-05"]), None),
        (once("2024-12-24"), weekly(end_on="2024-12-24"), "2024-12-24"),
        (once("2025-01-07"), weekly(), None),
        (once("2025-01-07"), once("2025-01-07"), "2025-01-07"),
        (once("2025-01-07"), once("2025-01-08"), None),
        (weekly() | once("2024-10-01"), once("2024-10-01", "2024-10-08"), "2024-10-01"),
    ],
)
def test_classes_meet_on_the_first_common_day(one, other, day):
    one, other = row(**one), row(**other)

    meetings = {first_meeting(one, other), first_meeting(other, one)}

    [meeting] = meetings
    assert (meeting and meeting.day.isoformat()) == day


def placed(course_name="初二数学", host_id=HALL, delivery="offline", **fields):
    return Placed(row(slots=[slot()], **fields), course_name, host_id, delivery)


def found(advice):
    return [(each.pointer, each.code) for each in advice]


def test_a_teacher_is_named_by_its_place_and_the_other_class_by_its_names():
    one = placed(teacher_ids=[new_id(), TEACHER])

    [told] = advise_clashes(one, [placed("初三物理")])

    assert (told.pointer, told.code) == ("/teacher_ids/1", "crs_008")
    assert "“初三物理”的班级“一班”" in told.detail
    assert "2024-10-08（周二）18:30—20:10" in told.detail


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ({"room_no": "301"}, {"room_no": "301"}, [("/room_no", "room_taken")]),
        ({"room_no": "301"}, {"room_no": "302"}, []),
        ({"room_no": "301"}, {"room_no": "301", "host_id": new_id()}, []),
        ({"room_no": "301", "delivery": "online_live"}, {"room_no": "301"}, []),
        ({"room_no": None}, {"room_no": None}, []),
    ],
)
def test_a_room_is_taken_at_the_same_site_only(mine, theirs, expected):
    other = placed(teacher_ids=[new_id()], **theirs)

    assert found(advise_clashes(placed(**mine), [other])) == expected


@pytest.mark.parametrize("recorded", [0, 1])
def test_a_recorded_lesson_needs_its_teacher_at_no_time(recorded):
    ways = ["online_live", "online_live"]
    ways[recorded] = "online_recorded"

    assert found(advise_clashes(placed(delivery=ways[0]), [placed(delivery=ways[1])])) == []


def test_of_very_many_clashes_a_few_are_told():
    assert len(found(advise_clashes(placed(), [placed() for _ in range(50)]))) == MOST_TOLD


@pytest.mark.parametrize(
    ("fields", "rooms", "expected"),
    [
        ({"room_no": "301", "capacity": 15}, [("301", 15)], []),
        ({"room_no": "301", "capacity": 16}, [("301", 15)], [("/capacity", "over_seats")]),
        ({"room_no": "301", "capacity": 16}, [("301", None)], []),
        ({"room_no": "302", "capacity": 16}, [("301", 15)], [("/room_no", "unknown_room")]),
        ({"room_no": "302"}, [], []),
        ({"room_no": None}, [("301", 15)], []),
    ],
)
def test_everybody_finds_a_seat_in_a_room_that_the_site_has(fields, rooms, expected):
    listed = [{"room_no": no, "area_centi_m2": None, "seats": seats} for no, seats in rooms]

    assert found(advise_room(row(**fields), listed)) == expected


HOLIDAYS = {date(2024, 10, 1): False, date(2024, 10, 12): True, date(2025, 1, 28): False}


def course(**changes):
    told = {"category": "subject", "stage": "junior"} | changes
    return CourseRow(**dict.fromkeys(CourseRow.__dataclass_fields__) | told)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"slots": [slot()]}, []),
        ({"slots": [slot()], "start_on": "2024-10-01"}, [("/slots/0/weekday", "tim_005")]),
        ({"slots": [slot()], "start_on": "2024-10-01", "skip_dates": ["2024-10-01"]}, []),
        ({"slots": [slot(THURSDAY)], "start_on": "2024-10-01"}, []),
        ({"slots": [slot()], "end_on": None}, []),
        ({"slots": [slot()], "end_on": "2025-01-28"}, [("/slots/0/weekday", "tim_005")]),
        ({"extra_sessions": [extra("2024-10-12")]}, []),
        ({"extra_sessions": [extra("2024-10-13")]}, [("/extra_sessions/0/date", "tim_005")]),
        ({"extra_sessions": [extra("2024-10-01")]}, [("/extra_sessions/0/date", "tim_005")]),
        ({"extra_sessions": [extra(None)]}, []),
    ],
)
def test_no_subject_training_of_pupils_on_days_of_rest(fields, expected):
    assert found(advise_rest_days(row(**fields), course(), HOLIDAYS)) == expected


@pytest.mark.parametrize("free", [{"category": "nonsubject"}, {"stage": "adult"}])
def test_other_training_may_be_held_on_days_of_rest(free):
    busy = row(extra_sessions=[extra("2024-10-01")])

    assert found(advise_rest_days(busy, course(**free), HOLIDAYS)) == []
