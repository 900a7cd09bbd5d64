"""TIM: each rule kept, broken and at its boundary. The article stands above its cases."""

import pytest

KEPT = None

A1 = "courses/K1/classes/K1-1"
C1 = "courses/K1/classes/K1-1"
SLOTS = f"{A1}/slots"
NO_SCHOOL_HOURS = {"region/school_hours": {}}


def slot(weekday, start, lessons=2, minutes=45, pause=10):
    return {
        "weekday": weekday,
        "start": start,
        "lessons": lessons,
        "lesson_minutes": minutes,
        "break_minutes": pause,
    }


def extra(day, start, lessons=1, minutes=30, pause=None):
    return {
        "date": day,
        "start": start,
        "lessons": lessons,
        "lesson_minutes": minutes,
        "break_minutes": pause,
    }


PRESCHOOL = {"institution/stages": ["preschool"], "courses/K1/stage": "preschool"}

CASES = [
    # 睡眠管理: offline training ends at 20:30
    ("TIM-001", "A", {SLOTS: [slot(2, "18:50")]}, KEPT),
    ("TIM-001", "A", {SLOTS: [slot(2, "18:51")]}, {"K1-1"}),
    ("TIM-001", "A", {f"{A1}/extra_sessions": [extra("2024-10-16", "20:01")]}, {"K1-1"}),
    ("TIM-001", "A", {f"{A1}/extra_sessions": [extra("2024-10-16", "20:00")]}, KEPT),
    ("TIM-001", "A", {SLOTS: [slot(2, "18:51")], f"{A1}/status": "cancelled"}, KEPT),
    ("TIM-001", "A", {SLOTS: [slot(2, "18:51")], "courses/K1/delivery": "online_live"}, KEPT),
    (
        "TIM-001",
        "A",
        {
            SLOTS: [slot(2, "19:00")],
            f"{A1}/end_on": "2024-10-08",
            f"{A1}/skip_dates": ["2024-10-08"],
        },
        KEPT,
    ),
    ("TIM-001", "A", {SLOTS: [slot(2, None)]}, "unjudged"),
    ("TIM-001", "A", {SLOTS: []}, "unjudged"),
    ("TIM-001", "A", {f"{A1}/end_on": None}, "unjudged"),
    ("TIM-001", "A", {f"{A1}/end_on": "9999-12-31"}, "unjudged"),
    ("TIM-001", "A", {"region/overrides": {"end_offline": "20:09"}}, {"K1-1", "K2-1"}),
    # 线上培训的实施意见: live online training ends at 21:00
    ("TIM-002", "B", {SLOTS: [slot(3, "19:35", 2, 40, 5)]}, KEPT),
    ("TIM-002", "B", {SLOTS: [slot(3, "19:36", 2, 40, 5)]}, {"K1-1"}),
    (
        "TIM-002",
        "B",
        {SLOTS: [slot(3, "19:36", 2, 40, 5)], "courses/K1/delivery": "online_recorded"},
        KEPT,
    ),
    # “双减” ¶14: a lesson online has 30 minutes
    ("TIM-003", "B", {f"{SLOTS}/0/lesson_minutes": 30}, KEPT),
    ("TIM-003", "B", {f"{SLOTS}/0/lesson_minutes": 31}, {"K1-1"}),
    (
        "TIM-003",
        "B",
        {f"{SLOTS}/0/lesson_minutes": 31, "courses/K1/delivery": "online_recorded"},
        {"K1-1"},
    ),
    ("TIM-003", "A", {}, KEPT),
    ("TIM-003", "A", {"institution/delivery_modes": ["online", "offline"]}, KEPT),
    # “双减” ¶14: ten minutes between lessons
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": 10}, KEPT),
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": 9}, {"K1-1"}),
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": 0, f"{SLOTS}/0/lessons": 1}, KEPT),
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": None, f"{SLOTS}/0/lessons": 1}, KEPT),
    ("TIM-004", "B", {f"{SLOTS}/0/break_minutes": None}, "unjudged"),
    # “双减” ¶14: no subject training on rest days
    ("TIM-005", "A", {}, KEPT),
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 6}, {"K1-1"}),
    ("TIM-005", "A", {f"{A1}/start_on": "2024-10-01"}, {"K1-1"}),  # National Day, a Tuesday
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 3, f"{A1}/end_on": "2024-12-31"}, KEPT),
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 3, f"{A1}/end_on": "2025-01-01"}, {"K1-1"}),
    ("TIM-005", "A", {f"{A1}/end_on": "2025-01-20"}, KEPT),
    ("TIM-005", "A", {f"{A1}/end_on": "2025-01-21"}, {"K1-1"}),  # a Tuesday of the vacation
    (
        "TIM-005",
        "A",
        {f"{A1}/extra_sessions": [extra("2024-10-12", "18:00")]},  # a make-up school day
        KEPT,
    ),
    ("TIM-005", "A", {"region/holidays": ["2024-10-15"]}, {"K1-1", "K2-1"}),
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 6, "courses/K1/category": "nonsubject"}, KEPT),
    ("TIM-005", "A", {f"{SLOTS}/0/weekday": 6, "courses/K1/stage": "senior"}, {"K1-1"}),
    (
        "TIM-005",
        "A",
        {
            f"{SLOTS}/0/weekday": 6,
            "courses/K1/stage": "senior",
            "region/overrides": {"restday_stages": ["primary", "junior"]},
        },
        KEPT,
    ),
    # 非学科类意见、线上意见: not while school is on
    ("TIM-006", "A", {f"{SLOTS}/0/start": "17:10"}, KEPT),
    ("TIM-006", "A", {f"{SLOTS}/0/start": "17:09"}, {"K1-1"}),
    ("TIM-006", "A", {SLOTS: [slot(2, "06:10")]}, KEPT),
    ("TIM-006", "A", {SLOTS: [slot(2, "06:11")]}, {"K1-1"}),
    ("TIM-006", "A", {SLOTS: [slot(6, "09:00")]}, {"K1-1"}),  # 2024-10-12: school is on
    ("TIM-006", "A", {SLOTS: [slot(6, "09:00")], f"{A1}/skip_dates": ["2024-10-12"]}, KEPT),
    ("TIM-006", "A", {SLOTS: [slot(2, "09:00")]} | NO_SCHOOL_HOURS, KEPT),
    ("TIM-006", "A", {SLOTS: [slot(2, "09:00")], "courses/K1/stage": "adult"}, KEPT),
    # “双减”、未成年人保护法 §33: small children neither online nor subjects
    ("TIM-007", "C", {"courses/K1/stage": "preschool"}, KEPT),
    (
        "TIM-007",
        "C",
        {"courses/K1/stage": "preschool", "courses/K1/delivery": "online_live"},
        {"K1"},
    ),
    ("TIM-007", "A", {"courses/K1/stage": "preschool"}, {"K1"}),
    ("TIM-007", "B", {}, KEPT),
    # 睡眠管理: no homework in the compulsory stage
    ("TIM-008", "A", {"courses/K1/homework": True}, {"K1"}),
    ("TIM-008", "A", {"courses/K1/homework": True, "courses/K1/stage": "senior"}, KEPT),
    ("TIM-008", "A", {"courses/K1/homework": None}, "unjudged"),
]

# 学前教育法 §59, in force 2025-06-01: no half days for small children; three hours are half a day
HALF_DAYS = [
    ({SLOTS: [slot(3, "09:00", 2, 85, 9)]}, KEPT),
    ({SLOTS: [slot(3, "09:00", 2, 85, 10)]}, {"K1-1"}),
    ({SLOTS: [slot(3, "09:00", 2, 60, 0), slot(3, "14:00", 1, 60, 0)]}, {"K1-1"}),
    ({SLOTS: [slot(3, "09:00", 2, 60, 0), slot(4, "14:00", 1, 60, 0)]}, KEPT),
    ({SLOTS: [slot(3, "09:00", 2, 85, 10)], "courses/K1/stage": "primary"}, KEPT),
    ({SLOTS: [slot(3, "09:00", 2, 85, 10)], "institution/stages": ["primary"]}, KEPT),
]


@pytest.mark.parametrize(("rule_id", "sample", "changes", "expected"), CASES)
def test_rule(offenders, rule_id, sample, changes, expected):
    assert offenders(rule_id, sample, changes) == expected


@pytest.mark.parametrize(("changes", "expected"), HALF_DAYS)
def test_preschool_half_days(offenders, changes, expected):
    assert offenders("TIM-009", "C", PRESCHOOL | changes, as_of="2025-06-01") == expected
    assert offenders("TIM-009", "C", PRESCHOOL | changes, as_of="2025-05-31") is KEPT


@pytest.mark.parametrize("number", range(1, 9))
def test_each_time_rule_is_shown_kept_and_broken(number):
    shown = {expected is KEPT for rule_id, *_, expected in CASES if rule_id == f"TIM-{number:03}"}

    assert shown == {True, False}


def test_the_first_offending_session_is_quoted(judge):
    (finding,) = [one for one in judge("C").findings if one.rule_id == "TIM-001"]

    (found,) = finding.found
    assert (found["date"], found["start"], found["end"]) == ("2024-10-09", "19:00", "20:45")
    assert found["sessions"] == 12
    assert finding.required == ({"end_by": "20:30"},)
    assert finding.pointers == ("/courses/0/classes/0/slots",)


def test_absent_school_hours_warn_and_never_block(judge):
    evaluation = judge("A", NO_SCHOOL_HOURS)

    assert [one.rule_id for one in evaluation.apart] == ["CMP-002"]
    assert evaluation.apart[0].object_ids == ("K1-1", "K2-1")
    assert not evaluation.blocks
    assert "CMP-002" in evaluation.to_acknowledge


def test_no_school_hours_are_missed_where_no_school_is(judge):
    adult = {"courses/K1/stage": "adult", "courses/K2/stage": "adult"}

    assert judge("A", NO_SCHOOL_HOURS | adult).apart == ()


def test_beyond_the_calendar_weekends_and_configured_holidays_count(judge):
    """The rest days of 2027 are not decreed: 1 January 2027, a Friday, passes unless configured."""
    beyond = {
        f"{A1}/start_on": "2026-12-25",
        f"{A1}/end_on": "2027-01-08",
        SLOTS: [slot(5, "18:00")],
    }

    plain = judge("A", beyond)
    holiday = judge("A", beyond | {"region/holidays": ["2027-01-01"]})
    weekend = judge("A", beyond | {f"{SLOTS}": [slot(6, "18:00")]})

    assert [one.rule_id for one in plain.apart] == ["CMP-003"]
    assert plain.apart[0].found == ({"from": "2027-01-01", "sessions": 2},)
    assert "TIM-005" not in plain.blocking
    assert "TIM-005" in holiday.blocking
    assert "TIM-005" in weekend.blocking
