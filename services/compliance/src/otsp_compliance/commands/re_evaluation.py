"""Checks compliant institutions against a newly published rule version, a page at a time.

A page is one transaction: its results, tasks and progress stand together or not at all, so that
whoever is killed leaves nothing half done and nothing is done twice. What is checked is the newest
sealed snapshot of an institution, whatever it was sealed for. No status is ever taken away.
"""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import orjson
from pydantic import ValidationError
from sqlalchemy import Row, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from otsp_chassis import audit, clock, log
from otsp_chassis.db import Tx, transaction
from otsp_compliance.commands.judging import told_breach
from otsp_compliance.commands.law import Law, law_in_force
from otsp_compliance.commands.rectification import open_for_publication
from otsp_compliance.model import (
    Document,
    InstitutionRef,
    ReEvaluation,
    ReEvaluationResult,
    RulePublication,
    Snapshot,
    SnapshotPart,
)
from otsp_compliance.model.publications import DONE, RUNNING, SCHEDULED
from otsp_compliance.queries.rectifications import rectification_facts
from otsp_compliance.queries.rulebook import Rulebook, load_rulebook
from otsp_compliance.rules.catalogue import catalogue
from otsp_compliance.rules.engine import Finding
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.re_evaluation import Outcome, Reexamined, re_examine, task_text_zh
from otsp_compliance.rules.registry import RuleDefinition
from otsp_compliance.settings import current_settings
from otsp_contracts import snapshots

COMPLIANT: Final = ("compliant", "change_pending")
"""While a change is reviewed the old approval stays valid."""

_log = log.get_logger()


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The newest sealed snapshot of an institution; its four sections as they were stored."""

    request_id: UUID
    sealed_on: date
    sections: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class _Versions:
    """What is published, and what would hold without it."""

    new: RuleDefinition
    old: RuleDefinition | None
    book: Rulebook


def re_evaluate_page(re_evaluation_id: UUID) -> bool:
    """The next page; whether there may be another."""
    with transaction() as tx:
        run = tx.get_one(ReEvaluation, re_evaluation_id, with_for_update=True)
        if run.state == DONE:
            return False
        if run.state == SCHEDULED:
            _begin(tx, run)
        page = _next_institutions(tx, run)
        if page:
            _take(tx, run, page)
        if len(page) < current_settings().re_evaluation_page:
            _end(tx, run)
        return run.state != DONE


def _begin(tx: Tx, run: ReEvaluation) -> None:
    count = select(func.count()).select_from(InstitutionRef)
    compliant = count.where(InstitutionRef.compliance_status.in_(COMPLIANT))
    run.total = tx.scalar(compliant) or 0 if _concerns_institutions(tx, run) else 0
    run.state = RUNNING
    run.started_at = clock.now()


def _end(tx: Tx, run: ReEvaluation) -> None:
    """Institutions may have come or gone meanwhile: what was done is the whole."""
    run.state = DONE
    run.total = run.done
    run.ended_at = clock.now()
    audit.record(
        tx,
        "compliance.re_evaluation_done",
        object_type="re_evaluation",
        object_id=run.re_evaluation_id,
        after={"done": run.done, "found": run.found, "tasks_opened": run.tasks_opened},
    )


def _concerns_institutions(tx: Tx, run: ReEvaluation) -> bool:
    """Rules of deregistration are for those who close; nobody is checked for them."""
    publication = tx.get_one(RulePublication, run.re_evaluation_id)
    return bool(catalogue().versions(publication.rule_id))


def _next_institutions(tx: Tx, run: ReEvaluation) -> Sequence[Row[UUID, str]]:
    if run.total == 0:
        return ()
    query = (
        select(InstitutionRef.institution_id, InstitutionRef.region_code)
        .where(InstitutionRef.compliance_status.in_(COMPLIANT))
        .order_by(InstitutionRef.institution_id)
        .limit(current_settings().re_evaluation_page)
    )
    if run.reached is not None:
        query = query.where(InstitutionRef.institution_id > run.reached)
    return list(tx.execute(query))


def _take(tx: Tx, run: ReEvaluation, page: Sequence[Row[UUID, str]]) -> None:
    versions = _versions(tx, run)
    sealed = _newest_sealed(tx, [row.institution_id for row in page])
    laws: dict[str, Law] = {}
    rows: list[Document] = []
    for institution_id, region_code in page:
        if region_code not in laws:
            laws[region_code] = law_in_force(tx, region_code, run.as_of, book=versions.book)
        snapshot = sealed.get(institution_id)
        result = _judge(tx, institution_id, snapshot, law=laws[region_code], versions=versions)
        if result.outcome is not Outcome.UNAFFECTED:
            rows.append(_row(tx, run, institution_id, sealed=snapshot, result=result, of=versions))
    run.done += len(page)
    run.reached = page[-1].institution_id
    if rows:
        tx.execute(insert(ReEvaluationResult), rows)
        breached = sum(row["outcome"] == Outcome.BREACHED.value for row in rows)
        run.found += breached
        run.unjudged += len(rows) - breached
        run.tasks_opened += sum(row["rectification_id"] is not None for row in rows)


def _versions(tx: Tx, run: ReEvaluation) -> _Versions:
    publication = tx.get_one(RulePublication, run.re_evaluation_id)
    book = load_rulebook(tx)
    before = book.without(run.re_evaluation_id)

    def of_the_day(one: Rulebook) -> RuleDefinition | None:
        in_force = one.applications.in_force(run.as_of)
        return next((rule for rule in in_force if rule.head.id == publication.rule_id), None)

    new = of_the_day(book)
    if new is None:
        raise LookupError(publication.rule_id)
    return _Versions(new, of_the_day(before), book)


def _newest_sealed(tx: Tx, institution_ids: Iterable[UUID]) -> dict[UUID, _Sealed]:
    newest = (
        select(Snapshot.institution_id, Snapshot.request_id, Snapshot.sealed_at)
        .where(Snapshot.institution_id.in_(institution_ids))
        .ext(distinct_on(Snapshot.institution_id))
        .order_by(Snapshot.institution_id, Snapshot.request_id.desc())
    )
    snapshots_of = {row.institution_id: row for row in tx.execute(newest)}
    parts = select(SnapshotPart.request_id, SnapshotPart.part, SnapshotPart.content).where(
        SnapshotPart.request_id.in_([row.request_id for row in snapshots_of.values()]),
        SnapshotPart.part.in_(snapshots.SECTIONS),
    )
    contents: dict[UUID, dict[str, bytes]] = {}
    for row in tx.execute(parts):
        contents.setdefault(row.request_id, {})[row.part] = row.content
    return {
        institution_id: _Sealed(
            row.request_id,
            row.sealed_at.astimezone(clock.SHANGHAI).date(),
            contents[row.request_id],
        )
        for institution_id, row in snapshots_of.items()
    }


def _judge(
    tx: Tx, institution_id: UUID, sealed: _Sealed | None, *, law: Law, versions: _Versions
) -> Reexamined:
    if sealed is None:
        return Reexamined(Outcome.NO_SNAPSHOT)
    document = {part: orjson.loads(gzip.decompress(raw)) for part, raw in sealed.sections.items()}
    own = {
        "rectifications": rectification_facts(tx, institution_id),
        "region": law.region.model_dump(mode="json"),
        "as_of": law.as_of.isoformat(),
    }
    try:
        snapshot = snapshots.Snapshot.model_validate({**document, **own})
    except ValidationError:
        _log.warning("sealed_snapshot_unreadable", request_id=str(sealed.request_id))
        return Reexamined(Outcome.UNJUDGED)
    facts = Facts(snapshot, as_of=law.as_of, parameters=law.parameters, calendar=law.calendar)
    return re_examine(versions.new, versions.old, facts)


def _row(
    tx: Tx,
    run: ReEvaluation,
    institution_id: UUID,
    *,
    sealed: _Sealed | None,
    result: Reexamined,
    of: _Versions,
) -> Document:
    task = None
    if sealed is not None and result.finding is not None and result.needs_task:
        reason = task_text_zh(of.new, result.finding, sealed_on=sealed.sealed_on.isoformat())
        task = open_for_publication(
            tx, institution_id, publication_id=run.re_evaluation_id, reason_text=reason
        )
    return {
        "re_evaluation_id": run.re_evaluation_id,
        "institution_id": institution_id,
        "outcome": result.outcome.value,
        "request_id": sealed.request_id if sealed else None,
        "finding": _told(result.finding) if result.finding else None,
        "rectification_id": task,
    }


def _told(finding: Finding) -> Document:
    return {
        "rule_id": finding.rule_id,
        "rule_version": finding.rule_version,
        "severity": finding.severity.value,
        "message_zh": finding.message_zh,
        "remedy_zh": finding.remedy_zh,
        "basis": [citation.text_zh for citation in finding.basis],
        "object_ids": list(finding.object_ids),
        "breaches": [told_breach(breach) for breach in finding.breaches],
    }
