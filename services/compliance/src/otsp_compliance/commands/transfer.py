"""Hands a case over to another authority of the same province (转办)."""

from dataclasses import dataclass
from uuid import UUID

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Invalid
from otsp_compliance.commands import clocks
from otsp_compliance.commands.casework import tell_routed
from otsp_compliance.commands.steps import CaseMovedOn, CaseNotRoutedHere, hold
from otsp_compliance.model import (
    ActionImpossible,
    Application,
    AuthorityRef,
    CaseStep,
    CaseTransfer,
)
from otsp_compliance.queries.cases import CaseView, tell_case
from otsp_compliance.queries.visibility import require_authority
from otsp_compliance.rules.states import Action, ImpossibleTransition, State, transition
from otsp_contracts.values import FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """To whom and why; `step_no` guards against a step already left."""

    authority_id: UUID
    reason: str
    step_no: int | None


def transfer_case(principal: Principal, case_id: UUID, given: Transfer) -> CaseView:
    """The present step goes to another authority; the steps before and after stay as frozen."""
    own = require_authority(principal).authority_id
    with transaction() as tx:
        held = hold(tx, case_id)
        case = held.case
        if held.about is not None:
            _require_transferable(held.about)
        if own not in (case.authority_id, given.authority_id):
            raise CaseNotRoutedHere
        case.require_open()
        step = tx.get(CaseStep, (case_id, case.step_no), with_for_update=True)
        if step is None:
            raise CaseNotRoutedHere
        if given.step_no is not None and given.step_no != case.step_no:
            raise CaseMovedOn(step_no=case.step_no)
        target = _require_target(tx, step, given.authority_id)
        _keep(tx, step, target, given=given, by=principal.account_id)
        step.authority_id = target.authority_id
        step.authority_name = target.name
        step.level = target.level
        step.department = target.department
        step.accepted_by = None  # four eyes of the authority that decides
        case.authority_id = target.authority_id
        case.end_lease()
        clocks.recount(tx, case)
        tell_routed(tx, case, target.authority_id, actor=principal.account_id)
        return tell_case(tx, case_id)


def _require_transferable(application: Application) -> None:
    try:
        transition(State(application.state), Action.TRANSFER)
    except ImpossibleTransition as error:
        raise ActionImpossible(state=application.state) from error


def _require_target(tx: Tx, step: CaseStep, authority_id: UUID) -> AuthorityRef:
    target = tx.get(AuthorityRef, authority_id)
    present = tx.get(AuthorityRef, step.authority_id)
    if target is None:
        raise _refused("unknown_authority", "没有找到该部门，请核对部门编号。")
    if not target.is_active:
        raise _refused("inactive", f"{target.name}已停用，请选择其他部门。")
    if target.authority_id == step.authority_id:
        raise _refused("same_authority", f"该事项已由{target.name}办理，无需转办。")
    is_province = target.level in ("county", "city", "province")
    if present is None or not is_province or target.region_code[:2] != present.region_code[:2]:
        raise _refused("other_province", "只能转办给同一省（自治区、直辖市）内的部门。")
    return target


def _refused(code: str, detail: str) -> Invalid:
    return Invalid(errors=[FieldError("/authority_id", code, detail)])


def _keep(tx: Tx, step: CaseStep, target: AuthorityRef, *, given: Transfer, by: UUID) -> None:
    tx.add(
        CaseTransfer(
            transfer_id=new_id(),
            case_id=step.case_id,
            step_no=step.step_no,
            from_authority_id=step.authority_id,
            from_authority=step.authority_name,
            to_authority_id=target.authority_id,
            to_authority=target.name,
            reason=given.reason,
            transferred_by=by,
            transferred_on=clock.today(),
            transferred_at=clock.business_now(),
        )
    )
    audit.record(
        tx,
        "compliance.case_transferred",
        object_type="review_case",
        object_id=step.case_id,
        before={"authority_id": step.authority_id},
        after={"authority_id": target.authority_id},
        reason=given.reason,
    )
