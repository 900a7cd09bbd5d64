"""What is told of a closing beside its application: what was typed, what the law says, how far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_compliance.model import ClosingStep, Deregistration, InstitutionRef
from otsp_compliance.rules.closing import REASONS_ZH, REPAYMENT_ORDER_ZH, SERVICES_ZH, SURPLUS_ZH


@dataclass(frozen=True, slots=True)
class ClosingStepView:
    """One service's part. `ended` is how many things of the institution ended there."""

    service: str
    label_zh: str
    asked_at: datetime
    repeats: int
    done_at: datetime | None
    ended: int | None


@dataclass(frozen=True, slots=True)
class ClosingView:
    """`typed` is the content of the form, `steps` are none before the approval."""

    typed: dict[str, Any]
    reason_zh: str | None
    is_by_authority: bool
    repayment_order_zh: Sequence[str]
    surplus_zh: str | None
    closes_on: date | None
    deregistered_on: date | None
    read_only_until: date | None
    steps: Sequence[ClosingStepView]


def find_closing(tx: Reader, application_id: UUID) -> ClosingView | None:
    """None of an application of another kind."""
    row = tx.execute(
        select(
            Deregistration.closing,
            Deregistration.opened_by,
            Deregistration.closes_on,
            Deregistration.deregistered_on,
            Deregistration.read_only_until,
            InstitutionRef.legal_nature,
        )
        .outerjoin(InstitutionRef, InstitutionRef.institution_id == Deregistration.institution_id)
        .where(Deregistration.application_id == application_id)
    ).first()
    if row is None:
        return None
    return ClosingView(
        typed=row.closing,
        reason_zh=REASONS_ZH.get(row.closing["reason"]),
        is_by_authority=row.opened_by is not None,
        repayment_order_zh=REPAYMENT_ORDER_ZH,
        surplus_zh=SURPLUS_ZH.get(row.legal_nature),
        closes_on=row.closes_on,
        deregistered_on=row.deregistered_on,
        read_only_until=row.read_only_until,
        steps=_steps(tx, application_id),
    )


def _steps(tx: Reader, application_id: UUID) -> list[ClosingStepView]:
    query = select(
        ClosingStep.service,
        ClosingStep.asked_at,
        ClosingStep.repeats,
        ClosingStep.done_at,
        ClosingStep.ended,
    ).where(ClosingStep.application_id == application_id)
    known = {row.service: row for row in tx.execute(query)}
    return [
        ClosingStepView(label_zh=label_zh, **known[service]._asdict())
        for service, label_zh in SERVICES_ZH.items()
        if service in known
    ]
