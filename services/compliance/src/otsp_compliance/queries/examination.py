"""What a gathering brought: the progress of its sections, its findings, its seal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, bindparam, select

from otsp_chassis.db import Reader
from otsp_compliance.model import Document, Finding, GatheredSection, Gathering, Snapshot
from otsp_compliance.model.gathering import JUDGED
from otsp_compliance.queries.steps import StepView, resolved_step
from otsp_compliance.rules.completeness import FOR_REVIEWERS


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """`state` is waiting or received."""

    section: str
    state: str
    received_at: datetime | None
    version: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class FindingView:
    """One broken rule with every place where it is broken."""

    rule_id: str
    rule_version: int
    severity: str
    blocking: bool
    message_zh: str
    remedy_zh: str
    basis: Sequence[str]
    object_ids: Sequence[str]
    breaches: Sequence[Document]
    exception_reason: str | None


@dataclass(frozen=True, slots=True)
class Findings:
    """`data` are those about the data themselves (CMP-, V-), whatever their severity.

    `excused` are B* rules for which the institution asked for an exception: they do not block the
    filing, a reviewer must override them.
    """

    blocking: Sequence[FindingView]
    warnings: Sequence[FindingView]
    excused: Sequence[FindingView]
    data: Sequence[FindingView]


_NONE = Findings(blocking=(), warnings=(), excused=(), data=())


@dataclass(frozen=True, slots=True)
class SealView:
    """The root hash, and the hash of each part below it."""

    sha256: str
    parts: dict[str, str]
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that one gathering has to show so far."""

    state: str
    sections: Sequence[SectionProgress]
    repeats: int
    missing_sections: Sequence[str]
    is_blocked: bool | None
    blocking: Sequence[str]
    warnings: Sequence[str]
    to_acknowledge: Sequence[str]
    findings: Findings
    routed_steps: Sequence[StepView]
    snapshot: SealView | None
    elapsed_ms: int | None


def get_examination(tx: Reader, request_id: UUID, *, for_reviewers: bool = False) -> Examination:
    """The gathering must exist. Only reviewers see what concerns other institutions too."""
    row = tx.execute(_GATHERING, {"request_id": request_id}).one()
    lasted = row.ended_at - row.began_at if row.ended_at else None
    is_judged = row.state == JUDGED  # before that it has neither findings nor a seal
    return Examination(
        state=row.state,
        sections=_sections(tx, request_id),
        repeats=row.repeats,
        missing_sections=row.missing_sections,
        is_blocked=row.is_blocked,
        blocking=row.blocking,
        warnings=row.warnings,
        to_acknowledge=row.to_acknowledge,
        findings=_findings(tx, request_id, for_reviewers=for_reviewers) if is_judged else _NONE,
        routed_steps=[resolved_step(step) for step in row.routed_steps],
        snapshot=_seal(tx, request_id) if is_judged else None,
        elapsed_ms=round(lasted.total_seconds() * 1000) if lasted is not None else None,
    )


def _sections(tx: Reader, request_id: UUID) -> list[SectionProgress]:
    return [
        SectionProgress(
            section=row.section,
            state="waiting" if row.received_at is None else "received",
            received_at=row.received_at,
            version=row.section_version,
            sha256=row.sha256,
        )
        for row in tx.execute(_SECTIONS, {"request_id": request_id})
    ]


def _findings(tx: Reader, request_id: UUID, *, for_reviewers: bool) -> Findings:
    rows: list[Any] = [
        row
        for row in tx.execute(_FINDINGS, {"request_id": request_id})
        if for_reviewers or row.rule_id not in FOR_REVIEWERS
    ]
    own = [FindingView(*rest) for is_apart, *rest in rows if not is_apart]
    return Findings(
        blocking=[one for one in own if one.blocking],
        warnings=[one for one in own if one.severity == "W"],
        excused=[one for one in own if one.exception_reason is not None],
        data=[FindingView(*rest) for is_apart, *rest in rows if is_apart],
    )


def _seal(tx: Reader, request_id: UUID) -> SealView | None:
    row = tx.execute(_SEAL, {"request_id": request_id}).first()
    return SealView(*row) if row is not None else None


# Made once: every answer about an application runs all four.
_ASKED: BindParameter[UUID] = bindparam("request_id")
_GATHERING = select(
    Gathering.state,
    Gathering.began_at,
    Gathering.ended_at,
    Gathering.repeats,
    Gathering.missing_sections,
    Gathering.is_blocked,
    Gathering.blocking,
    Gathering.warnings,
    Gathering.to_acknowledge,
    Gathering.routed_steps,
).where(Gathering.request_id == _ASKED)
_SECTIONS = (
    select(
        GatheredSection.section,
        GatheredSection.received_at,
        GatheredSection.section_version,
        GatheredSection.sha256,
    )
    .where(GatheredSection.request_id == _ASKED)
    .order_by(GatheredSection.section)
)
_FINDINGS = (
    select(
        Finding.is_apart,
        Finding.rule_id,
        Finding.rule_version,
        Finding.severity,
        Finding.is_blocking,
        Finding.message_zh,
        Finding.remedy_zh,
        Finding.basis,
        Finding.object_ids,
        Finding.breaches,
        Finding.exception_reason,
    )
    .where(Finding.request_id == _ASKED)
    .order_by(Finding.position)
)
_SEAL = select(Snapshot.sha256, Snapshot.part_digests, Snapshot.sealed_at).where(
    Snapshot.request_id == _ASKED
)
