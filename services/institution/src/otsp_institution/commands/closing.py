"""The end of an institution here: its licence is void, and nothing is proposed (§3.5)."""

from uuid import UUID

from otsp_chassis import audit
from otsp_chassis.db import Tx
from otsp_contracts.compliance import DeregistrationApproved, DeregistrationCompleted
from otsp_institution.commands.changes import changing
from otsp_institution.commands.parts import replace_columns
from otsp_institution.commands.proposals import drop_proposals
from otsp_institution.commands.registry import profile_of, tell_profile
from otsp_institution.commands.standing import get_for_change
from otsp_institution.model import SchoolLicence

_VOID = frozenset({"returned", "revoked"})


def close_institution(tx: Tx, asked: DeregistrationApproved) -> int:
    """Returns how much came to its end. Its standing stays until all services are done."""
    institution = get_for_change(tx, asked.institution_id)
    profile = profile_of(institution)
    ended = _void_licence(tx, asked)
    with changing(tx, institution, actor=asked.actor):
        ended += drop_proposals(tx, institution)
    tell_profile(tx, institution, profile, actor=asked.actor)
    return ended


def deregister(tx: Tx, told: DeregistrationCompleted) -> None:
    """From now on nobody's number is taken by it. Told again it changes nothing."""
    institution = get_for_change(tx, told.institution_id)
    if institution.deregistered_on is not None:
        return
    profile = profile_of(institution)
    with changing(tx, institution):
        institution.deregister(told.application_id, told.deregistered_on)
    tell_profile(tx, institution, profile, actor=None)
    audit.record(
        tx,
        "institution.deregistered",
        object_type="institution",
        object_id=told.institution_id,
        institution_id=told.institution_id,
        after={"compliance_status": institution.compliance_status},
    )


def _void_licence(tx: Tx, asked: DeregistrationApproved) -> int:
    licence = tx.get(SchoolLicence, asked.institution_id)
    if licence is None or licence.status in _VOID:
        return 0
    status = "revoked" if asked.reason == "revoked" else "returned"
    _replace(tx, asked.institution_id, status, actor=asked.actor)
    return 1


def _replace(tx: Tx, institution_id: UUID, status: str, *, actor: UUID | None) -> None:
    replace_columns(tx, SchoolLicence, institution_id, columns={"status": status}, actor=actor)
