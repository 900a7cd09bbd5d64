"""Keeps the copies of institutions, authorities, leave covers, and sites that are to move."""

from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.copies import keep_newer
from otsp_chassis.db import Tx
from otsp_compliance.model import (
    AuthorityRef,
    InstitutionRef,
    LeaveCoverRef,
    RecoveryRef,
    RelocationRef,
)
from otsp_contracts.auth import AuthorityChanged, DelegationChanged, RecoveryRequestChanged
from otsp_contracts.courses import RelocationProposed
from otsp_contracts.institution import ProfileChanged, RegistrationSubmitted

BEFORE_THE_FIRST_PROFILE = 0


def keep_institution(tx: Tx, told: ProfileChanged) -> None:
    keep_newer(
        tx,
        InstitutionRef,
        key="institution_id",
        values={
            "institution_id": told.institution_id,
            "version": told.version,
            "name": told.name,
            "region_code": told.region_code,
            "categories": list(told.categories),
            "delivery_modes": list(told.delivery_modes),
            "nonsubject_types": list(told.nonsubject_types),
            "primary_nonsubject_type": told.primary_nonsubject_type,
            "stages": list(told.stages),
            "legal_nature": told.legal_nature,
            "registration_status": told.registration_status,
            "compliance_status": told.compliance_status,
            "has_proposed_change": told.has_proposed_change,
            "licence_delivery": _listed(told.licence_delivery),
            "first_approved_on": told.first_approved_on,
        },
    )


def keep_registrant(tx: Tx, told: RegistrationSubmitted) -> None:
    """What a registration says of an institution, until its owner tells its profile."""
    tx.execute(
        insert(InstitutionRef)
        .values(
            institution_id=told.institution_id,
            version=BEFORE_THE_FIRST_PROFILE,
            name=told.name,
            region_code=told.region_code,
            categories=list(told.categories),
            delivery_modes=list(told.delivery_modes),
            nonsubject_types=list(told.nonsubject_types),
            primary_nonsubject_type=told.primary_nonsubject_type,
            stages=list(told.stages),
            legal_nature=told.legal_nature,
            registration_status=told.to_state,
            compliance_status="not_applied",
            has_proposed_change=False,
        )
        .on_conflict_do_nothing()
    )


def keep_authority(tx: Tx, told: AuthorityChanged) -> None:
    keep_newer(
        tx,
        AuthorityRef,
        key="authority_id",
        values={
            "authority_id": told.authority_id,
            "version": told.version,
            "name": told.name,
            "level": told.level,
            "department": told.department,
            "region_code": told.region_code,
            "parent_authority_id": told.parent_authority_id,
            "is_active": told.active,
            "reviewer_count": told.reviewer_count,
            "reviewer_ids": None if told.reviewer_ids is None else list(told.reviewer_ids),
        },
    )


def keep_leave_cover(tx: Tx, told: DelegationChanged) -> None:
    """Lent rights are carried by the sessions of whoever has them: nothing to keep of those."""
    if told.kind == "leave_cover":
        values = told.model_dump(exclude={"kind", "actor"})
        keep_newer(tx, LeaveCoverRef, key="delegation_id", values=values)


def keep_recovery(tx: Tx, told: RecoveryRequestChanged) -> None:
    keep_newer(tx, RecoveryRef, key="request_id", values=told.model_dump())


def keep_relocation(tx: Tx, told: RelocationProposed) -> None:
    values = told.model_dump() | {"site_ids": list(told.site_ids)}
    keep_newer(tx, RelocationRef, key="institution_id", values=values)


def _listed(codes: tuple[str, ...] | None) -> list[str] | None:
    return None if codes is None else list(codes)
