"""Reads of re-evaluations: how far each is, and what it came to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_compliance.model import (
    Document,
    InstitutionRef,
    ReEvaluation,
    ReEvaluationResult,
    RulePublication,
    Snapshot,
)
from otsp_compliance.model.publications import DONE
from otsp_compliance.queries.visibility import readable


@dataclass(frozen=True, slots=True)
class ReEvaluationView:
    """What was published, and its progress in whole percent.

    `found` are the institutions with a new breach, `unjudged` those without data to judge by.
    """

    re_evaluation_id: UUID
    rule_id: str
    rule_version: int
    severity: str
    effective_from: date
    reason: str
    published_at: datetime
    state: str
    total: int
    done: int
    found: int
    unjudged: int
    tasks_opened: int
    started_at: datetime | None
    ended_at: datetime | None
    progress: int


@dataclass(frozen=True, slots=True)
class ResultView:
    """One institution that the version concerns. `snapshot_as_of` is the day of what was judged."""

    institution_id: UUID
    institution_name: str
    region_code: str
    outcome: str
    snapshot_sha256: str | None
    snapshot_as_of: date | None
    finding: Document | None
    rectification_id: UUID | None


def list_re_evaluations(tx: Reader, *, cursor: str | None, limit: int) -> Page[ReEvaluationView]:
    """Newest first."""
    query = _QUERY.order_by(ReEvaluation.re_evaluation_id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(ReEvaluation.re_evaluation_id < decode_id(cursor))
    views = [_view(row._asdict()) for row in tx.execute(query)]
    return make_page(views, limit, key=lambda one: [one.re_evaluation_id])


def tell_re_evaluation(tx: Reader, re_evaluation_id: UUID) -> ReEvaluationView:
    """It names no institution and is for everybody who reads compliance."""
    row = tx.execute(_QUERY.where(ReEvaluation.re_evaluation_id == re_evaluation_id)).first()
    if row is None:
        raise NotFound
    return _view(row._asdict())


def list_results(
    tx: Reader,
    principal: Principal,
    re_evaluation_id: UUID,
    *,
    outcome: str | None,
    cursor: str | None,
    limit: int,
) -> Page[ResultView]:
    """One's own institution's, or those of one's jurisdiction, in order of their ids."""
    tell_re_evaluation(tx, re_evaluation_id)
    query = (
        select(
            ReEvaluationResult.institution_id,
            InstitutionRef.name.label("institution_name"),
            InstitutionRef.region_code,
            ReEvaluationResult.outcome,
            Snapshot.sha256.label("snapshot_sha256"),
            Snapshot.as_of.label("snapshot_as_of"),
            ReEvaluationResult.finding,
            ReEvaluationResult.rectification_id,
        )
        .join(InstitutionRef, InstitutionRef.institution_id == ReEvaluationResult.institution_id)
        .outerjoin(Snapshot, Snapshot.request_id == ReEvaluationResult.request_id)
        .where(
            ReEvaluationResult.re_evaluation_id == re_evaluation_id,
            readable(principal, InstitutionRef.institution_id, InstitutionRef.region_code),
        )
        .order_by(ReEvaluationResult.institution_id)
        .limit(limit + 1)
    )
    if outcome is not None:
        query = query.where(ReEvaluationResult.outcome == outcome)
    if cursor is not None:
        query = query.where(ReEvaluationResult.institution_id > decode_id(cursor))
    views = [ResultView(**row._asdict()) for row in tx.execute(query)]
    return make_page(views, limit, key=lambda one: [one.institution_id])


def due_re_evaluations(tx: Reader, on: date) -> Sequence[UUID]:
    """Those that are to be begun or gone on with, in the order of their publication."""
    query = select(ReEvaluation.re_evaluation_id).where(
        ReEvaluation.state != DONE, ReEvaluation.as_of <= on
    )
    return list(tx.execute(query.order_by(ReEvaluation.re_evaluation_id)).scalars())


def remaining_institutions(tx: Reader) -> int:
    """Institutions that running re-evaluations have not reached yet."""
    query = select(func.sum(ReEvaluation.total - ReEvaluation.done)).where(
        ReEvaluation.state != DONE
    )
    return int(tx.execute(query).scalar() or 0)


def _view(row: Mapping[str, Any]) -> ReEvaluationView:
    return ReEvaluationView(**row, progress=_progress(row["state"], row["done"], of=row["total"]))


def _progress(state: str, done: int, *, of: int) -> int:
    """A hundred only when it is done: institutions may be added while it runs."""
    if state == DONE:
        return 100
    return min(99, done * 100 // of) if of else 0


_QUERY = select(
    ReEvaluation.re_evaluation_id,
    RulePublication.rule_id,
    RulePublication.rule_version,
    RulePublication.severity,
    RulePublication.effective_from,
    RulePublication.reason,
    RulePublication.published_at,
    ReEvaluation.state,
    ReEvaluation.total,
    ReEvaluation.done,
    ReEvaluation.found,
    ReEvaluation.unjudged,
    ReEvaluation.tasks_opened,
    ReEvaluation.started_at,
    ReEvaluation.ended_at,
).join(RulePublication, RulePublication.publication_id == ReEvaluation.re_evaluation_id)
