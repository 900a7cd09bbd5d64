"""What is refused at the field, and what is not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otsp_courses.rules.fields import (
    check_class,
    check_new_class,
    check_new_course,
    check_site,
    days_to_come,
    host_mismatch,
)
from otsp_courses.rules.timetable import minute_of, span_of


def slot(weekday=2, start="18:30", lessons=2, lesson_minutes=45, break_minutes=10):
    return {
        "weekday": weekday,
        "start": start,
        "lessons": lessons,
        "lesson_minutes": lesson_minutes,
        "break_minutes": break_minutes,
    }


def found(faults):
    return {(fault.pointer, fault.code) for fault in faults}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, set()),
        ({"slots": None, "extra_sessions": None}, set()),
        ({"start_on": "2024-10-08", "end_on": "2024-10-08"}, set()),
        ({"start_on": "2024-10-08", "end_on": "2024-10-07"}, {("/end_on", "before_start")}),
        ({"slots": [slot(start="22:19")]}, set()),  # ends 23:59
        ({"slots": [slot(start="22:20")]}, {("/slots/0", "ends_past_midnight")}),  # 24:00
        ({"slots": [slot(), slot(weekday=3)]}, set()),
        ({"slots": [slot(), slot(start="20:10")]}, set()),  # begins as the first one ends
        ({"slots": [slot(), slot(start="20:09")]}, {("/slots/1", "overlaps")}),
        ({"slots": [slot(start="19:00"), slot()]}, {("/slots/0", "overlaps")}),
        ({"slots": [slot(), None, slot()]}, {("/slots/2", "overlaps")}),
        ({"slots": [slot(), slot(lessons=None)]}, set()),
        ({"slots": [slot(weekday=None), slot(weekday=None)]}, set()),
        (
            {"extra_sessions": [{**slot(), "date": "2024-10-20"}] * 2},
            {("/extra_sessions/1", "overlaps")},
        ),
    ],
)
def test_timetable_of_a_class_lies_within_its_days(fields, expected):
    assert found(check_class(fields)) == expected


@pytest.mark.parametrize(
    ("taught", "span"),
    [
        (slot(), (1110, 1210)),
        (slot(lessons=1, break_minutes=None), (1110, 1155)),
        (slot(lessons=3), (1110, 1265)),
        (slot(lessons=0), (1110, 1110)),
        (slot(break_minutes=None), None),
        (slot(start=None), None),
        ({}, None),
    ],
)
def test_a_teaching_ends_after_its_lessons_and_the_breaks_between(taught, span):
    assert span_of(taught) == span


slots = st.builds(
    slot,
    weekday=st.integers(1, 3),
    start=st.integers(0, 23 * 60).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}"),
    lessons=st.integers(0, 3),
    lesson_minutes=st.integers(0, 90),
    break_minutes=st.integers(0, 15),
)


@given(st.lists(slots, max_size=6))
def test_slots_overlap_exactly_when_two_share_a_minute_of_a_weekday(week):
    minutes = [
        (each["weekday"], minute) for each in week for minute in range(*(span_of(each) or (0, 0)))
    ]

    codes = {fault.code for fault in check_class({"slots": week})}

    assert ("overlaps" in codes) == (len(minutes) != len(set(minutes)))


@given(slots)
def test_a_slot_is_refused_exactly_when_it_reaches_midnight(taught):
    pauses = max(taught["lessons"] - 1, 0) * taught["break_minutes"]
    end = minute_of(taught["start"]) + taught["lessons"] * taught["lesson_minutes"] + pauses

    codes = {fault.code for fault in check_class({"slots": [taught]})}

    assert ("ends_past_midnight" in codes) == (end >= 24 * 60)


@pytest.mark.parametrize("check", [check_new_class, check_new_course])
@pytest.mark.parametrize(
    ("fields", "is_refused"),
    [
        ({}, False),
        ({"existing": True}, False),
        ({"status": "finished", "existing": True}, False),
        ({"status": "finished", "existing": False}, True),
        ({"status": "finished"}, True),
    ],
)
def test_only_what_exists_already_is_entered_in_a_later_state(check, fields, is_refused):
    assert bool(list(check(fields))) == is_refused


def test_a_lease_does_not_end_before_it_begins():
    faults = check_site({"lease_from": "2024-02-01", "lease_to": "2024-01-31"})

    assert found(faults) == {("/lease_to", "before_start")}


def test_what_happened_lies_not_in_the_future():
    fields = {"fire_check_on": "2024-10-16", "lease_to": "2030-01-01"}

    assert found(days_to_come(fields, ["fire_check_on"], date(2024, 10, 15))) == {
        ("/fire_check_on", "in_the_future")
    }
    assert not list(days_to_come(fields, ["fire_check_on"], date(2024, 10, 16)))


@pytest.mark.parametrize(
    ("delivery", "host", "code"),
    [
        ("offline", "site", None),
        ("offline", "system", "wrong_host"),
        ("online_live", "system", None),
        ("online_recorded", "site", "wrong_host"),
        (None, "site", None),
        (None, "system", None),
        ("offline", "nothing", "unknown_host"),
    ],
)
def test_offline_teaching_has_a_site_and_online_teaching_a_system(delivery, host, code):
    faults = host_mismatch(delivery, is_site=host == "site", is_system=host == "system")

    assert [fault.code for fault in faults] == ([code] if code else [])
