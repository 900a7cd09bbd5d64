"""TIM and the calendar beyond the tables of `cases`."""

KEPT = None
A1 = "courses/K1/classes/K1-1"
SLOTS = f"{A1}/slots"
NO_SCHOOL_HOURS = {"region/school_hours": {}}
FRIDAY = {
    "weekday": 5,
    "start": "18:00",
    "lessons": 2,
    "lesson_minutes": 45,
    "break_minutes": 10,
}


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
        SLOTS: [FRIDAY],
        "licence/valid_to": "2027-12-31",
    }

    plain = judge("A", beyond)
    holiday = judge("A", beyond | {"region/holidays": ["2027-01-01"]})
    weekend = judge("A", beyond | {SLOTS: [FRIDAY | {"weekday": 6}]})

    assert [one.rule_id for one in plain.apart] == ["CMP-003"]
    assert plain.apart[0].found == ({"from": "2027-01-01", "sessions": 2},)
    assert "TIM-005" not in plain.blocking
    assert "TIM-005" in holiday.blocking
    assert "TIM-005" in weekend.blocking
