"""A sealed snapshot as one document, and what was found broken in it."""

import gzip
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_compliance.model import Finding, SnapshotPart
from otsp_compliance.rules.notices import CLOSING, Broken
from otsp_contracts.snapshots import SECTIONS


def sealed_file(tx: Reader, request_id: UUID) -> Mapping[str, Any]:
    """The members of all sections, those of one owner beside those of the others, and what is
    typed of a closing.
    """
    parts = select(SnapshotPart.part, SnapshotPart.content).where(
        SnapshotPart.request_id == request_id, SnapshotPart.part.in_([*SECTIONS, CLOSING])
    )
    members: dict[str, Any] = {}
    for row in tx.execute(parts):
        content = orjson.loads(gzip.decompress(row.content))
        members |= {CLOSING: content} if row.part == CLOSING else content
    return members


def broken_rules(tx: Reader, request_id: UUID) -> dict[str, Broken]:
    """By rule. What breaks it is named by its objects, or by its place where there is no object."""
    rows = select(Finding.rule_id, Finding.basis, Finding.breaches).where(
        Finding.request_id == request_id
    )
    return {
        row.rule_id: Broken(row.rule_id, row.basis, frozenset(_faults_of(row.breaches)))
        for row in tx.execute(rows)
    }


def blocking_pointers(tx: Reader, request_id: UUID) -> list[str]:
    """Where in the file it is that something blocks."""
    rows = select(Finding.breaches).where(Finding.request_id == request_id, Finding.is_blocking)
    return [each["pointer"] for found in tx.execute(rows).scalars() for each in found]


def _faults_of(breaches: list[dict[str, Any]]) -> set[str]:
    faults: set[str] = set()
    for breach in breaches:
        faults.update(breach["object_ids"] or [breach["pointer"] or ""])
    return faults
