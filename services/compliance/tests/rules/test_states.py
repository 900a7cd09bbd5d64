"""The table of an application's life is whole: no dead end, no way out of a final state."""

import pytest

from otsp_compliance.rules.states import (
    FINAL,
    LOCKED,
    OVERTURNING,
    TRANSITIONS,
    Action,
    Actor,
    Guard,
    ImpossibleTransition,
    State,
    actions_of,
    after_evaluation,
    approval_of,
    transition,
)


def test_every_state_is_reached_and_every_unfinished_one_can_end():
    reached = {step.to for step in TRANSITIONS.values()}
    ways_out = {}
    for (state, _), step in TRANSITIONS.items():
        ways_out.setdefault(state, set()).add(step.to)

    assert reached == set(State)
    assert set(ways_out) == {None} | LOCKED | set(OVERTURNING.values())
    for state in LOCKED:
        seen, open_states = set(), {state}
        while open_states:
            seen |= open_states
            open_states = set().union(*(ways_out.get(one, set()) for one in open_states)) - seen
        assert seen & FINAL, state


def test_every_action_and_guard_is_used():
    assert {action for _, action in TRANSITIONS} == set(Action)
    assert {guard for step in TRANSITIONS.values() for guard in step.guards} | {
        Guard.MAY_APPLY
    } == set(Guard)


def test_a_decision_that_is_set_aside_is_replaced_by_another():
    decided = set(OVERTURNING.values())

    for state in FINAL:
        ways = {step.to for (left, _), step in TRANSITIONS.items() if left is state}
        assert ways == (decided - {state} if state in decided else set())


def test_no_person_moves_what_the_system_computes():
    for state in (State.LOCKING, State.GATHERING, State.EVALUATING):
        for actor in set(Actor) - {Actor.SYSTEM}:
            assert actions_of(state, actor) == ()


FILED = "file gather seal"
REVIEWED = f"{FILED} submit accept"
CLOSED = "file_closing gather seal submit accept approve_step approve_closing"
ANSWERED = f"{REVIEWED} request_supplement resubmit"


@pytest.mark.parametrize(
    ("path", "end"),
    [
        (f"{REVIEWED} approve", State.APPROVED),
        (f"{REVIEWED} approve_step approve", State.APPROVED),
        (f"{REVIEWED} reject", State.REJECTED),
        (f"{REVIEWED} request_supplement lapse", State.LAPSED),
        (f"{FILED} fail_precheck", State.PRECHECK_FAILED),
        (f"{FILED} submit withdraw", State.WITHDRAWN),
        (f"{FILED} ask_acknowledgement acknowledge accept reject", State.REJECTED),
        (f"{FILED} ask_acknowledgement lapse", State.LAPSED),
        ("file fail_gathering", State.GATHER_FAILED),
        ("file gather fail_gathering", State.GATHER_FAILED),
        (f"{ANSWERED} seal reopen_supplement resubmit seal resume_review return", State.RETURNED),
        (f"{ANSWERED} seal ask_acknowledgement acknowledge_supplement approve", State.APPROVED),
        (f"{ANSWERED} reopen_after_gathering withdraw", State.WITHDRAWN),
        (f"{CLOSED} complete_closing", State.DEREGISTERED),
        ("open_closing gather seal submit accept return", State.RETURNED),
    ],
)
def test_applications_take_these_ways(path, end):
    state = None
    for action in path.split():
        state = transition(state, Action(action)).to

    assert state is end


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (State.PRECHECK_FAILED, Action.FILE),
        (State.SUBMITTED, Action.APPROVE),
        (State.SUPPLEMENTING, Action.APPROVE),
        (State.EVALUATING, Action.WITHDRAW),
        (State.APPROVED, Action.WITHDRAW),
        (State.CLOSING, Action.WITHDRAW),
        (State.CLOSING, Action.RETURN),
        (State.DEREGISTERED, Action.FILE),
        (None, Action.ACCEPT),
    ],
)
def test_these_are_impossible(state, action):
    with pytest.raises(ImpossibleTransition) as refused:
        transition(state, action)

    assert (refused.value.state, refused.value.action) == (state, action)


def test_only_reviewers_decide_and_only_the_institution_withdraws():
    for (_, action), step in TRANSITIONS.items():
        if action in {
            Action.APPROVE,
            Action.APPROVE_CLOSING,
            Action.APPROVE_STEP,
            Action.RETURN,
            Action.REJECT,
        }:
            assert step.actors == {Actor.REVIEWER, Actor.REGION_ADMIN}
            assert Guard.OWN_STEP in step.guards
        if action is Action.WITHDRAW:
            assert step.actors == {Actor.INSTITUTION}
            assert Guard.OWN_FILING in step.guards


def test_only_the_approval_of_a_deregistration_begins_a_closing():
    assert approval_of("deregistration") is Action.APPROVE_CLOSING
    assert {approval_of(kind) for kind in ("initial", "change", "renewal", "recheck")} == {
        Action.APPROVE
    }


@pytest.mark.parametrize(
    ("blocks", "unacknowledged", "after_supplement", "expected"),
    [
        (True, True, False, Action.FAIL_PRECHECK),
        (True, False, True, Action.REOPEN_SUPPLEMENT),
        (False, True, False, Action.ASK_ACKNOWLEDGEMENT),
        (False, True, True, Action.ASK_ACKNOWLEDGEMENT),
        (False, False, False, Action.SUBMIT),
        (False, False, True, Action.RESUME_REVIEW),
    ],
)
def test_findings_leave_one_way(blocks, unacknowledged, after_supplement, expected):
    action = after_evaluation(
        blocks=blocks,
        has_unacknowledged_warnings=unacknowledged,
        after_supplement=after_supplement,
    )

    assert action is expected
    assert (State.EVALUATING, action) in TRANSITIONS
