"""The review steps of a case, and those that a judgement would lead to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_compliance.model import CaseStep, Document


@dataclass(frozen=True, slots=True)
class StepView:
    """One review. `fallback` tells that education stands in for a sector department.

    `opinion_from` is the sector authority that may be heard, `grounds` tell why it goes there.
    """

    step_no: int
    authority_id: UUID
    authority: str
    level: str
    department: str
    purpose: str
    fallback: str | None
    opinion_from: UUID | None
    grounds: Sequence[Document]
    accepted_on: date | None = None
    decision: str | None = None
    reason: str | None = None
    decided_on: date | None = None


def frozen_steps(tx: Reader, case_id: UUID) -> list[StepView]:
    """In their order; none while nobody is known who reviews."""
    query = select(
        CaseStep.step_no,
        CaseStep.authority_id,
        CaseStep.authority_name.label("authority"),
        CaseStep.level,
        CaseStep.department,
        CaseStep.purpose,
        CaseStep.fallback,
        CaseStep.opinion_from,
        CaseStep.grounds,
        CaseStep.accepted_on,
        CaseStep.decision,
        CaseStep.reason,
        CaseStep.decided_on,
    ).where(CaseStep.case_id == case_id)
    return [StepView(**row._asdict()) for row in tx.execute(query.order_by(CaseStep.step_no))]


def resolved_step(step: Document) -> StepView:
    """A step as the resolver gave it, not yet frozen into a case."""
    heard = step["opinion_from"]
    return StepView(
        step_no=step["step_no"],
        authority_id=UUID(step["authority_id"]),
        authority=step["authority"],
        level=step["level"],
        department=step["department"],
        purpose=step["purpose"],
        fallback=step["fallback"],
        opinion_from=UUID(heard) if heard else None,
        grounds=step["grounds"],
    )
