"""Sessions, the most pupils at once and double bookings, against slower and plainer ways."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otsp_compliance.rules.outcome import MissingData
from otsp_compliance.rules.timetable import (
    Session,
    clock_of,
    double_bookings,
    expand,
    minute_of,
    most_at_once,
)
from otsp_contracts.snapshots import ClassFacts, ExtraSession, Slot

FIRST = date(2024, 9, 1)

days = st.integers(0, 40).map(lambda number: FIRST + timedelta(days=number))
clocks = st.integers(0, 1439).map(clock_of)
times = {
    "start": clocks,
    "lessons": st.integers(1, 4),
    "lesson_minutes": st.integers(1, 60),
    "break_minutes": st.integers(0, 20),
}
classes = st.builds(
    ClassFacts,
    class_id=st.just("C"),
    start_on=days,
    end_on=days,
    slots=st.lists(st.builds(Slot, weekday=st.integers(1, 7), **times), max_size=3).map(tuple),
    skip_dates=st.lists(days, max_size=5).map(tuple),
    extra_sessions=st.lists(st.builds(ExtraSession, date=days, **times), max_size=3).map(tuple),
).filter(lambda one: one.slots or one.extra_sessions)


def day_by_day(a_class):
    """Sessions found by asking every slot about every day."""
    found = []
    for number in range(100):
        day = FIRST + timedelta(days=number)
        if a_class.start_on <= day <= a_class.end_on and day not in a_class.skip_dates:
            found += [(day, slot) for slot in a_class.slots if slot.weekday == day.isoweekday()]
    found += [(extra.date, extra) for extra in a_class.extra_sessions]
    return sorted(
        (
            day,
            minute_of(one.start),
            minute_of(one.start)
            + one.lessons * one.lesson_minutes
            + (one.lessons - 1) * one.break_minutes,
        )
        for day, one in found
    )


@given(classes)
def test_expansion_is_what_asking_every_day_finds(a_class):
    assert [session[:3] for session in expand(a_class)] == day_by_day(a_class)


sessions = st.builds(
    lambda day, start, length, class_id: Session(
        FIRST + timedelta(days=day), start, start + length, 1, length, 0, class_id
    ),
    day=st.integers(0, 1),
    start=st.integers(0, 30),
    length=st.integers(1, 20),
    class_id=st.sampled_from("ABCDE"),
)


@given(st.lists(st.tuples(sessions, st.integers(0, 50)), max_size=12))
def test_the_peak_is_the_fullest_minute(held):
    fullest = 0
    for day in (FIRST, FIRST + timedelta(days=1)):
        for minute in range(60):
            present = sum(
                heads for one, heads in held if one.day == day and one.start <= minute < one.end
            )
            fullest = max(fullest, present)

    assert most_at_once(held) == fullest


@given(st.lists(sessions, max_size=10))
def test_double_bookings_are_what_comparing_all_pairs_finds(booked):
    clashing = {
        one.class_id
        for number, one in enumerate(booked)
        for other_number, other in enumerate(booked)
        if number != other_number
        and one.day == other.day
        and one.start < other.end
        and other.start < one.end
    }

    assert set(double_bookings({"T": booked}).get("T", ())) == clashing


def test_the_end_counts_lessons_and_the_breaks_between_them():
    slot = Slot(weekday=1, start="18:00", lessons=3, lesson_minutes=40, break_minutes=10)
    a_class = ClassFacts(
        class_id="C", start_on=date(2024, 9, 2), end_on=date(2024, 9, 8), slots=(slot,)
    )

    (session,) = expand(a_class)

    assert clock_of(session.end) == "20:20"


@pytest.mark.parametrize(
    ("difference", "pointer"),
    [
        ({"start_on": None}, "start_on"),
        ({"end_on": None}, "end_on"),
        ({"end_on": date(2027, 9, 6)}, "end_on"),
        ({"slots": ()}, "slots"),
        ({"slots": (Slot(start="18:00", lessons=1, lesson_minutes=30),)}, "slots/0/weekday"),
        ({"slots": (Slot(weekday=1, lessons=1, lesson_minutes=30),)}, "slots/0/start"),
        ({"slots": (Slot(weekday=1, start="18:00", lesson_minutes=30),)}, "slots/0/lessons"),
        ({"slots": (Slot(weekday=1, start="18:00", lessons=1),)}, "slots/0/lesson_minutes"),
        (
            {"slots": (Slot(weekday=1, start="18:00", lessons=2, lesson_minutes=30),)},
            "slots/0/break_minutes",
        ),
        ({"extra_sessions": (ExtraSession(start="18:00"),)}, "extra_sessions/0/date"),
    ],
)
def test_a_timetable_with_a_hole_names_it(difference, pointer):
    whole = ClassFacts(
        class_id="C",
        start_on=date(2024, 9, 2),
        end_on=date(2024, 9, 8),
        slots=(Slot(weekday=1, start="18:00", lessons=1, lesson_minutes=30),),
    )

    with pytest.raises(MissingData) as hole:
        expand(whole.model_copy(update=difference))

    assert hole.value.pointer == pointer


def test_three_years_is_the_longest_class():
    slot = Slot(weekday=1, start="18:00", lessons=1, lesson_minutes=30)
    start = date(2024, 9, 2)
    a_class = ClassFacts(
        class_id="C", start_on=start, end_on=start + timedelta(days=1098), slots=(slot,)
    )

    assert len(expand(a_class)) == 157
