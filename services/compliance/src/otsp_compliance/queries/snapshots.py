"""The file as it was filed (as of): a part of a sealed snapshot, never today's data."""

import gzip
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.pii import mask_name
from otsp_chassis.problems import NotFound
from otsp_compliance.model import Application, CaseStep, ReviewCase, Snapshot, SnapshotPart
from otsp_compliance.model.cases import OPEN
from otsp_compliance.queries.differences import NoSnapshot, NotTheirCase
from otsp_compliance.queries.visibility import require_reader
from otsp_compliance.rules.register import PUBLISHED_POSTS

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PartView:
    """One part as it was sealed on the day of filing.

    `part_sha256` is the digest that the seal names for it. `is_masked` for an authority whose case
    is over: names that only an open case shows are masked then. What persons are matched by
    (`id_hmac`) is shown to nobody.
    """

    application_id: UUID
    part: str
    as_of: date
    snapshot_sha256: str
    part_sha256: str
    is_masked: bool
    content: Document | list[Document]


def get_part(tx: Reader, principal: Principal, application_id: UUID, *, part: str) -> PartView:
    """For the institution itself, and for the authorities of the application's steps."""
    query = select(
        Application.institution_id, Application.region_code, Application.request_id
    ).where(Application.application_id == application_id)
    application = tx.execute(query).first()
    if application is None:
        raise NotFound
    require_reader(
        principal,
        institution_id=application.institution_id,
        region_code=application.region_code,
        authority_ids=_authorities(tx, application_id),
    )
    is_masked = principal.institution_id is None and not _in_hand(tx, principal, application_id)
    as_of, root, digest, content = _sealed(tx, application.request_id, part)
    shown = _shown(content, is_masked=is_masked)
    return PartView(application_id, part, as_of, root, digest, is_masked, shown)


def _sealed(tx: Reader, request_id: UUID, part: str) -> tuple[date, str, str, Any]:
    query = (
        select(Snapshot.as_of, Snapshot.sha256, SnapshotPart.sha256, SnapshotPart.content)
        .join(SnapshotPart, SnapshotPart.request_id == Snapshot.request_id)
        .where(Snapshot.request_id == request_id, SnapshotPart.part == part)
    )
    row = tx.execute(query).first()
    if row is None:
        raise NoSnapshot
    as_of, root, digest, content = row
    return as_of, root, digest, orjson.loads(gzip.decompress(content))


def _authorities(tx: Reader, application_id: UUID) -> set[UUID]:
    query = (
        select(CaseStep.authority_id)
        .join(ReviewCase, ReviewCase.case_id == CaseStep.case_id)
        .where(ReviewCase.subject_id == application_id)
    )
    return set(tx.execute(query).scalars())


def _in_hand(tx: Reader, principal: Principal, application_id: UUID) -> bool:
    """Whether it lies with the caller's authority. Those of no step see none of it."""
    authority = principal.authority
    if authority is None or authority.authority_id not in _authorities(tx, application_id):
        raise NotTheirCase
    lies_with = select(ReviewCase.authority_id).where(
        ReviewCase.subject_id == application_id, ReviewCase.state == OPEN
    )
    return tx.execute(lies_with).scalar() == authority.authority_id


def _shown(content: Document | list[Document], *, is_masked: bool) -> Document | list[Document]:
    if not isinstance(content, dict) or "staff" not in content:
        return content
    people = [_person(each, is_masked=is_masked) for each in content["staff"]]
    return content | {"staff": people}


def _person(person: Document, *, is_masked: bool) -> Document:
    shown = {name: value for name, value in person.items() if name != "id_hmac"}
    name = shown.get("name")
    if is_masked and isinstance(name, str) and shown.get("staff_type") not in PUBLISHED_POSTS:
        shown["name"] = mask_name(name)
    return shown
