"""Seals what was gathered and judges it by the rules in force, in the caller's transaction."""

import dataclasses
import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import insert, select

from otsp_chassis import clock
from otsp_chassis.canonical import canonical_bytes, digest_of
from otsp_chassis.db import Tx
from otsp_chassis.workcalendar import WorkCalendar
from otsp_compliance.commands.calendar import ensure_calendar
from otsp_compliance.commands.routing import find_steps
from otsp_compliance.model import Document, Finding, Gathering, Snapshot, SnapshotPart
from otsp_compliance.queries.rectifications import rectification_facts
from otsp_compliance.queries.region import parameters_in_force
from otsp_compliance.queries.routing_rules import routing_rules
from otsp_compliance.rules import engine
from otsp_compliance.rules.catalogue import catalogue
from otsp_compliance.rules.parameters import Parameters, resolve
from otsp_compliance.rules.routing import RoutedInstitution, delegated_levels
from otsp_contracts import snapshots
from otsp_contracts.snapshots import InstitutionFacts

Part = Any
"""A part of a snapshot: a JSON document."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a sealed snapshot came to; `steps` are the reviews that it goes to."""

    institution: InstitutionFacts
    sha256: str
    evaluation: engine.Evaluation
    steps: list[Document]


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is known again of a sealed snapshot."""

    institution: InstitutionFacts
    sha256: str


def store_parts(tx: Tx, gathering: Gathering, documents: Mapping[str, Part]) -> dict[str, str]:
    """Keep parts for good; returns their digests."""
    raws = {part: canonical_bytes(document) for part, document in documents.items()}
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
    tx.execute(insert(SnapshotPart), rows)
    return digests


def judge(tx: Tx, gathering: Gathering, exceptions: Mapping[str, str]) -> Judgement:
    """Seal, evaluate, keep the findings, route. The four sections must have been stored."""
    parts, digests = _gathered(tx, gathering)
    region_code = parts["institution"]["institution"].get("region_code")
    rules = routing_rules(tx, region_code)
    delegated = delegated_levels(region_code or "", rules, on_date=gathering.as_of)
    region = parameters_in_force(tx, region_code, gathering.as_of)
    parameters = resolve(region, delegated_levels=delegated)
    calendar = ensure_calendar(tx)
    own = {
        "rectifications": rectification_facts(tx, gathering.institution_id),
        "region": region.model_dump(mode="json"),
        "ruleset": _ruleset(gathering.as_of, parameters, calendar),
    }
    sha256 = _seal(tx, gathering, digests | store_parts(tx, gathering, own))
    snapshot = snapshots.Snapshot.model_validate(
        {**parts, **own, "as_of": gathering.as_of.isoformat()}
    )
    evaluation = engine.evaluate(
        snapshot,
        as_of=gathering.as_of,
        parameters=parameters,
        calendar=calendar,
        catalogue=catalogue(),
        exceptions=exceptions,
    )
    institution = snapshot.institution.institution
    steps = find_steps(tx, RoutedInstitution.of(institution), gathering.as_of, rules=rules)
    _keep(tx, gathering, evaluation, steps=steps)
    return Judgement(institution, sha256, evaluation, steps)


def recall(tx: Tx, request_id: UUID) -> Sealed:
    """The seal of a judged gathering, and the institution in it."""
    query = (
        select(Snapshot.sha256, SnapshotPart.content)
        .join(SnapshotPart, SnapshotPart.request_id == Snapshot.request_id)
        .where(Snapshot.request_id == request_id, SnapshotPart.part == "institution")
    )
    row = tx.execute(query).one()
    section = snapshots.InstitutionSection.model_validate_json(gzip.decompress(row.content))
    return Sealed(section.institution, row.sha256)


def _gathered(tx: Tx, gathering: Gathering) -> tuple[dict[str, Part], dict[str, str]]:
    query = select(SnapshotPart.part, SnapshotPart.sha256, SnapshotPart.content).where(
        SnapshotPart.request_id == gathering.request_id
    )
    rows = list(tx.execute(query))
    parts = {row.part: orjson.loads(gzip.decompress(row.content)) for row in rows}
    return parts, {row.part: row.sha256 for row in rows}


def _ruleset(as_of: date, parameters: Parameters, calendar: WorkCalendar) -> Document:
    """What the snapshot was judged by, so that the judgement can be repeated."""
    days = {day.isoformat(): is_working for day, is_working in calendar.exceptions.items()}
    return {
        "as_of": as_of.isoformat(),
        "rules": {rule.head.id: rule.head.version for rule in catalogue().in_force(as_of)},
        "parameters": dataclasses.asdict(parameters),
        "calendar": {
            "covers_from": calendar.covers_from.isoformat(),
            "covers_until": calendar.covers_until.isoformat(),
            "sha256": digest_of(days),
        },
    }


def _seal(tx: Tx, gathering: Gathering, digests: dict[str, str]) -> str:
    sha256 = digest_of(digests)
    tx.execute(
        insert(Snapshot).values(
            request_id=gathering.request_id,
            institution_id=gathering.institution_id,
            as_of=gathering.as_of,
            sha256=sha256,
            part_digests=digests,
            sealed_at=clock.business_now(),
        )
    )
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
        "breaches": [
            {
                "object_ids": breach.object_ids,
                "pointer": breach.pointer,
                "found": breach.found,
                "required": breach.required,
                "detail_zh": breach.detail_zh,
            }
            for breach in finding.breaches
        ],
        "object_ids": list(finding.object_ids),
        "exception_reason": finding.exception_reason,
    }
