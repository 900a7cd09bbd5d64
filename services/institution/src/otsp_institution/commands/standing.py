"""What others decide about an institution; called by event handlers within their transaction."""

from uuid import UUID

from sqlalchemy import delete, insert, select

from otsp_chassis import audit
from otsp_chassis.db import Tx
from otsp_chassis.outbox import publish
from otsp_chassis.problems import NotFound
from otsp_contracts.compliance import CaseDecided, DecisionSetAside
from otsp_contracts.institution import RegistrationDecided
from otsp_institution.commands.changes import changing
from otsp_institution.commands.proposals import settle_change
from otsp_institution.commands.registry import profile_of, tell_profile
from otsp_institution.model import Institution, ReviewSeat


def settle_registration(tx: Tx, decided: CaseDecided) -> None:
    """The authority's decision takes effect; the same case told again changes nothing."""
    institution = get_for_change(tx, decided.institution_id)
    if institution.decided_case_id == decided.case_id:
        return
    before, profile = institution.registration_status, profile_of(institution)
    with changing(tx, institution, actor=decided.actor):
        institution.settle_registration(
            decided.case_id,
            decided.decision,
            decided_on=decided.decided_on,
            reason=decided.reason,
        )
    publish(
        tx,
        RegistrationDecided(
            institution_id=institution.institution_id,
            version=institution.version,
            actor=decided.actor,
            from_state=before,
            to_state=institution.registration_status,
            case_id=decided.case_id,
            authority_id=decided.authority_id,
            decision=decided.decision,
            decided_on=decided.decided_on,
            reason=decided.reason,
        ),
    )
    tell_profile(tx, institution, profile, actor=decided.actor)
    _record(tx, institution, "institution.registration_decided", reason=decided.reason)


def follow_filing(tx: Tx, institution_id: UUID, application_id: UUID, *, kind: str) -> None:
    """An application of the institution was filed."""
    institution = get_for_change(tx, institution_id)
    profile = profile_of(institution)
    with changing(tx, institution):
        institution.file_application(application_id, kind)
    tell_profile(tx, institution, profile, actor=None)


def follow_outcome(
    tx: Tx,
    institution_id: UUID,
    application_id: UUID,
    *,
    kind: str,
    decision: str,
    actor: UUID | None,
) -> None:
    """An application of the institution is over; told again it changes nothing."""
    institution = get_for_change(tx, institution_id)
    profile = profile_of(institution)
    with changing(tx, institution, actor=actor):
        institution.settle_application(application_id, kind, decision)
        settle_change(tx, institution, application_id, decision=decision, actor=actor)
    tell_profile(tx, institution, profile, actor=None)


def follow_setting_aside(tx: Tx, told: DecisionSetAside) -> None:
    """A decision on an application of the institution was replaced by another."""
    institution = get_for_change(tx, told.institution_id)
    profile = profile_of(institution)
    with changing(tx, institution, actor=told.actor):
        institution.overturn(
            told.application_id,
            told.application_kind,
            was=told.from_state or "",
            now=told.outcome,
        )
    if told.outcome == "approved":
        keep_seats(tx, told)
    tell_profile(tx, institution, profile, actor=None)


def keep_seats(tx: Tx, approved: CaseDecided | DecisionSetAside) -> None:
    """Who reviewed it, by its newest case that was approved: an older one that comes late says
    nothing more. The institution's row is locked by whoever settled it before.
    """
    owner = ReviewSeat.institution_id == approved.institution_id
    known = tx.scalars(select(ReviewSeat.case_id).where(owner)).all()
    if not approved.seats or any(case_id > approved.case_id for case_id in known):
        return
    tx.execute(delete(ReviewSeat).where(owner))
    of = {"institution_id": approved.institution_id, "case_id": approved.case_id}
    tx.execute(insert(ReviewSeat), [of | seat.model_dump() for seat in approved.seats])


def get_for_change(tx: Tx, institution_id: UUID) -> Institution:
    institution = tx.get(Institution, institution_id, with_for_update={"key_share": True})
    if institution is None:
        raise NotFound
    return institution


def _record(tx: Tx, institution: Institution, action: str, *, reason: str | None) -> None:
    audit.record(
        tx,
        action,
        object_type="institution",
        object_id=institution.institution_id,
        institution_id=institution.institution_id,
        after={"registration_status": institution.registration_status},
        reason=reason,
    )
