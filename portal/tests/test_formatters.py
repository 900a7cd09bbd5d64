from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from otsp_portal.calendar_strip import clock_weeks
from otsp_portal.formatters import (
    area,
    clock_time,
    day,
    day_zh,
    grouped,
    moment,
    money,
    percent,
    short_day,
    weekday,
    yuan,
)


@pytest.mark.parametrize(
    ("fen", "table", "sentence"),
    [
        (680000, "6,800.00元", "6800元"),
        (680050, "6,800.50元", "6800.50元"),
        (0, "0.00元", "0元"),
        (5, "0.05元", "0.05元"),
        (-12345678901, "-123,456,789.01元", "-123456789.01元"),
        (None, "", ""),
    ],
)
def test_money_is_told_by_the_fen(fen, table, sentence):
    assert (money(fen), yuan(fen)) == (table, sentence)


@pytest.mark.parametrize(
    "value",
    [
        date(2024, 10, 28),
        "2024-10-28",
        "2024-10-27T23:30:00Z",
        datetime(2024, 10, 27, 16, tzinfo=UTC),
    ],
)
def test_a_day_is_that_of_shanghai(value):
    assert (day(value), day_zh(value)) == ("2024-10-28", "2024年10月28日")
    assert (short_day(value), weekday(value)) == ("10月28日", "星期一")


def test_a_moment_is_told_in_shanghai_time():
    assert moment("2024-10-28T01:12:59.5+00:00") == "2024-10-28 09:12"
    assert clock_time(datetime(2024, 10, 28, 16, 5, tzinfo=UTC)) == "00:05"


def test_nothing_is_told_as_nothing():
    assert [
        write(None)
        for write in (day, day_zh, short_day, weekday, moment, clock_time, area, percent, grouped)
    ] == [""] * 9
    assert day("") == moment("") == ""


def test_areas_shares_and_numbers():
    assert area(Decimal(1210)) == "1,210.00平方米"
    assert area("52.5") == "52.50平方米"
    assert [percent(0.874), percent("0.875"), percent("0.8735", 1), percent(1)] == [
        "87%",
        "88%",
        "87.4%",
        "100%",
    ]
    assert grouped("52330106MJFAKE011P") == "5233 0106 MJFA KE01 1P"
    assert grouped("330106-20240923-000012") == "330106-20240923-000012"


CLOCK = {
    "started_on": "2024-09-25",
    "due_on": "2024-10-28",
    "ended_on": None,
    "days_out": [
        {"first": "2024-09-28", "last": "2024-09-28"},
        {"first": "2024-10-01", "last": "2024-10-07"},
        {"first": "2024-10-13", "last": "2024-10-13"},
        {"first": "2024-10-19", "last": "2024-10-20"},
        {"first": "2024-10-26", "last": "2024-10-27"},
    ],
    "made_up": [{"day": "2024-09-29"}, {"day": "2024-10-12"}],
}


def test_every_day_of_a_period_has_its_square():
    weeks = clock_weeks(CLOCK, date(2024, 10, 15))
    days = {square.on: square for week in weeks for square in week if square}

    assert [len(week) for week in weeks] == [7] * 6
    assert weeks[0][:2] == [None, None]
    assert (min(days), max(days)) == (date(2024, 9, 25), date(2024, 10, 28))
    assert days[date(2024, 9, 25)].kind == "start"
    assert days[date(2024, 9, 25)].label == "9/25"
    assert days[date(2024, 10, 1)].label == "10/1"
    assert days[date(2024, 9, 28)].kind == days[date(2024, 10, 7)].kind == "off"
    assert days[date(2024, 9, 29)].kind == "counted"
    assert days[date(2024, 9, 29)].is_made_up
    assert days[date(2024, 10, 15)].kind == "today"
    assert days[date(2024, 10, 28)].kind == "due"
    assert (
        sum(square.kind in ("counted", "ahead", "today", "due") for square in days.values()) == 20
    )


def test_an_overdue_period_shows_the_days_after_its_due_day():
    days = {s.on: s.kind for week in clock_weeks(CLOCK, date(2024, 10, 31)) for s in week if s}

    assert days[date(2024, 10, 28)] == "due"
    assert days[date(2024, 10, 29)] == days[date(2024, 10, 30)] == "late"
    assert days[date(2024, 10, 31)] == "today"


def test_on_its_due_day_a_period_shows_the_due_day():
    days = [s.kind for week in clock_weeks(CLOCK, date(2024, 10, 28)) for s in week if s]

    assert days[-1] == "due"
    assert "today" not in days


def test_an_ended_period_stands_still():
    ended = CLOCK | {"ended_on": "2024-10-16"}

    assert clock_weeks(ended, date(2025, 3, 1)) == clock_weeks(CLOCK, date(2024, 10, 16))


def test_a_period_that_paused_for_long_shows_its_last_weeks():
    paused = CLOCK | {"due_on": "2025-03-03"}
    days = [s.on for week in clock_weeks(paused, date(2024, 10, 15)) for s in week if s]

    assert days[0] == date(2024, 12, 23)
    assert days[-1] == date(2025, 3, 3)
