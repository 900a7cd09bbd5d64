"""Why a case lies where it lies: the grounds of its steps, and its transfers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_compliance.model import CaseTransfer, Document, ReviewCase
from otsp_compliance.queries.cases import tell_case
from otsp_compliance.queries.routing_rules import authorities_above, routing_rules
from otsp_compliance.queries.steps import StepView
from otsp_compliance.queries.visibility import require_reader
from otsp_compliance.rules.routing import RoutedInstitution, Unroutable, resolve
from otsp_compliance.rules.routing_wording import nobody_zh


@dataclass(frozen=True, slots=True)
class TransferView:
    """One hand-over of a step, and why."""

    transfer_id: UUID
    step_no: int
    from_authority_id: UUID
    from_authority: str
    to_authority_id: UUID
    to_authority: str
    reason: str
    transferred_by: UUID
    transferred_on: date


@dataclass(frozen=True, slots=True)
class RoutingView:
    """`text_zh` is the explanation to read; `steps` carry it as data in their grounds."""

    case_id: UUID
    region_code: str | None
    routed_by: Document | None
    steps: Sequence[StepView]
    transfers: Sequence[TransferView]
    text_zh: Sequence[str]


def get_case_routing(tx: Reader, principal: Principal, case_id: UUID) -> RoutingView:
    """For the institution itself, the authorities of the steps and those above it, the nation."""
    case = tell_case(tx, case_id)
    transfers = _transfers(tx, case_id)
    require_reader(
        principal,
        institution_id=case.institution_id,
        region_code=case.region_code,
        authority_ids={step.authority_id for step in case.steps}
        | {one.from_authority_id for one in transfers},
    )
    query = select(ReviewCase.routed_by).where(ReviewCase.case_id == case_id)
    routed_by: Document | None = tx.execute(query).scalar_one()
    told = [_told(step, transfers) for step in case.steps]
    return RoutingView(
        case_id=case_id,
        region_code=case.region_code,
        routed_by=routed_by,
        steps=case.steps,
        transfers=transfers,
        text_zh=told or [_why_nobody(tx, routed_by, case.opened_on)],
    )


def _told(step: StepView, transfers: Sequence[TransferView]) -> str:
    texts = [ground["text_zh"] for ground in step.grounds]
    texts += [
        f"{one.transferred_on} 由{one.from_authority}转办至{one.to_authority}，理由：{one.reason}。"
        for one in transfers
        if one.step_no == step.step_no
    ]
    return f"第 {step.step_no} 步（{step.authority}）：{''.join(texts)}"


def _why_nobody(tx: Reader, routed_by: Document | None, opened_on: date) -> str:
    if routed_by is None:
        return "机构信息尚未到达，到达后自动确定受理部门。"
    institution = RoutedInstitution.of_document(routed_by)
    rules = routing_rules(tx, institution.region_code)
    authorities = authorities_above(tx, institution.region_code)
    try:
        resolve(institution, rules, authorities, on_date=opened_on)
    except Unroutable as reason:
        return nobody_zh(institution.region_code, reason.level)
    return "受理部门刚刚启用，事项即将转入。"


def _transfers(tx: Reader, case_id: UUID) -> list[TransferView]:
    query = select(
        CaseTransfer.transfer_id,
        CaseTransfer.step_no,
        CaseTransfer.from_authority_id,
        CaseTransfer.from_authority,
        CaseTransfer.to_authority_id,
        CaseTransfer.to_authority,
        CaseTransfer.reason,
        CaseTransfer.transferred_by,
        CaseTransfer.transferred_on,
    ).where(CaseTransfer.case_id == case_id)
    rows = tx.execute(query.order_by(CaseTransfer.transfer_id))
    return [TransferView(**row._asdict()) for row in rows]
