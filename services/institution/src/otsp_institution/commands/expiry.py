"""Licences that end: told a month before, and the approval that rested on one ends with it."""

from datetime import date, timedelta

from sqlalchemy import or_, select

from otsp_chassis import audit
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_contracts.institution import LicenceExpired, LicenceExpiring
from otsp_institution.commands.changes import changing
from otsp_institution.commands.registry import profile_of, tell_profile
from otsp_institution.model import Institution, SchoolLicence

DAYS_BEFORE = 30
_APPROVED = ("compliant", "change_pending", "suspended")


def announce_expiring(tx: Tx, day: date) -> None:
    """Those whose licence ends in DAYS_BEFORE days, and who are approved by it."""
    valid_to = day + timedelta(days=DAYS_BEFORE)
    approved = (
        select(Institution.institution_id)
        .join(SchoolLicence, SchoolLicence.institution_id == Institution.institution_id)
        .where(SchoolLicence.valid_to == valid_to, Institution.compliance_status.in_(_APPROVED))
        .order_by(Institution.institution_id)
    )
    for institution_id in tx.scalars(approved):
        told = LicenceExpiring(
            institution_id=institution_id, valid_to=valid_to, days_left=DAYS_BEFORE
        )
        publish(tx, told)


def expire_licences(tx: Tx, day: date) -> None:
    """A licence holds on its last day. Whoever has a renewed one on record is spared."""
    for institution, valid_to in _ended(tx, day):
        profile, before = profile_of(institution), institution.compliance_status
        with changing(tx, institution):
            institution.expire()
        publish(
            tx,
            LicenceExpired(
                institution_id=institution.institution_id,
                version=institution.version,
                from_state=before,
                to_state=institution.compliance_status,
                valid_to=valid_to,
            ),
        )
        tell_profile(tx, institution, profile, actor=None)
        audit.record(
            tx,
            "institution.licence_expired",
            object_type="institution",
            object_id=institution.institution_id,
            institution_id=institution.institution_id,
            before={"compliance_status": before},
            after={"compliance_status": institution.compliance_status},
        )


def _ended(tx: Tx, day: date) -> list[tuple[Institution, date]]:
    stands = or_(
        Institution.compliance_status.in_(_APPROVED),
        Institution.compliance_before.in_(_APPROVED)
        & Institution.compliance_status.in_(("deregistering", "under_review")),
    )
    query = (
        select(Institution, SchoolLicence.valid_to)
        .join(SchoolLicence, SchoolLicence.institution_id == Institution.institution_id)
        .where(SchoolLicence.valid_to < day, stands)
        .order_by(Institution.institution_id)
        .with_for_update(of=Institution)
    )
    return [(row.Institution, row.valid_to) for row in tx.execute(query)]
