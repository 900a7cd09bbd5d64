"""A year's days as CSV: every fault of every row at once, and no file cut short."""

from datetime import date, timedelta

import pytest

from otsp_compliance.rules.calendar import is_weekend
from otsp_compliance.rules.working_year import YearDay, differs, read_year

YEAR = 2027
FIXED = {(1, 1): "元旦", (5, 1): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}


def rows(year=YEAR):
    """Weekends and the holidays on fixed days rest, no more is known."""
    found, day = {}, date(year, 1, 1)
    while day.year == year:
        name = FIXED.get((day.month, day.day), "")
        found[day.isoformat()] = f"{day},{'rest' if name or is_weekend(day) else 'working'},{name}"
        day += timedelta(days=1)
    return found


def file(changed=(), *, without=(), header="day,kind,name"):
    found = rows() | dict(changed)
    return "\n".join([header, *(row for day, row in found.items() if day not in without)])


def faults(text):
    return [(one.line, one.column, one.code) for one in read_year(text, YEAR).faults]


def test_a_whole_year_is_read():
    reading = read_year(file(), YEAR)

    assert (len(reading.days), list(reading.faults)) == (365, [])
    assert reading.days[0] == YearDay(date(2027, 1, 1), False, "元旦")
    assert reading.days[-1] == YearDay(date(2027, 12, 31), True, None)


def test_a_leap_year_has_its_day():
    text = "\n".join(["day,kind,name", *rows(2028).values()])

    assert len(read_year(text, 2028).days) == 366


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"2027-01-02": "2027-02-30,rest,"}, [(3, "day", "bad_date")]),
        ({"2027-01-02": "2027/1/2,rest,"}, [(3, "day", "bad_date")]),
        ({"2027-01-02": "2026-01-02,rest,"}, [(3, "day", "other_year")]),
        ({"2027-01-02": "2027-01-02,holiday,"}, [(3, "kind", "bad_kind")]),
        ({"2027-01-02": "2027-01-02,rest"}, [(3, "", "column_count")]),
        ({"2027-01-02": "2027-01-02,rest,,"}, [(3, "", "column_count")]),
        ({"2027-01-02": "2027-01-02,working,"}, [(3, "name", "unnamed")]),
        ({"2027-01-04": "2027-01-04,rest,"}, [(5, "name", "unnamed")]),
        ({"2027-01-04": f"2027-01-04,rest,{'长' * 51}"}, [(5, "name", "too_long")]),
        ({"2027-01-03": "2027-01-02,rest,"}, [(4, "day", "repeated")]),
        ({"2027-10-01": "2027-10-01,working,"}, [(275, "kind", "statutory_holiday")]),
        (
            {"2027-01-02": "x,y,", "2027-01-05": "2027-01-05,,"},
            [(3, "day", "bad_date"), (3, "kind", "bad_kind"), (6, "kind", "bad_kind")],
        ),
    ],
)
def test_every_fault_is_told_with_its_line_and_column(changed, expected):
    assert faults(file(changed)) == expected


def test_every_fault_says_what_to_do():
    reading = read_year(file({"2027-01-02": "2027/1/2,off,"}), YEAR)

    assert [one.detail_zh for one in reading.faults] == [
        "“2027/1/2”不是有效日期，应为 2027-01-31 的形式。",
        "“off”无效，应为 working（上班）或 rest（休息）。",
    ]


def test_a_file_cut_short_is_seen():
    cut = "\n".join(file().splitlines()[:200])

    (fault,) = read_year(cut, YEAR).faults

    assert (fault.line, fault.code) == (0, "missing_days")
    assert fault.detail_zh == "缺少 2027-07-19 至 2027-12-31，共 166 天：全年每天各占一行。"


def test_each_run_of_missing_days_is_told():
    text = file(without={"2027-03-01", "2027-06-01", "2027-06-02"})

    assert [one.detail_zh.split("，")[0] for one in read_year(text, YEAR).faults] == [
        "缺少 2027-03-01",
        "缺少 2027-06-01 至 2027-06-02",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_header"),
        ("日期,类型,名称", "bad_header"),
        ('day,kind,name\n"2027-01-01,rest,元旦', "not_csv"),
    ],
)
def test_what_is_no_such_file_is_refused(text, code):
    assert [one[2] for one in faults(text)] == [code]


@pytest.mark.parametrize(
    ("day", "is_working", "expected"),
    [("2027-01-01", False, True), ("2027-01-02", False, False), ("2027-01-02", True, True)],
)
def test_a_day_differs_when_it_is_not_what_its_weekday_makes_it(day, is_working, expected):
    assert differs(YearDay(date.fromisoformat(day), is_working, None)) is expected
