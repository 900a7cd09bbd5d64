"""Requests for recovery as they are told to authorities, and whose account they are about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, false, func, or_, select

from otsp_auth.model import Account, InstitutionRef, RecoveryProof, RecoveryRequest
from otsp_auth.queries.legacy_rows import accounts_migrated_under, migrated_institution_name
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.pii import decrypt, mask_mobile, mask_name
from otsp_chassis.problems import NotFound
from otsp_chassis.tables import attachment

_UNCLAIMED = ("draft", "rejected")
"""Of a registration in these states the number proves nothing (decision D36)."""


@dataclass(frozen=True, slots=True)
class RecoveryRow:
    """One request. Persons are masked in lists, and None once they are no longer needed."""

    request_id: UUID
    version: int
    status: str
    awaits_second: bool
    institution_name: str
    uscc: str
    region_code: str
    delivery: str
    applicant_name: str | None
    applicant_mobile: str | None
    new_mobile: str | None
    authority_id: UUID
    submitted_at: datetime
    first_approved_by: UUID | None
    handled_by: UUID | None
    handled_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Proof:
    """A scan that came with a request."""

    file_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class InstitutionAccount:
    """An account of the institution that the request names."""

    account_id: UUID
    status: str
    mobile: str | None
    institution_name: str
    compliance_status: str | None


@dataclass(frozen=True, slots=True)
class RequestInFull:
    """All that a decision is made on."""

    request: RecoveryRow
    proofs: Sequence[Proof]
    accounts: Sequence[InstitutionAccount]


def get_request(tx: Reader, principal: Principal, request_id: UUID) -> RecoveryRow:
    """Masked; raises NotFound for what lies with another authority."""
    return _masked(_in_full(tx, principal, request_id))


def get_in_full(tx: Reader, principal: Principal, request_id: UUID) -> RequestInFull:
    request = _in_full(tx, principal, request_id)
    return RequestInFull(request, proofs_of(tx, request_id), accounts_of(tx, request.uscc))


def list_requests(
    tx: Reader, principal: Principal, *, status: str | None, cursor: str | None, limit: int
) -> Page[RecoveryRow]:
    """Masked, in the order in which they were begun."""
    query = _requests().where(within_reach(principal))
    if status is not None:
        query = query.where(RecoveryRequest.status == status)
    if cursor is not None:
        query = query.where(RecoveryRequest.request_id > decode_id(cursor))
    rows = tx.execute(query.order_by(RecoveryRequest.request_id).limit(limit + 1))
    found = [_masked(_told(row)) for row in rows]
    return make_page(found, limit, key=lambda each: [each.request_id])


def within_reach(principal: Principal) -> ColumnElement[bool]:
    """What lies with the own authority, or waits for its agreement as the second; drafts lie with
    none.
    """
    if principal.authority is None:
        return false()
    own = principal.authority.authority_id
    return or_(RecoveryRequest.authority_id == own, RecoveryRequest.second_authority_id == own)


def proofs_of(tx: Reader, request_id: UUID) -> list[Proof]:
    query = select(RecoveryProof.file_id, RecoveryProof.kind).where(
        RecoveryProof.request_id == request_id
    )
    return [Proof(*row) for row in tx.execute(query.order_by(RecoveryProof.kind))]


def accounts_of(tx: Reader, uscc: str) -> list[InstitutionAccount]:
    """Of the institutions that are registered under the number, and those that were migrated with
    it, which may not have logged in yet (§1.6); mobiles masked.
    """
    is_registered = (InstitutionRef.uscc == uscc) & InstitutionRef.registration_status.not_in(
        _UNCLAIMED
    )
    query = (
        select(
            Account.account_id,
            Account.status,
            Account.mobile,
            func.coalesce(InstitutionRef.name, migrated_institution_name()).label("name"),
            InstitutionRef.compliance_status,
        )
        .outerjoin(InstitutionRef, InstitutionRef.institution_id == Account.institution_id)
        .where(
            is_registered | Account.account_id.in_(accounts_migrated_under(uscc)),
            Account.status != "cancelled",
        )
        .order_by(Account.account_id)
    )
    return [
        InstitutionAccount(
            row.account_id,
            row.status,
            mask_mobile(decrypt(row.mobile)) if row.mobile else None,
            institution_name=row.name,
            compliance_status=row.compliance_status,
        )
        for row in tx.execute(query)
    ]


def count_open(tx: Reader, uscc: str, *, since: datetime) -> int:
    query = select(func.count()).where(
        RecoveryRequest.uscc == uscc,
        RecoveryRequest.status == "submitted",
        RecoveryRequest.submitted_at > since,
    )
    return int(tx.execute(query).scalar_one())


def count_uploads(tx: Reader, request_id: UUID) -> int:
    """Replaced ones too."""
    query = select(func.count()).where(attachment.c.institution_id == request_id)
    return int(tx.execute(query).scalar_one())


def outdated_requests(
    tx: Reader, *, drafts_before: datetime, decided_before: datetime
) -> Sequence[UUID]:
    """Forgotten drafts, and decided requests whose persons are no longer needed."""
    is_stale = (RecoveryRequest.status == "draft") & (RecoveryRequest.created_at < drafts_before)
    is_old = (RecoveryRequest.handled_at < decided_before) & (
        RecoveryRequest.applicant_name.is_not(None)
    )
    query = select(RecoveryRequest.request_id).where(or_(is_stale, is_old))
    return tx.execute(query.order_by(RecoveryRequest.request_id)).scalars().all()


def _in_full(tx: Reader, principal: Principal, request_id: UUID) -> RecoveryRow:
    query = _requests().where(RecoveryRequest.request_id == request_id, within_reach(principal))
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    return _told(row)


def _requests() -> Select[*tuple[Any, ...]]:
    return select(*RecoveryRequest.__table__.c)


def _told(row: Row[*tuple[Any, ...]]) -> RecoveryRow:
    return RecoveryRow(
        request_id=row.request_id,
        version=row.version,
        status=row.status,
        awaits_second=row.status == "submitted" and row.first_approved_by is not None,
        institution_name=row.institution_name,
        uscc=row.uscc,
        region_code=row.region_code,
        delivery=row.delivery,
        applicant_name=_decrypted(row.applicant_name),
        applicant_mobile=_decrypted(row.applicant_mobile),
        new_mobile=_decrypted(row.new_mobile),
        authority_id=row.authority_id,
        submitted_at=row.submitted_at,
        first_approved_by=row.first_approved_by,
        handled_by=row.handled_by,
        handled_at=row.handled_at,
        reason=row.reason,
    )


def _decrypted(value: bytes | None) -> str | None:
    return None if value is None else decrypt(value)


def _masked(row: RecoveryRow) -> RecoveryRow:
    return replace(
        row,
        applicant_name=row.applicant_name and mask_name(row.applicant_name),
        applicant_mobile=row.applicant_mobile and mask_mobile(row.applicant_mobile),
        new_mobile=row.new_mobile and mask_mobile(row.new_mobile),
    )
