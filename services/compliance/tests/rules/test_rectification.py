"""The table of a rectification's life is whole; what the law orders, of whom, until when."""

from datetime import date

import pytest

from otsp_compliance.rules.rectification import (
    FILING,
    FOR_PROFIT,
    KINDS_ZH,
    LEGAL_TASKS,
    OTHER,
    OVER,
    STATUS_ZH,
    TRANSITIONS,
    Action,
    Guard,
    ImpossibleTransition,
    Profile,
    Status,
    condition_holds,
    due_day,
    reminder_at,
    transition,
    without_evidence,
)

SCHOOL = {
    "registration_status": "approved",
    "compliance_status": "not_applied",
    "categories": ["subject"],
    "delivery_modes": ["offline"],
    "stages": ["junior"],
    "legal_nature": "forprofit",
    "licence_delivery": ["offline"],
}
ONLINE = SCHOOL | {"delivery_modes": ["online"], "legal_nature": "nonprofit"}


def test_every_status_is_reached_and_every_unfinished_one_can_end():
    ways_out = {}
    for (status, _), step in TRANSITIONS.items():
        ways_out.setdefault(status, set()).add(step.to)

    assert {step.to for step in TRANSITIONS.values()} == set(Status)
    assert set(ways_out) == {None, *Status} - OVER
    assert all(ways_out[status] & OVER for status in set(Status) - OVER)


def test_every_action_and_guard_is_used_and_every_code_has_its_label():
    assert {action for _, action in TRANSITIONS} == set(Action)
    assert {guard for step in TRANSITIONS.values() for guard in step.guards} == set(Guard)
    assert set(STATUS_ZH) == set(Status)
    assert set(KINDS_ZH) == {*LEGAL_TASKS, OTHER}


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("open record_step submit verify", Status.CLOSED),
        ("issue mark_overdue record_step submit verify", Status.CLOSED),
        ("issue record_step submit send_back record_step submit verify", Status.CLOSED),
        ("issue take_in send_back mark_overdue waive", Status.WAIVED),
        ("open waive", Status.WAIVED),
    ],
)
def test_tasks_take_these_ways(path, end):
    status = None
    for action in path.split():
        status = transition(status, Action(action)).to

    assert status is end


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (Status.OPEN, Action.SUBMIT),
        (Status.RETURNED, Action.SUBMIT),
        (Status.SUBMITTED, Action.RECORD_STEP),
        (Status.SUBMITTED, Action.MARK_OVERDUE),
        (Status.OPEN, Action.SEND_BACK),
        (Status.CLOSED, Action.WAIVE),
        (Status.WAIVED, Action.RECORD_STEP),
    ],
)
def test_these_ways_do_not_exist(status, action):
    with pytest.raises(ImpossibleTransition):
        transition(status, action)


@pytest.mark.parametrize(
    ("kind", "who", "changed", "holds"),
    [
        (FOR_PROFIT, SCHOOL, {}, True),
        (FOR_PROFIT, SCHOOL, {"stages": ["primary", "senior"]}, True),
        (FOR_PROFIT, SCHOOL, {"categories": ["subject", "nonsubject"]}, True),
        (FOR_PROFIT, SCHOOL, {"stages": ["senior"]}, False),
        (FOR_PROFIT, SCHOOL, {"categories": ["nonsubject"]}, False),
        (FOR_PROFIT, SCHOOL, {"legal_nature": "nonprofit"}, False),
        (FOR_PROFIT, SCHOOL, {"registration_status": "submitted"}, False),
        (FOR_PROFIT, SCHOOL, {"compliance_status": "compliant"}, True),
        (FOR_PROFIT, SCHOOL, {"compliance_status": "deregistering"}, False),
        (FOR_PROFIT, SCHOOL, {"compliance_status": "deregistered"}, False),
        (FILING, ONLINE, {}, True),
        (FILING, ONLINE, {"stages": ["senior"]}, True),
        (FILING, ONLINE, {"licence_delivery": []}, True),
        (FILING, ONLINE, {"licence_delivery": ["offline", "online"]}, False),
        (FILING, ONLINE, {"licence_delivery": None}, False),
        (FILING, ONLINE, {"delivery_modes": ["offline"]}, False),
        (FILING, ONLINE, {"delivery_modes": ["offline", "online"]}, True),
        (FILING, ONLINE, {"categories": ["nonsubject"]}, False),
        (FILING, ONLINE, {"registration_status": "draft"}, False),
        (OTHER, SCHOOL, {}, False),
    ],
)
def test_the_law_orders_it_of_these(kind, who, changed, holds):
    assert condition_holds(kind, Profile(**who | changed)) is holds


@pytest.mark.parametrize(
    ("kind", "issued_on", "due_on"),
    [
        (FOR_PROFIT, date(2021, 9, 1), date(2021, 12, 31)),
        (FILING, date(2021, 12, 31), date(2021, 12, 31)),
        (FILING, date(2022, 1, 1), date(2022, 1, 31)),
        (FOR_PROFIT, date(2024, 10, 15), date(2024, 11, 14)),
        (OTHER, date(2021, 9, 1), date(2021, 10, 1)),
    ],
)
def test_the_day_of_the_law_holds_until_it_has_passed(kind, issued_on, due_on):
    assert due_day(kind, issued_on) == due_on


@pytest.mark.parametrize(("days_left", "told_at"), [(7, 7), (6, 7), (1, 7), (0, 0)])
def test_a_reminder_is_the_last_that_has_come(days_left, told_at):
    assert reminder_at(days_left) == told_at


def test_a_step_lacks_its_day_or_its_files():
    day = date(2024, 10, 8)
    steps = [("a", day, ["f"]), ("b", None, ["f"]), ("c", day, []), ("d", None, [])]

    assert without_evidence(steps) == ["b", "c", "d"]
