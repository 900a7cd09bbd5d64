"""Reads of one case, and what is told of each case in a worklist (`queries.worklist`)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, select
from sqlalchemy.orm import InstrumentedAttribute

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound
from otsp_compliance.model import Application, Document, ReviewCase
from otsp_compliance.model.cases import APPLICATION_CASES
from otsp_compliance.queries.clocks import NOTHING_DUE, Due, escalated_to, running_clocks
from otsp_compliance.queries.decisions import DecisionView, decisions_on
from otsp_compliance.queries.steps import StepView, frozen_steps
from otsp_compliance.queries.visibility import escalated_readers, require_authority, require_reader

_Column = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case in a worklist. `authority_id` is that of the present step, `assignee_id` holds it.

    `due_on`, `working_days_left` and `light` are those of its running clock, null without one.
    """

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
    application_kind: str | None
    application_state: str | None
    priority: str
    priority_reason: str | None
    assignee_id: UUID | None
    leased_until: date | None
    version: int
    due_on: date | None
    working_days_left: int | None
    light: str | None


@dataclass(frozen=True, slots=True)
class CaseView(CaseSummary):
    """A case with its steps; `details` is what its owner told of the subject.

    `decisions` are those on an application; other cases have theirs in the steps.
    """

    details: Document
    steps: Sequence[StepView]
    decisions: Sequence[DecisionView]


def get_case(tx: Reader, principal: Principal, case_id: UUID) -> CaseView:
    """For the authorities it was routed to, those above the institution, and who was told of it."""
    require_authority(principal)
    view = tell_case(tx, case_id)
    require_reader(
        principal,
        institution_id=view.institution_id,
        region_code=view.region_code,
        authority_ids={step.authority_id for step in view.steps}
        | escalated_readers(principal, escalated_to(tx, case_id)),
    )
    return view


def tell_case(tx: Reader, case_id: UUID) -> CaseView:
    """For commands that have already judged who asks."""
    query = select_summaries(ReviewCase.details).where(ReviewCase.case_id == case_id)
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    decided = decisions_on(tx, row.subject_id) if row.kind in APPLICATION_CASES else []
    due = running_clocks(tx, [case_id]).get(case_id, NOTHING_DUE)
    return CaseView(
        **row._asdict(), **asdict(due), steps=frozen_steps(tx, case_id), decisions=decided
    )


def select_summaries(*more: ColumnElement[Any] | _Column) -> Select[*tuple[Any, ...]]:
    """Cases, each with the application that it is about; `as_summaries` makes them whole."""
    is_about = Application.application_id == ReviewCase.subject_id
    query = select(*_summary(), *more).select_from(ReviewCase)
    return query.outerjoin(Application, is_about)


def as_summaries(tx: Reader, rows: Sequence[Row[Any]]) -> list[CaseSummary]:
    """With their clocks as they stand today."""
    due = running_clocks(tx, [row.case_id for row in rows])
    return [
        CaseSummary(
            **{name: getattr(row, name) for name in _KEPT},
            **asdict(due.get(row.case_id, NOTHING_DUE)),
        )
        for row in rows
    ]


def held_today() -> ColumnElement[bool]:
    """A lease that is over holds nothing, though it still stands there."""
    return ReviewCase.leased_until >= clock.today()


def _summary() -> tuple[ColumnElement[Any] | _Column, ...]:
    return (
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
        Application.kind.label("application_kind"),
        Application.state.label("application_state"),
        ReviewCase.priority,
        ReviewCase.priority_reason,
        case((held_today(), ReviewCase.assignee_id)).label("assignee_id"),
        case((held_today(), ReviewCase.leased_until)).label("leased_until"),
        ReviewCase.version,
    )


_KEPT = {each.name for each in fields(CaseSummary)} - {each.name for each in fields(Due)}
