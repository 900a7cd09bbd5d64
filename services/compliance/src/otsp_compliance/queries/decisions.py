"""Reads of decisions on applications."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from otsp_chassis.db import Reader
from otsp_compliance.model import Decision, Document

_Later = aliased(Decision)


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision. `replaced_by` names the one that set it aside, `replaces` what it set aside.

    Of whoever decided only the authority is told; the trail knows the account.
    """

    decision_id: UUID
    doc_no: str
    step_no: int
    is_final: bool
    outcome: str
    reason: str | None
    overrides: Sequence[Document]
    warnings_read: Sequence[str]
    snapshot_sha256: str
    authority_id: UUID
    authority_name: str
    decided_on: date
    decided_at: datetime
    valid_to: date | None
    appeal_text: str | None
    replaces: UUID | None
    replaced_by: UUID | None


def decisions_on(tx: Reader, application_id: UUID) -> list[DecisionView]:
    """In the order in which they were made."""
    query = (
        select(*_COLUMNS)
        .outerjoin(_Later, _Later.replaces == Decision.decision_id)
        .where(Decision.application_id == application_id)
        .order_by(Decision.decision_id)
    )
    return [DecisionView(**row._asdict()) for row in tx.execute(query)]


_COLUMNS = (
    Decision.decision_id,
    Decision.doc_no,
    Decision.step_no,
    Decision.is_final,
    Decision.outcome,
    Decision.reason,
    Decision.overrides,
    Decision.warnings_read,
    Decision.snapshot_sha256,
    Decision.authority_id,
    Decision.authority_name,
    Decision.decided_on,
    Decision.decided_at,
    Decision.valid_to,
    Decision.appeal_text,
    Decision.replaces,
    _Later.decision_id.label("replaced_by"),
)
