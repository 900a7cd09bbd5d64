"""One requirement for many institutions at once: each gets its own task, or its own refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import OutsideJurisdiction, Problem
from otsp_compliance.commands.rectification.issuing import (
    InstitutionUnknown,
    new_task,
    steps_named,
)
from otsp_compliance.commands.rectification.moves import By, begin
from otsp_compliance.model import InstitutionRef
from otsp_compliance.queries.visibility import NATIONAL_ADMIN, require_authority
from otsp_compliance.rules.rectification import OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """其他整改 for all of them alike."""

    institution_ids: Sequence[UUID]
    reason_text: str
    due_on: date | None
    steps: Sequence[str]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """What became of one institution: the task, or why there is none."""

    institution_id: UUID
    rectification_id: UUID | None
    code: str | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """In the order asked for. The tasks are found again by their batch."""

    batch_id: UUID
    opened: int
    refused: int
    results: Sequence[BatchRow]


def open_batch(principal: Principal, new: NewBatch) -> BatchView:
    """All tasks begin in one transaction: whoever asks again under the same key gets this answer,
    and an interrupted request has opened none.
    """
    is_national = principal.role == NATIONAL_ADMIN
    issued_by = None if is_national else require_authority(principal).authority_id
    batch_id = new_id()
    steps = steps_named(new.steps)
    results = []
    with transaction() as tx:
        known = _regions(tx, new.institution_ids)
        for institution_id in new.institution_ids:
            refusal = _refusal(principal, known, institution_id)
            if refusal is not None:
                results.append(BatchRow(institution_id, None, refusal.slug, refusal.detail))
                continue
            task = new_task(
                institution_id,
                kind=OTHER,
                reason_text=new.reason_text,
                due_on=new.due_on,
                issued_by=issued_by,
            )
            task.batch_id = batch_id
            begin(tx, task, steps, by=By.principal(principal))
            results.append(BatchRow(institution_id, task.rectification_id, None, None))
    refused = sum(row.rectification_id is None for row in results)
    return BatchView(batch_id, len(results) - refused, refused, results)


def _regions(tx: Tx, institution_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    query = select(InstitutionRef.institution_id, InstitutionRef.region_code).where(
        InstitutionRef.institution_id.in_(institution_ids)
    )
    return {row.institution_id: row.region_code for row in tx.execute(query)}


def _refusal(
    principal: Principal, known: Mapping[UUID, str], institution_id: UUID
) -> Problem | None:
    region_code = known.get(institution_id)
    if region_code is None:
        return InstitutionUnknown()
    if principal.role == NATIONAL_ADMIN:
        return None
    covers = principal.authority is not None and principal.authority.covers(region_code)
    return None if covers else OutsideJurisdiction()
