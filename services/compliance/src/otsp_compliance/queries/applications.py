"""Reads of compliance applications."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping, bindparam, select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_compliance.model import Application, ReviewCase
from otsp_compliance.queries.clocks import NOTHING_DUE, Due, running_clocks
from otsp_compliance.queries.decisions import DecisionView, decisions_on
from otsp_compliance.queries.deregistrations import ClosingView, find_closing
from otsp_compliance.queries.examination import (
    Examination,
    Findings,
    SealView,
    SectionProgress,
    get_examination,
)
from otsp_compliance.queries.steps import StepView, frozen_steps
from otsp_compliance.queries.visibility import readable, require_reader
from otsp_compliance.rules.states import DEREGISTRATION


@dataclass(frozen=True, slots=True)
class ApplicationSummary:
    """An application in a list."""

    application_id: UUID
    institution_id: UUID
    institution_name: str
    region_code: str
    kind: str
    state: str
    as_of: date
    seq_no: str | None
    filed_at: datetime
    submitted_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class RequestedException:
    """A B* rule from which the institution asked to be excused."""

    rule_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ApplicationView(ApplicationSummary):
    """An application with everything that its state is known by.

    `to_acknowledge` are the warnings that still have to be read; `routed_steps` are the reviews it
    goes through, or would have gone through when it did not get that far.
    """

    sections: Sequence[SectionProgress]
    missing_sections: Sequence[str]
    blocking: Sequence[str]
    warnings: Sequence[str]
    findings: Findings
    to_acknowledge: Sequence[str]
    acknowledged_warnings: Sequence[str]
    acknowledge_by: datetime | None
    exceptions: Sequence[RequestedException]
    routed_steps: Sequence[StepView]
    case_id: UUID | None
    decisions: Sequence[DecisionView]
    snapshot: SealView | None
    withdrawn_on: date | None
    elapsed_ms: int | None
    closing: ClosingView | None
    due_on: date | None
    working_days_left: int | None
    light: str | None


def get_application(tx: Reader, principal: Principal, application_id: UUID) -> ApplicationView:
    """Raises NotFound, or refuses a reader whose rows these are not."""
    for_reviewers = principal.institution_id is None
    view = tell_application(tx, application_id, for_reviewers=for_reviewers)
    require_reader(principal, institution_id=view.institution_id, region_code=view.region_code)
    return view


def tell_application(
    tx: Reader, application_id: UUID, *, for_reviewers: bool = False
) -> ApplicationView:
    """For commands that have already judged who asks."""
    row = _row_of(tx, application_id)
    case_id = _case_of(tx, application_id) if row["submitted_at"] else None
    frozen = frozen_steps(tx, case_id) if case_id else []
    found = get_examination(tx, row["request_id"], for_reviewers=for_reviewers)
    closing = find_closing(tx, application_id) if row["kind"] == DEREGISTRATION else None
    decided = decisions_on(tx, application_id) if case_id else []
    due = running_clocks(tx, [case_id]).get(case_id, NOTHING_DUE) if case_id else NOTHING_DUE
    return _view(row, found, case_id, reviews=(frozen, decided), closing=closing, due=due)


def list_applications(
    tx: Reader,
    principal: Principal,
    *,
    institution_id: UUID | None,
    state: str | None,
    cursor: str | None,
    limit: int,
) -> Page[ApplicationSummary]:
    """Newest first: one's own, or those of one's jurisdiction."""
    visible = readable(principal, Application.institution_id, Application.region_code)
    query = select(*_SUMMARY).where(visible)
    if institution_id is not None:
        query = query.where(Application.institution_id == institution_id)
    if state is not None:
        query = query.where(Application.state == state)
    if cursor is not None:
        query = query.where(Application.application_id < decode_id(cursor))
    rows = tx.execute(query.order_by(Application.application_id.desc()).limit(limit + 1))
    summaries = [ApplicationSummary(**row._asdict()) for row in rows]
    return make_page(summaries, limit, key=lambda one: [one.application_id])


def _row_of(tx: Reader, application_id: UUID) -> RowMapping:
    row = tx.execute(_WHOLE, {"application_id": application_id}).mappings().first()
    if row is None:
        raise NotFound
    return row


def _view(
    row: RowMapping,
    found: Examination,
    case_id: UUID | None,
    *,
    reviews: tuple[Sequence[StepView], Sequence[DecisionView]],
    closing: ClosingView | None,
    due: Due,
) -> ApplicationView:
    frozen, decided = reviews
    read = set(row["acknowledged_warnings"])
    return ApplicationView(
        **{column.key: row[column.key] for column in _SUMMARY},
        sections=found.sections,
        missing_sections=found.missing_sections,
        blocking=found.blocking,
        warnings=found.warnings,
        findings=found.findings,
        to_acknowledge=[one for one in found.to_acknowledge if one not in read],
        acknowledged_warnings=row["acknowledged_warnings"],
        acknowledge_by=row["acknowledge_by"],
        exceptions=[RequestedException(*one) for one in sorted(row["exceptions"].items())],
        routed_steps=frozen or found.routed_steps,
        case_id=case_id,
        decisions=decided,
        snapshot=found.snapshot,
        withdrawn_on=row["withdrawn_on"],
        elapsed_ms=found.elapsed_ms,
        closing=closing,
        **asdict(due),
    )


def _case_of(tx: Reader, application_id: UUID) -> UUID | None:
    query = select(ReviewCase.case_id).where(ReviewCase.subject_id == application_id)
    case_id: UUID | None = tx.execute(query).scalar()
    return case_id


_SUMMARY = (
    Application.application_id,
    Application.institution_id,
    Application.institution_name,
    Application.region_code,
    Application.kind,
    Application.state,
    Application.as_of,
    Application.seq_no,
    Application.filed_at,
    Application.submitted_at,
    Application.version,
)
_DETAILS = (
    Application.request_id,
    Application.acknowledged_warnings,
    Application.exceptions,
    Application.acknowledge_by,
    Application.withdrawn_on,
)
_WHOLE = select(*_SUMMARY, *_DETAILS).where(
    Application.application_id == bindparam("application_id")
)
