"""Reads of self-checks: findings by part of the file, and what changed since the last one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, func, select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound
from otsp_compliance.model import GatheredSection, Gathering
from otsp_compliance.model.gathering import JUDGED, RUNNING
from otsp_compliance.queries.examination import (
    Examination,
    Findings,
    FindingView,
    SealView,
    SectionProgress,
    get_examination,
)
from otsp_compliance.queries.steps import StepView
from otsp_compliance.rules.comparison import (
    PARTS_ZH,
    Comparison,
    Fault,
    compare,
    owner_of,
    part_of,
)
from otsp_contracts.snapshots import SECTIONS


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the sections are there."""

    gathered: int
    of: int


@dataclass(frozen=True, slots=True)
class SelfCheckSummary:
    """A self-check in a list. `state` is gathering, passed, blocked or gather_failed."""

    self_check_id: UUID
    institution_id: UUID
    purpose: str
    as_of: date
    state: str
    progress: Progress
    began_at: datetime
    ended_at: datetime | None
    blocking_count: int
    warning_count: int


@dataclass(frozen=True, slots=True)
class PartOfFile:
    """The findings that are cured in one part of the institution's file; `section` owns it."""

    part: str
    section: str
    label_zh: str
    findings: Sequence[FindingView]


@dataclass(frozen=True, slots=True)
class SinceLast:
    """What changed since the last check that came to a judgement."""

    self_check_id: UUID
    as_of: date
    new: Sequence[Fault]
    cured: Sequence[Fault]
    remaining: Sequence[Fault]


@dataclass(frozen=True, slots=True)
class SelfCheckView:
    """`since_last` is null while it gathers, and for the first one of its purpose."""

    self_check_id: UUID
    institution_id: UUID
    purpose: str
    as_of: date
    state: str
    progress: Progress
    sections: Sequence[SectionProgress]
    missing_sections: Sequence[str]
    blocking: Sequence[str]
    warnings: Sequence[str]
    findings: Findings
    by_part: Sequence[PartOfFile]
    since_last: SinceLast | None
    routed_steps: Sequence[StepView]
    snapshot: SealView | None
    elapsed_ms: int | None


def get_self_check(tx: Reader, principal: Principal, self_check_id: UUID) -> SelfCheckView:
    """A self-check is the institution's own affair: no authority reads it."""
    row = tx.execute(
        select(Gathering.institution_id, Gathering.as_of, _PURPOSE).where(
            Gathering.request_id == self_check_id, Gathering.application_id.is_(None)
        )
    ).first()
    if row is None:
        raise NotFound
    principal.require_own(row.institution_id)
    found = get_examination(tx, self_check_id)
    return SelfCheckView(
        self_check_id=self_check_id,
        institution_id=row.institution_id,
        purpose=row.purpose,
        as_of=row.as_of,
        state=_state(found.state, is_blocked=found.is_blocked),
        progress=Progress(
            sum(section.received_at is not None for section in found.sections),
            len(found.sections),
        ),
        sections=found.sections,
        missing_sections=found.missing_sections,
        blocking=found.blocking,
        warnings=found.warnings,
        findings=found.findings,
        by_part=_by_part(found.findings),
        since_last=_since_last(tx, self_check_id, row, found=found),
        routed_steps=found.routed_steps,
        snapshot=found.snapshot,
        elapsed_ms=found.elapsed_ms,
    )


def list_self_checks(
    tx: Reader, principal: Principal, institution_id: UUID, *, cursor: str | None, limit: int
) -> Page[SelfCheckSummary]:
    """The institution's own, newest first."""
    principal.require_own(institution_id)
    gathered = (
        select(func.count(GatheredSection.received_at))
        .where(GatheredSection.request_id == Gathering.request_id)
        .scalar_subquery()
    )
    query = select(*_SUMMARY, gathered.label("gathered")).where(
        Gathering.institution_id == institution_id, Gathering.application_id.is_(None)
    )
    if cursor is not None:
        query = query.where(Gathering.request_id < decode_id(cursor))
    rows = tx.execute(query.order_by(Gathering.request_id.desc()).limit(limit + 1))
    summaries = [
        SelfCheckSummary(
            row.request_id,
            row.institution_id,
            row.purpose,
            row.as_of,
            _state(row.state, is_blocked=row.is_blocked),
            Progress(row.gathered, len(SECTIONS)),
            row.began_at,
            row.ended_at,
            len(row.blocking),
            len(row.warnings),
        )
        for row in rows
    ]
    return make_page(summaries, limit, key=lambda one: [one.self_check_id])


def _since_last(
    tx: Reader, self_check_id: UUID, this: Row[Any], *, found: Examination
) -> SinceLast | None:
    """Checks of one purpose are compared: the others go by other rules."""
    if found.state != JUDGED:
        return None
    query = select(Gathering.request_id, Gathering.as_of).where(
        Gathering.institution_id == this.institution_id,
        Gathering.application_id.is_(None),
        this.purpose == _PURPOSE,
        Gathering.state == JUDGED,
        Gathering.request_id < self_check_id,
    )
    last = tx.execute(query.order_by(Gathering.request_id.desc()).limit(1)).first()
    if last is None:
        return None
    before = get_examination(tx, last.request_id)
    told: Comparison = compare(_faults(before.findings), _faults(found.findings))
    return SinceLast(last.request_id, last.as_of, told.new, told.cured, told.remaining)


def _faults(findings: Findings) -> Iterator[Fault]:
    for finding in _all(findings):
        for breach in finding.breaches:
            objects: Iterable[str | None] = breach["object_ids"] or (None,)
            for object_id in objects:
                yield Fault(
                    finding.rule_id,
                    object_id,
                    None if object_id else breach["pointer"],
                    finding.severity,
                    finding.message_zh,
                )


def _by_part(findings: Findings) -> list[PartOfFile]:
    """A finding stands in the part in which its first breach is."""
    grouped: dict[str, list[FindingView]] = {part: [] for part in PARTS_ZH}
    for finding in _all(findings):
        grouped[part_of(finding.breaches[0]["pointer"])].append(finding)
    return [
        PartOfFile(part, owner_of(part), PARTS_ZH[part], found)
        for part, found in grouped.items()
        if found
    ]


def _all(findings: Findings) -> Iterator[FindingView]:
    """Blocking ones first. Findings about the data are none of the others."""
    yield from findings.blocking
    yield from findings.excused
    yield from findings.warnings
    yield from findings.data


def _state(state: str, *, is_blocked: bool | None) -> str:
    if state == JUDGED:
        return "blocked" if is_blocked else "passed"
    return "gathering" if state == RUNNING else "gather_failed"


_PURPOSE = case((Gathering.closing.is_(None), "compliance"), else_="deregistration").label(
    "purpose"
)
_SUMMARY = (
    Gathering.request_id,
    Gathering.institution_id,
    _PURPOSE,
    Gathering.as_of,
    Gathering.state,
    Gathering.is_blocked,
    Gathering.began_at,
    Gathering.ended_at,
    Gathering.blocking,
    Gathering.warnings,
)
