"""The statutory clocks, counted by the days that the State Council decreed for 2025 and 2026."""

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otsp_compliance.rules.clocks import (
    Clock,
    Ground,
    Light,
    OfficeDays,
    Pause,
    Phase,
    StartsBeforeCalendar,
    count,
    is_over,
    started,
)

EPOCH = date(2025, 1, 1)
RESTS = (  # 国办发明电〔2024〕12号, 〔2025〕7号
    ("2025-01-01", "2025-01-01"),
    ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"),
    ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
)
MADE_UP = (
    *("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
)


def day(text):
    return date.fromisoformat(text)


class Decreed:
    """The calendar as the notices have it."""

    def covers(self, day):
        return EPOCH <= day <= date(2026, 12, 31)

    def is_rest_day(self, day):
        assert self.covers(day)
        text = day.isoformat()
        is_holiday = any(first <= text <= last for first, last in RESTS)
        return is_holiday or (day.isoweekday() > 5 and text not in MADE_UP)


OFFICE = OfficeDays(Decreed())


def running(started_on, *pauses, limit=20, ended_on=None):
    """Five days are those to accept in, more are those to decide in."""
    phase = Phase.ACCEPT if limit == 5 else Phase.DECIDE
    return Clock(phase=phase, started_on=started_on, limit=limit, pauses=pauses, ended_on=ended_on)


def due(started_on, limit=20, office=OFFICE):
    start = day(started_on)
    return count(running(start, limit=limit), office, start).due_on.isoformat()


def test_the_decrees_are_those_of_the_package():
    days = (EPOCH + timedelta(days=n) for n in range(730))
    assert [
        one for one in days if chinese_calendar.is_workday(one) != OFFICE.is_working_day(one)
    ] == []


@pytest.mark.parametrize(
    ("started_on", "limit", "due_on"),
    [
        # no holiday between
        ("2025-03-03", 5, "2025-03-10"),
        ("2025-03-03", 20, "2025-03-31"),
        # the day after the start is the first, also when the start is no working day
        ("2025-03-07", 5, "2025-03-14"),
        ("2025-03-08", 5, "2025-03-14"),
        ("2025-03-09", 5, "2025-03-14"),
        # Spring Festival 2025: Sunday 01-26 and Saturday 02-08 are worked
        ("2025-01-24", 5, "2025-02-07"),
        ("2025-01-13", 20, "2025-02-14"),
        # Qingming; Labour Day with the Sunday before it
        ("2025-04-03", 5, "2025-04-11"),
        ("2025-04-25", 5, "2025-05-06"),
        ("2025-04-10", 20, "2025-05-12"),
        # Dragon Boat begins on a Saturday
        ("2025-05-30", 5, "2025-06-09"),
        # National Day with Mid-Autumn 2025: 09-28 and 10-11 are worked
        ("2025-09-26", 5, "2025-10-10"),
        ("2025-09-15", 20, "2025-10-17"),
        ("2025-09-15", 30, "2025-10-31"),
        # over the year's end
        ("2025-12-15", 20, "2026-01-13"),
        ("2025-12-31", 5, "2026-01-08"),
        # Spring Festival 2026: Saturdays 02-14 and 02-28 are worked
        ("2026-02-13", 5, "2026-02-27"),
        ("2026-02-02", 20, "2026-03-06"),
        # Labour Day 2026: Saturday 05-09 is worked
        ("2026-04-30", 5, "2026-05-11"),
        # Dragon Boat, Mid-Autumn and National Day 2026
        ("2026-06-18", 5, "2026-06-26"),
        ("2026-09-18", 5, "2026-09-24"),
        ("2026-09-14", 20, "2026-10-16"),
        ("2026-11-20", 20, "2026-12-18"),
        # the last that ends inside the calendar, and the first that does not
        ("2026-12-03", 20, "2026-12-31"),
        ("2026-12-04", 20, "2027-01-01"),
        ("2026-11-20", 30, "2027-01-01"),
        ("2026-12-24", 5, "2026-12-31"),
        ("2026-12-25", 5, "2027-01-01"),
        ("2030-01-04", 20, "2030-02-01"),
    ],
)  # fmt: skip
def test_a_period_ends_on_its_last_working_day(started_on, limit, due_on):
    assert due(started_on, limit) == due_on


def test_beyond_the_calendar_weekends_and_local_holidays_rest_and_the_day_is_provisional():
    local = OfficeDays(Decreed(), [day("2027-01-01")])

    within = count(running(day("2026-12-03")), local, day("2026-12-03"))
    beyond = count(running(day("2026-12-04")), local, day("2026-12-04"))

    assert (within.is_provisional, beyond.is_provisional) == (False, True)
    assert beyond.due_on == day("2027-01-04")


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ((2025, 3, 9, 23), False),
        ((2025, 3, 10, 17), False),
        ((2025, 3, 10, 18), True),
        ((2025, 3, 11, 0), True),
    ],
)
def test_the_last_day_ends_when_offices_close(at, over):
    assert is_over(day("2025-03-10"), datetime(*at), closes_at=18) is over  # noqa: DTZ001


def test_a_local_holiday_inside_the_calendar_is_not_counted():
    assert due("2025-03-03", 5, office=OfficeDays(Decreed(), [day("2025-03-05")])) == ("2025-03-11")


def test_a_start_before_the_calendar_is_refused():
    with pytest.raises(StartsBeforeCalendar) as refused:
        started(Phase.DECIDE, day("2024-12-31"), epoch=EPOCH)

    assert (refused.value.started_on, refused.value.epoch) == (day("2024-12-31"), EPOCH)
    assert started(Phase.DECIDE, EPOCH, epoch=EPOCH) == running(EPOCH)
    assert started(Phase.ACCEPT, EPOCH, epoch=EPOCH) == running(EPOCH, limit=5)


@pytest.mark.parametrize(
    ("on", "used", "left", "light"),
    [
        ("2025-03-03", 0, 20, Light.GREEN),
        ("2025-03-21", 14, 6, Light.GREEN),
        ("2025-03-24", 15, 5, Light.AMBER),
        ("2025-03-28", 19, 1, Light.AMBER),
        ("2025-03-30", 19, 1, Light.AMBER),
        ("2025-03-31", 20, 0, Light.RED),
        ("2025-04-01", 21, -1, Light.RED),
    ],
)
def test_amber_is_working_day_15_and_red_is_working_day_20(on, used, left, light):
    told = count(running(day("2025-03-03")), OFFICE, day(on))

    assert (told.days_used, told.days_left, told.light) == (used, left, light)


@pytest.mark.parametrize(
    ("on", "light"),
    [
        ("2025-03-06", Light.GREEN),
        ("2025-03-07", Light.AMBER),
        ("2025-03-10", Light.RED),
    ],
)
def test_acceptance_is_amber_on_its_last_day_but_one(on, light):
    clock = running(day("2025-03-03"), limit=5)

    assert count(clock, OFFICE, day(on)).light is light


def test_added_days_move_amber_too():
    told = count(running(day("2025-03-03"), limit=30), OFFICE, day("2025-03-31"))

    assert (told.amber_on, told.due_on) == (day("2025-04-08"), day("2025-04-15"))
    assert (told.days_left, told.light) == (10, Light.GREEN)


def test_a_pause_takes_its_first_day_out_and_gives_its_last_back():
    hearing = Pause(Ground.HEARING, day("2025-03-10"), day("2025-03-13"))
    clock = running(day("2025-03-03"), hearing)

    told = count(clock, OFFICE, day("2025-03-13"))

    assert told.due_on == day("2025-04-03")
    assert (told.days_used, told.days_left, told.light) == (5, 15, Light.GREEN)


def test_while_it_is_paused_no_day_is_used():
    clock = running(day("2025-03-03"), Pause(Ground.EXPERT_REVIEW, day("2025-03-10")))

    first, later = (count(clock, OFFICE, day(on)) for on in ("2025-03-10", "2025-03-28"))

    assert (first.days_used, later.days_used) == (4, 4)
    assert (first.days_left, later.days_left) == (16, 16)
    assert (first.light, later.light) == (Light.PAUSED, Light.PAUSED)
    assert (first.due_on, later.due_on) == (day("2025-03-31"), day("2025-04-21"))
    assert later.paused_on == day("2025-03-10")


def test_pauses_that_overlap_are_taken_out_once():
    clock = running(
        day("2025-03-03"),
        Pause(Ground.HEARING, day("2025-03-10"), day("2025-03-14")),
        Pause(Ground.APPRAISAL, day("2025-03-12"), day("2025-03-17")),
    )

    assert count(clock, OFFICE, day("2025-03-17")).due_on == day("2025-04-08")


def test_a_pause_ended_on_its_first_day_and_one_on_rest_days_move_nothing():
    clock = running(
        day("2025-03-03"),
        Pause(Ground.HEARING, day("2025-03-10"), day("2025-03-10")),
        Pause(Ground.HEARING, day("2025-03-15"), day("2025-03-17")),
    )

    assert count(clock, OFFICE, day("2025-03-17")).due_on == day("2025-03-31")


def test_a_pause_on_the_last_day_leaves_that_day():
    clock = running(day("2025-03-03"), Pause(Ground.HEARING, day("2025-03-31")))

    at_once, paused = (count(clock, OFFICE, day(on)) for on in ("2025-03-31", "2025-04-01"))

    assert at_once.light is Light.PAUSED
    assert (paused.light, paused.due_on, paused.days_left) == (Light.PAUSED, day("2025-04-01"), 1)


def test_a_pause_that_began_too_late_mends_nothing():
    clock = running(day("2025-03-03"), Pause(Ground.HEARING, day("2025-04-01")))

    late = count(clock, OFFICE, day("2025-04-03"))

    assert (late.due_on, late.light) == (day("2025-03-31"), Light.RED)


def test_an_ended_clock_stands_still_and_has_no_light():
    ended = running(day("2025-03-03"), ended_on=day("2025-03-12"))

    told = count(ended, OFFICE, day("2026-01-01"))

    assert (told.days_used, told.days_left, told.light) == (7, 13, None)


STARTS = st.dates(EPOCH, date(2027, 6, 30))
LIMITS = st.sampled_from([5, 20, 30])


@given(STARTS, LIMITS, st.integers(1, 30))
def test_who_starts_later_is_never_due_earlier(start, limit, later):
    first, second = (
        count(running(one, limit=limit), OFFICE, one)
        for one in (start, start + timedelta(days=later))
    )

    assert first.due_on <= second.due_on
    assert first.amber_on < first.due_on


@given(STARTS, LIMITS, st.integers(0, 90))
def test_days_used_and_left_make_the_limit(start, limit, after):
    on = start + timedelta(days=after)
    told = count(running(start, limit=limit), OFFICE, on)
    brute = sum(OFFICE.is_working_day(start + timedelta(days=n)) for n in range(1, after + 1))

    assert told.days_used == brute
    assert told.days_used + told.days_left == limit
    assert OFFICE.is_working_day(told.due_on)
    assert (told.light is Light.RED) == (told.days_left <= 0)
    assert (told.light is Light.AMBER) == (0 < told.days_left <= (1 if limit == 5 else 5))


@given(STARTS, st.integers(0, 40), st.integers(0, 40))
def test_a_pause_of_n_working_days_moves_the_due_day_by_n(start, after, length):
    plain = count(running(start), OFFICE, start)
    began = min(start + timedelta(days=after), plain.due_on)
    ended = began + timedelta(days=length)
    taken = [began + timedelta(days=n) for n in range(length)]
    n = sum(OFFICE.is_working_day(one) and one > start for one in taken)

    paused = count(running(start, Pause(Ground.HEARING, began, ended)), OFFICE, ended)

    assert paused.due_on == count(running(start, limit=20 + n), OFFICE, start).due_on
