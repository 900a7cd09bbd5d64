"""Reads: the blacklist, by jurisdiction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, select

from otsp_chassis.db import Reader
from otsp_chassis.identity import AuthorityClaim
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.pii import decrypt, mask_id, mask_name
from otsp_chassis.problems import NotFound
from otsp_staff.model import BlacklistEntry, Staff


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One blacklist entry as authorities see it; the number is never told again."""

    entry_id: UUID
    version: int
    id_type: str
    id_masked: str
    name_masked: str
    reason: str
    basis_doc: str
    decided_on: date
    decided_by: UUID
    region_code: str
    revoked_on: date | None
    revocation_reason: str | None


def list_entries(
    tx: Reader, authority: AuthorityClaim, *, cursor: str | None, limit: int
) -> Page[EntryRow]:
    """Entries decided within the authority's jurisdiction, in order of entry."""
    regions = tx.execute(select(BlacklistEntry.region_code).distinct()).scalars()
    covered = [region for region in regions if authority.covers(region)]
    query = _entries().where(BlacklistEntry.region_code.in_(covered))
    if cursor is not None:
        query = query.where(BlacklistEntry.entry_id > decode_id(cursor))
    rows = tx.execute(query.order_by(BlacklistEntry.entry_id).limit(limit + 1)).mappings()
    entries = [_entry_row(row) for row in rows]
    return make_page(entries, limit, key=lambda entry: [entry.entry_id])


def get_entry(tx: Reader, entry_id: UUID) -> EntryRow:
    row = tx.execute(_entries().where(BlacklistEntry.entry_id == entry_id)).mappings().first()
    if row is None:
        raise NotFound
    return _entry_row(row)


def employers_of(tx: Reader, id_index: bytes) -> Sequence[UUID]:
    """Institutions at which whoever has this number is employed; for the statistics only."""
    query = select(Staff.institution_id).where(
        Staff.id_index == id_index, Staff.status == "employed", Staff.deleted_at.is_(None)
    )
    return tx.execute(query.distinct()).scalars().all()


def _entries() -> Select[Any]:
    return select(BlacklistEntry.__table__)


def _entry_row(row: RowMapping) -> EntryRow:
    return EntryRow(
        entry_id=row["entry_id"],
        version=row["version"],
        id_type=row["id_type"],
        id_masked=mask_id(decrypt(row["id_no_sealed"])),
        name_masked=mask_name(decrypt(row["name_sealed"])),
        reason=row["reason"],
        basis_doc=row["basis_doc"],
        decided_on=row["decided_on"],
        decided_by=row["decided_by"],
        region_code=row["region_code"],
        revoked_on=row["revoked_on"],
        revocation_reason=row["revocation_reason"],
    )
