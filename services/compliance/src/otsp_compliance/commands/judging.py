"""Seals what was gathered and judges it by the rules in force, in the caller's transaction."""

import dataclasses
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import Table, bindparam, insert, select

from otsp_chassis import clock
from otsp_chassis.audit_hook import note_change
from otsp_chassis.canonical import canonical_bytes, digest_of
from otsp_chassis.db import Reader, Tx
from otsp_chassis.statements import Read
from otsp_compliance.commands.clocks import KnownDays, counted_by
from otsp_compliance.commands.law import Law, law_in_force
from otsp_compliance.commands.routing import find_steps
from otsp_compliance.model import Document, Finding, Gathering, Snapshot, SnapshotPart
from otsp_compliance.queries.rectifications import rectification_facts
from otsp_compliance.queries.rulebook import Rulebook, load_rulebook
from otsp_compliance.rules import engine
from otsp_compliance.rules.closing import Closing
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach
from otsp_compliance.rules.routing import RoutedInstitution
from otsp_compliance.rules.wording import found_zh, required_zh
from otsp_contracts import snapshots
from otsp_contracts.snapshots import InstitutionFacts

_PUT_PART = insert(cast("Table", SnapshotPart.__table__))
_PUT_SEAL = insert(cast("Table", Snapshot.__table__))
_PARTS = Read(
    select(*(SnapshotPart.__table__.c[name] for name in ("part", "sha256", "content"))).where(
        SnapshotPart.__table__.c.request_id == bindparam("request_id")
    )
)
_FIRST_RULESET = (
    select(SnapshotPart.content)
    .join(Gathering, Gathering.request_id == SnapshotPart.request_id)
    .where(Gathering.application_id == bindparam("application_id"), SnapshotPart.part == "ruleset")
    .order_by(Gathering.began_at)
    .limit(1)
)
Part = Any
"""A part of a snapshot: a JSON document."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a sealed snapshot came to; `steps` are the reviews that it goes to."""

    institution: InstitutionFacts
    sha256: str
    evaluation: engine.Evaluation
    steps: list[Document]
    known: KnownDays


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is known again of a sealed snapshot."""

    institution: InstitutionFacts
    sha256: str
    valid_to: date | None
    """The end of the licence that it shows."""


def store_parts(tx: Tx, gathering: Gathering, documents: Mapping[str, Part]) -> dict[str, str]:
    """Keep parts for good; returns their digests."""
    raws = {part: canonical_bytes(document) for part, document in documents.items()}
    return store_raw_parts(tx, gathering, raws)


def store_raw_parts(tx: Tx, gathering: Gathering, raws: Mapping[str, bytes]) -> dict[str, str]:
    """The same of what is canonical already. The gathering must be in the database."""
    digests = {part: hashlib.sha256(raw).hexdigest() for part, raw in raws.items()}
    rows = [
        {
            "request_id": gathering.request_id,
            "part": part,
            "sha256": digests[part],
            "content": gzip.compress(raw, compresslevel=1, mtime=0),
        }
        for part, raw in raws.items()
    ]
    note_change(tx)
    tx.connection().execute(_PUT_PART, rows)
    return digests


def judge(
    tx: Tx, gathering: Gathering, exceptions: Mapping[str, str], *, is_first_round: bool = False
) -> Judgement:
    """Seal, evaluate, keep the findings, route. The four sections must have been stored."""
    read = tx.connection()  # past the session: nothing that is read here waits to be flushed
    parts, digests = _gathered(read, gathering)
    region_code = parts["institution"]["institution"].get("region_code")
    news = counted_by(tx)  # before the calendar
    book = load_rulebook(read) if is_first_round else _rulebook(read, gathering)
    law = law_in_force(tx, region_code, gathering.as_of, book=book)
    if gathering.closing is not None:
        law = dataclasses.replace(law, catalogue=law.book.closings)
    own = {
        "rectifications": rectification_facts(read, gathering.institution_id),
        "region": law.region.model_dump(mode="json"),
        "ruleset": law.ruleset(),
    } | ({"closing": gathering.closing} if gathering.closing is not None else {})
    sha256 = _seal(tx, gathering, digests | store_parts(tx, gathering, own))
    snapshot = snapshots.Snapshot.model_validate(
        {**parts, **own, "as_of": gathering.as_of.isoformat()}
    )
    evaluation = _evaluate(snapshot, law, exceptions=exceptions, closing=gathering.closing)
    institution = snapshot.institution.institution
    steps = find_steps(read, RoutedInstitution.of(institution), gathering.as_of, rules=law.routing)
    _keep(tx, gathering, evaluation, steps=steps)
    known = KnownDays(news, law.calendar, law.region, gathering.as_of)
    return Judgement(institution, sha256, evaluation, steps, known)


def _evaluate(
    snapshot: snapshots.Snapshot,
    law: Law,
    *,
    exceptions: Mapping[str, str],
    closing: Document | None,
) -> engine.Evaluation:
    if closing is None:
        return engine.evaluate(
            snapshot,
            as_of=law.as_of,
            parameters=law.parameters,
            calendar=law.calendar,
            catalogue=law.catalogue,
            exceptions=exceptions,
        )
    typed = Closing.of(closing)
    facts = Facts(
        snapshot,
        as_of=law.as_of,
        parameters=law.parameters,
        calendar=law.calendar,
        closing=typed,
    )
    found = engine.judge(facts, law.catalogue, exceptions)
    return found.for_reviewers() if typed.is_by_authority else found


def recall(tx: Tx, request_id: UUID) -> Sealed:
    """The seal of a judged gathering, and the institution in it."""
    query = (
        select(Snapshot.sha256, SnapshotPart.content)
        .join(SnapshotPart, SnapshotPart.request_id == Snapshot.request_id)
        .where(Snapshot.request_id == request_id, SnapshotPart.part == "institution")
    )
    row = tx.execute(query).one()
    section = snapshots.InstitutionSection.model_validate_json(gzip.decompress(row.content))
    licence = section.licence
    return Sealed(section.institution, row.sha256, licence.valid_to if licence else None)


def _gathered(tx: Reader, gathering: Gathering) -> tuple[dict[str, Part], dict[str, str]]:
    rows = _PARTS.rows(tx, {"request_id": gathering.request_id})
    parts = {row.part: orjson.loads(gzip.decompress(row.content)) for row in rows}
    return parts, {row.part: row.sha256 for row in rows}


def _rulebook(tx: Reader, gathering: Gathering) -> Rulebook:
    """An application keeps through all its rounds the publications that it was first judged by."""
    if gathering.application_id is None:
        return load_rulebook(tx)
    first = tx.scalar(_FIRST_RULESET, {"application_id": gathering.application_id})
    if first is None:
        return load_rulebook(tx)
    known = orjson.loads(gzip.decompress(first))["publications"]
    return load_rulebook(tx, known=[UUID(one) for one in known])


def _seal(tx: Tx, gathering: Gathering, digests: dict[str, str]) -> str:
    sha256 = digest_of(digests)
    row = {
        "request_id": gathering.request_id,
        "institution_id": gathering.institution_id,
        "as_of": gathering.as_of,
        "sha256": sha256,
        "part_digests": digests,
        "sealed_at": clock.business_now(),
    }
    tx.connection().execute(_PUT_SEAL, row)
    return sha256


def _keep(
    tx: Tx, gathering: Gathering, evaluation: engine.Evaluation, *, steps: list[Document]
) -> None:
    gathering.conclude(clock.now())
    gathering.is_blocked = evaluation.blocks
    gathering.blocking = list(evaluation.blocking)
    gathering.warnings = list(evaluation.warnings)
    gathering.to_acknowledge = sorted(evaluation.to_acknowledge)
    gathering.routed_steps = steps
    rows = [
        _row(gathering, position, finding=finding, is_apart=finding in evaluation.apart)
        for position, finding in enumerate(evaluation.findings)
    ]
    if rows:
        tx.execute(insert(Finding), rows)


def _row(
    gathering: Gathering, position: int, *, finding: engine.Finding, is_apart: bool
) -> dict[str, Any]:
    return {
        "request_id": gathering.request_id,
        "position": position,
        "rule_id": finding.rule_id,
        "rule_version": finding.rule_version,
        "severity": finding.severity.value,
        "is_blocking": finding.blocks,
        "is_apart": is_apart,
        "message_zh": finding.message_zh,
        "remedy_zh": finding.remedy_zh,
        "basis": [citation.text_zh for citation in finding.basis],
        "breaches": [told_breach(breach) for breach in finding.breaches],
        "object_ids": list(finding.object_ids),
        "exception_reason": finding.exception_reason,
    }


def told_breach(breach: Breach) -> Document:
    """A breach as it is kept and told: as data, and in words."""
    return {
        "object_ids": breach.object_ids,
        "pointer": breach.pointer,
        "found": breach.found,
        "found_zh": found_zh(breach),
        "required": breach.required,
        "required_zh": required_zh(breach),
        "detail_zh": breach.detail_zh,
    }
