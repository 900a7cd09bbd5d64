"""The life of a compliance application as a table, and when its buttons may be pressed.

A transition not in the table is impossible. Guards are names: whoever performs the action answers
for them, because they ask things that the table cannot know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """States of an application; FINAL ones are left only when a decision is set aside."""

    LOCKING = "locking"
    GATHERING = "gathering"
    EVALUATING = "evaluating"
    AWAITING_ACKNOWLEDGEMENT = "awaiting_acknowledgement"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    SUPPLEMENTING = "supplementing"
    CLOSING = "closing"
    PRECHECK_FAILED = "precheck_failed"
    GATHER_FAILED = "gather_failed"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    DEREGISTERED = "deregistered"


class Action(StrEnum):
    """What can happen to an application."""

    FILE = "file"
    FILE_CLOSING = "file_closing"
    OPEN_CLOSING = "open_closing"
    GATHER = "gather"
    SEAL = "seal"
    FAIL_GATHERING = "fail_gathering"
    REOPEN_AFTER_GATHERING = "reopen_after_gathering"
    FAIL_PRECHECK = "fail_precheck"
    ASK_ACKNOWLEDGEMENT = "ask_acknowledgement"
    ACKNOWLEDGE = "acknowledge"
    ACKNOWLEDGE_SUPPLEMENT = "acknowledge_supplement"
    SUBMIT = "submit"
    REOPEN_SUPPLEMENT = "reopen_supplement"
    RESUME_REVIEW = "resume_review"
    ACCEPT = "accept"
    TRANSFER = "transfer"
    REQUEST_SUPPLEMENT = "request_supplement"
    RESUBMIT = "resubmit"
    APPROVE_STEP = "approve_step"
    APPROVE = "approve"
    APPROVE_CLOSING = "approve_closing"
    COMPLETE_CLOSING = "complete_closing"
    RETURN = "return"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    OVERTURN_TO_APPROVED = "overturn_to_approved"
    OVERTURN_TO_RETURNED = "overturn_to_returned"
    OVERTURN_TO_REJECTED = "overturn_to_rejected"


class Actor(StrEnum):
    """Who may act. SYSTEM is a rule, a clock or an event, never a person."""

    INSTITUTION = "inst_admin"
    REVIEWER = "reviewer"
    REGION_ADMIN = "region_admin"
    NATIONAL_ADMIN = "national_admin"
    SYSTEM = "system"


class Guard(StrEnum):
    """What must be true before the transition."""

    MAY_APPLY = "may_apply"
    MAY_DEREGISTER = "may_deregister"
    LICENCE_REVOKED = "licence_revoked"
    ALL_SECTIONS_IN = "all_sections_in"
    DEADLINE_PASSED = "deadline_passed"
    FIRST_ROUND = "first_round"
    AFTER_SUPPLEMENT = "after_supplement"
    HAS_BLOCKING_FINDING = "has_blocking_finding"
    NO_BLOCKING_FINDING = "no_blocking_finding"
    WARNINGS_ACKNOWLEDGED = "warnings_acknowledged"
    WARNINGS_UNACKNOWLEDGED = "warnings_unacknowledged"
    OWN_STEP = "own_step"
    NOT_TAKEN_UP = "not_taken_up"
    SAME_PROVINCE = "same_province"
    REASON_GIVEN = "reason_given"
    NOTICE_ALLOWED = "notice_allowed"
    ITEMS_ANSWERED = "items_answered"
    OVERRIDES_HAVE_REASONS = "overrides_have_reasons"
    WARNINGS_READ = "warnings_read"
    FOUR_EYES = "four_eyes"
    HAS_NEXT_STEP = "has_next_step"
    IS_LAST_STEP = "is_last_step"
    ALL_SERVICES_DONE = "all_services_done"
    OWN_FILING = "own_filing"
    NO_DECISION_YET = "no_decision_yet"
    ACKNOWLEDGEMENT_OVERDUE = "acknowledgement_overdue"
    SUPPLEMENT_OVERDUE = "supplement_overdue"
    LATEST_DECISION = "latest_decision"
    NOTHING_OPEN = "nothing_open"


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an action leads, who may do it, and what must be true."""

    to: State
    actors: frozenset[Actor]
    guards: tuple[Guard, ...] = ()


class ImpossibleTransition(Exception):
    """The action does not exist in that state."""

    def __init__(self, state: State | None, action: Action) -> None:
        super().__init__(f"{action} is impossible in {state or 'no'} state")
        self.state = state
        self.action = action


def _by(*actors: Actor) -> frozenset[Actor]:
    return frozenset(actors)


_SYSTEM: Final = _by(Actor.SYSTEM)
_INSTITUTION: Final = _by(Actor.INSTITUTION)
_REVIEWERS: Final = _by(Actor.REVIEWER, Actor.REGION_ADMIN)
_APPROVAL: Final = (
    Guard.OWN_STEP,
    Guard.OVERRIDES_HAVE_REASONS,
    Guard.WARNINGS_READ,
    Guard.FOUR_EYES,
)
_WITHDRAWAL: Final = (Guard.OWN_FILING, Guard.NO_DECISION_YET)

_OVERTURNING: Final = (
    Guard.OWN_STEP,
    Guard.LATEST_DECISION,
    Guard.NOTHING_OPEN,
    Guard.REASON_GIVEN,
    Guard.OVERRIDES_HAVE_REASONS,
    Guard.WARNINGS_READ,
)
OVERTURNING: Final = {
    Action.OVERTURN_TO_APPROVED: State.APPROVED,
    Action.OVERTURN_TO_RETURNED: State.RETURNED,
    Action.OVERTURN_TO_REJECTED: State.REJECTED,
}
"""What a decision that is set aside may be replaced by."""

CHANGE: Final = "change"
"""The kind of application that major fields are changed by."""

DEREGISTRATION: Final = "deregistration"
"""The kind of application that an institution closes by (注销)."""

APPROVED: Final = frozenset({"compliant", "change_pending", "suspended"})
"""Labels of an institution whose approval stands; only such a one has something to change."""

FINAL: Final = frozenset(
    {
        State.PRECHECK_FAILED,
        State.GATHER_FAILED,
        State.APPROVED,
        State.RETURNED,
        State.REJECTED,
        State.WITHDRAWN,
        State.LAPSED,
        State.DEREGISTERED,
    }
)
LOCKED: Final = frozenset(State) - FINAL
"""While in one of these the institution's data are locked; SUPPLEMENTING opens the named items."""

TRANSITIONS: Final[Mapping[tuple[State | None, Action], Transition]] = {
    (None, Action.FILE): Transition(State.LOCKING, _INSTITUTION, (Guard.MAY_APPLY,)),
    (None, Action.FILE_CLOSING): Transition(State.LOCKING, _INSTITUTION, (Guard.MAY_DEREGISTER,)),
    (None, Action.OPEN_CLOSING): Transition(
        State.LOCKING, _by(Actor.REGION_ADMIN), (Guard.MAY_DEREGISTER, Guard.LICENCE_REVOKED)
    ),
    (State.LOCKING, Action.GATHER): Transition(State.GATHERING, _SYSTEM),
    (State.LOCKING, Action.FAIL_GATHERING): Transition(
        State.GATHER_FAILED, _SYSTEM, (Guard.DEADLINE_PASSED,)
    ),
    (State.GATHERING, Action.SEAL): Transition(State.EVALUATING, _SYSTEM, (Guard.ALL_SECTIONS_IN,)),
    (State.GATHERING, Action.FAIL_GATHERING): Transition(
        State.GATHER_FAILED, _SYSTEM, (Guard.DEADLINE_PASSED, Guard.FIRST_ROUND)
    ),
    (State.GATHERING, Action.REOPEN_AFTER_GATHERING): Transition(
        State.SUPPLEMENTING, _SYSTEM, (Guard.DEADLINE_PASSED, Guard.AFTER_SUPPLEMENT)
    ),
    (State.EVALUATING, Action.FAIL_PRECHECK): Transition(
        State.PRECHECK_FAILED, _SYSTEM, (Guard.FIRST_ROUND, Guard.HAS_BLOCKING_FINDING)
    ),
    (State.EVALUATING, Action.REOPEN_SUPPLEMENT): Transition(
        State.SUPPLEMENTING, _SYSTEM, (Guard.AFTER_SUPPLEMENT, Guard.HAS_BLOCKING_FINDING)
    ),
    (State.EVALUATING, Action.ASK_ACKNOWLEDGEMENT): Transition(
        State.AWAITING_ACKNOWLEDGEMENT,
        _SYSTEM,
        (Guard.NO_BLOCKING_FINDING, Guard.WARNINGS_UNACKNOWLEDGED),
    ),
    (State.EVALUATING, Action.SUBMIT): Transition(
        State.SUBMITTED,
        _SYSTEM,
        (Guard.FIRST_ROUND, Guard.NO_BLOCKING_FINDING, Guard.WARNINGS_ACKNOWLEDGED),
    ),
    (State.EVALUATING, Action.RESUME_REVIEW): Transition(
        State.IN_REVIEW,
        _SYSTEM,
        (Guard.AFTER_SUPPLEMENT, Guard.NO_BLOCKING_FINDING, Guard.WARNINGS_ACKNOWLEDGED),
    ),
    (State.AWAITING_ACKNOWLEDGEMENT, Action.ACKNOWLEDGE): Transition(
        State.SUBMITTED, _INSTITUTION, (Guard.FIRST_ROUND, Guard.WARNINGS_ACKNOWLEDGED)
    ),
    (State.AWAITING_ACKNOWLEDGEMENT, Action.ACKNOWLEDGE_SUPPLEMENT): Transition(
        State.IN_REVIEW, _INSTITUTION, (Guard.AFTER_SUPPLEMENT, Guard.WARNINGS_ACKNOWLEDGED)
    ),
    (State.AWAITING_ACKNOWLEDGEMENT, Action.WITHDRAW): Transition(
        State.WITHDRAWN, _INSTITUTION, _WITHDRAWAL
    ),
    (State.AWAITING_ACKNOWLEDGEMENT, Action.LAPSE): Transition(
        State.LAPSED, _SYSTEM, (Guard.ACKNOWLEDGEMENT_OVERDUE,)
    ),
    (State.SUBMITTED, Action.ACCEPT): Transition(
        State.IN_REVIEW, _REVIEWERS | _SYSTEM, (Guard.OWN_STEP, Guard.NOT_TAKEN_UP)
    ),
    (State.SUBMITTED, Action.TRANSFER): Transition(
        State.SUBMITTED, _by(Actor.REGION_ADMIN), (Guard.SAME_PROVINCE, Guard.REASON_GIVEN)
    ),
    (State.SUBMITTED, Action.WITHDRAW): Transition(State.WITHDRAWN, _INSTITUTION, _WITHDRAWAL),
    (State.IN_REVIEW, Action.ACCEPT): Transition(
        State.IN_REVIEW, _REVIEWERS, (Guard.OWN_STEP, Guard.NOT_TAKEN_UP)
    ),
    (State.IN_REVIEW, Action.TRANSFER): Transition(
        State.IN_REVIEW, _by(Actor.REGION_ADMIN), (Guard.SAME_PROVINCE, Guard.REASON_GIVEN)
    ),
    (State.IN_REVIEW, Action.REQUEST_SUPPLEMENT): Transition(
        State.SUPPLEMENTING, _REVIEWERS, (Guard.OWN_STEP, Guard.NOTICE_ALLOWED)
    ),
    (State.IN_REVIEW, Action.APPROVE_STEP): Transition(
        State.IN_REVIEW, _REVIEWERS, (*_APPROVAL, Guard.HAS_NEXT_STEP)
    ),
    (State.IN_REVIEW, Action.APPROVE): Transition(
        State.APPROVED, _REVIEWERS, (*_APPROVAL, Guard.IS_LAST_STEP)
    ),
    (State.IN_REVIEW, Action.APPROVE_CLOSING): Transition(
        State.CLOSING, _REVIEWERS, (*_APPROVAL, Guard.IS_LAST_STEP)
    ),
    (State.CLOSING, Action.COMPLETE_CLOSING): Transition(
        State.DEREGISTERED, _SYSTEM, (Guard.ALL_SERVICES_DONE,)
    ),
    (State.IN_REVIEW, Action.RETURN): Transition(
        State.RETURNED, _REVIEWERS, (Guard.OWN_STEP, Guard.REASON_GIVEN)
    ),
    (State.IN_REVIEW, Action.REJECT): Transition(
        State.REJECTED, _REVIEWERS, (Guard.OWN_STEP, Guard.REASON_GIVEN)
    ),
    (State.IN_REVIEW, Action.WITHDRAW): Transition(State.WITHDRAWN, _INSTITUTION, _WITHDRAWAL),
    (State.SUPPLEMENTING, Action.RESUBMIT): Transition(
        State.GATHERING, _INSTITUTION, (Guard.ITEMS_ANSWERED,)
    ),
    (State.SUPPLEMENTING, Action.WITHDRAW): Transition(
        State.WITHDRAWN, _INSTITUTION, (Guard.OWN_FILING,)
    ),
    (State.SUPPLEMENTING, Action.LAPSE): Transition(
        State.LAPSED, _SYSTEM, (Guard.SUPPLEMENT_OVERDUE,)
    ),
    **{
        (state, action): Transition(to, _by(Actor.REGION_ADMIN), _OVERTURNING)
        for action, to in OVERTURNING.items()
        for state in OVERTURNING.values()
        if state is not to
    },
}
"""Every transition. NOTICE_ALLOWED: the first notice of the step (一次告知), or one that names only
faults which the answer to the last notice introduced."""


def transition(state: State | None, action: Action) -> Transition:
    """What the action does in that state; raises ImpossibleTransition."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise ImpossibleTransition(state, action) from None


def actions_of(state: State | None, actor: Actor) -> tuple[Action, ...]:
    """What an actor could do in that state, guards aside."""
    return tuple(
        action
        for (from_state, action), step in TRANSITIONS.items()
        if from_state is state and actor in step.actors
    )


def approval_of(kind: str) -> Action:
    """What the approval of the last step does: a deregistration is not over with it."""
    return Action.APPROVE_CLOSING if kind == DEREGISTRATION else Action.APPROVE


def after_evaluation(
    *, blocks: bool, has_unacknowledged_warnings: bool, after_supplement: bool
) -> Action:
    """The one action that the findings leave to an application in EVALUATING."""
    if blocks:
        return Action.REOPEN_SUPPLEMENT if after_supplement else Action.FAIL_PRECHECK
    if has_unacknowledged_warnings:
        return Action.ASK_ACKNOWLEDGEMENT
    return Action.RESUME_REVIEW if after_supplement else Action.SUBMIT
