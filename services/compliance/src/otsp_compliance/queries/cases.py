"""Reads of cases: an authority's worklist, and one case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_compliance.model import Document, ReviewCase
from otsp_compliance.queries.steps import StepView, frozen_steps
from otsp_compliance.queries.visibility import require_authority, require_reader


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case in a worklist. `authority_id` is that of the present step."""

    case_id: UUID
    kind: str
    institution_id: UUID
    institution_name: str | None
    region_code: str | None
    subject_id: UUID
    title: str
    state: str
    step_no: int
    step_count: int
    authority_id: UUID | None
    opened_on: date
    decision: str | None
    reason: str | None
    decided_on: date | None
    version: int


@dataclass(frozen=True, slots=True)
class CaseView(CaseSummary):
    """A case with its steps; `details` is what its owner told of the subject."""

    details: Document
    steps: Sequence[StepView]


def list_cases(
    tx: Reader,
    principal: Principal,
    *,
    state: str,
    kind: str | None,
    cursor: str | None,
    limit: int,
) -> Page[CaseSummary]:
    """The caller's authority's own: open ones oldest first, decided ones newest first."""
    authority = require_authority(principal)
    query = select(*_SUMMARY).where(
        ReviewCase.authority_id == authority.authority_id, ReviewCase.state == state
    )
    if kind is not None:
        query = query.where(ReviewCase.kind == kind)
    column = ReviewCase.case_id
    is_open = state == "open"
    if cursor is not None:
        last = decode_id(cursor)
        query = query.where(column > last if is_open else column < last)
    rows = tx.execute(query.order_by(column if is_open else column.desc()).limit(limit + 1))
    return make_page(
        [CaseSummary(**row._asdict()) for row in rows], limit, key=lambda one: [one.case_id]
    )


def get_case(tx: Reader, principal: Principal, case_id: UUID) -> CaseView:
    """For the authorities it was routed to and those above the institution."""
    require_authority(principal)
    view = tell_case(tx, case_id)
    require_reader(
        principal,
        institution_id=view.institution_id,
        region_code=view.region_code,
        authority_ids={step.authority_id for step in view.steps},
    )
    return view


def tell_case(tx: Reader, case_id: UUID) -> CaseView:
    """For commands that have already judged who asks."""
    query = select(*_SUMMARY, ReviewCase.details).where(ReviewCase.case_id == case_id)
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    return CaseView(**row._asdict(), steps=frozen_steps(tx, case_id))


_SUMMARY = (
    ReviewCase.case_id,
    ReviewCase.kind,
    ReviewCase.institution_id,
    ReviewCase.institution_name,
    ReviewCase.region_code,
    ReviewCase.subject_id,
    ReviewCase.title,
    ReviewCase.state,
    ReviewCase.step_no,
    ReviewCase.step_count,
    ReviewCase.authority_id,
    ReviewCase.opened_on,
    ReviewCase.decision,
    ReviewCase.reason,
    ReviewCase.decided_on,
    ReviewCase.version,
)
