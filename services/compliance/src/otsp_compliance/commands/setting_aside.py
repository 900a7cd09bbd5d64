"""Sets a final decision on an application aside (撤销、变更决定): by a new one that names it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Invalid, NotFound, OutsideJurisdiction
from otsp_compliance.commands import reviewing, steps, submission
from otsp_compliance.commands.effects import take_effect
from otsp_compliance.commands.reviewing import Opinion, Seat
from otsp_compliance.model import Application, AuthorityRef, Decision
from otsp_compliance.queries.cases import CaseView, tell_case
from otsp_compliance.queries.visibility import require_authority
from otsp_compliance.rules.states import CHANGE, DEREGISTRATION, FINAL, OVERTURNING
from otsp_contracts.compliance import DecisionSetAside
from otsp_contracts.values import FieldError

_ACTIONS = {state.value: action for action, state in OVERTURNING.items()}
_LEVELS = ("county", "city", "province", "national")


class DecisionNotTheirs(OutsideJurisdiction):
    slug: ClassVar[str] = "decision-not-theirs"
    title: ClassVar[str] = "Neither the deciding authority nor one above it"
    detail_zh: ClassVar[str] = "只有作出决定的部门或者其上级部门可以撤销该决定。"


class DecisionReplaced(Conflict):
    slug: ClassVar[str] = "decision-already-set-aside"
    title: ClassVar[str] = "The decision is already set aside"
    detail_zh: ClassVar[str] = "该决定已被撤销，请刷新后查看现行决定。"


class DecisionOvertaken(Conflict):
    slug: ClassVar[str] = "decision-overtaken"
    title: ClassVar[str] = "The institution has filed again since"
    detail_zh: ClassVar[str] = (
        "机构在该决定之后又提交了申请：请在新的申请中处理，或待其办结、撤回后再撤销原决定。"
    )


class DecisionHasTakenEffect(Conflict):
    slug: ClassVar[str] = "decision-has-taken-effect"
    title: ClassVar[str] = "A change or a deregistration is not undone by another decision"
    detail_zh: ClassVar[str] = (
        "变更申请和注销申请的决定不能在此撤销：请由机构重新提交申请，或要求机构整改。"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What is decided instead, and why."""

    outcome: str
    reason: str
    overrides: dict[str, str]
    warnings_read: list[str]


def set_decision_aside(principal: Principal, decision_id: UUID, given: Replacement) -> CaseView:
    """The new decision rests on the same sealed snapshot; the old one is kept, and says so."""
    authority = require_authority(principal)
    with transaction(conflicts={"uq_decision_replaces": DecisionReplaced}) as tx:
        old = tx.get(Decision, decision_id)
        if old is None or not old.is_final:
            raise NotFound
        _require_seat(tx, authority, old)
        held = steps.hold(tx, old.case_id)
        _require_replaceable(tx, held.application, old, outcome=given.outcome)
        opinion = Opinion(given.outcome, given.reason, given.overrides, given.warnings_read)
        if given.outcome == "approved":
            reviewing.require_read(tx, held.application, opinion)
        seat = Seat(authority.authority_id, _name_of(tx, authority), principal.account_id)
        decision = reviewing.put_decision(tx, held, opinion, seat=seat, replaces=decision_id)
        left = submission.advance(tx, held.application, _ACTIONS[given.outcome])
        held.case.decide_anew(given.outcome, on=decision.decided_on, reason=given.reason)
        _tell(tx, held.application, decision, replaces=decision_id, left=left)
        take_effect(tx, held.application, decision)
        return tell_case(tx, old.case_id)


def _require_seat(tx: Tx, authority: AuthorityClaim, old: Decision) -> None:
    """行政许可法 §69: the authority that decided, or one above it."""
    if authority.authority_id == old.authority_id:
        return
    decided_by = tx.get(AuthorityRef, old.authority_id)
    is_above = (
        decided_by is not None
        and authority.department == decided_by.department
        and authority.covers(decided_by.region_code)
        and _LEVELS.index(authority.level) > _LEVELS.index(decided_by.level)
    )
    if not is_above:
        raise DecisionNotTheirs


def _require_replaceable(tx: Tx, application: Application, old: Decision, *, outcome: str) -> None:
    if tx.scalar(select(Decision.decision_id).where(Decision.replaces == old.decision_id)):
        raise DecisionReplaced
    if application.kind in (CHANGE, DEREGISTRATION):
        raise DecisionHasTakenEffect
    if outcome == old.outcome:
        same = FieldError("/outcome", "same_outcome", "新的决定应与被撤销的决定不同。")
        raise Invalid(errors=[same])
    later = select(Application.application_id).where(
        Application.institution_id == application.institution_id,
        Application.application_id > application.application_id,
        (Application.state.not_in([state.value for state in FINAL]))
        | Application.state.in_([*_ACTIONS, "deregistered"]),
    )
    if tx.scalar(later.limit(1)):
        raise DecisionOvertaken


def _name_of(tx: Tx, authority: AuthorityClaim) -> str:
    known = tx.get(AuthorityRef, authority.authority_id)
    return known.name if known is not None else authority.name


def _tell(
    tx: Tx, application: Application, decision: Decision, *, replaces: UUID, left: str
) -> None:
    tx.flush()  # the event carries the version after the change
    publish(
        tx,
        DecisionSetAside(
            version=application.version,
            actor=decision.decided_by,
            from_state=left,
            to_state=application.state,
            decision_id=decision.decision_id,
            replaces=replaces,
            application_id=application.application_id,
            case_id=decision.case_id,
            institution_id=application.institution_id,
            application_kind=application.kind,
            outcome=decision.outcome,
            decided_on=decision.decided_on,
            authority_id=decision.authority_id,
            snapshot_sha256=decision.snapshot_sha256,
            doc_no=decision.doc_no,
            valid_to=decision.valid_to,
            seats=steps.seats_of(tx, decision.case_id),
        ),
    )
    audit.record(
        tx,
        "compliance.decision_set_aside",
        object_type="decision",
        object_id=replaces,
        institution_id=application.institution_id,
        before={"state": left},
        after={"state": application.state, "decision_id": decision.decision_id},
        reason=decision.reason,
    )
