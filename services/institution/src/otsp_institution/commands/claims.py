"""Who holds a number: registrations from their submission on, and whoever proposes to take it."""

from uuid import UUID

from sqlalchemy import select

from otsp_chassis import statements
from otsp_chassis.db import Tx
from otsp_institution.model import Institution, ProposedChange
from otsp_institution.model.registry import UsccRegistered
from otsp_institution.rules.standing import HOLDING_USCC

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(%(uscc)s, 0))"


def claim_uscc(tx: Tx, uscc: str, *, by: UUID) -> None:
    """Raises UsccRegistered when somebody else holds the number, or proposes to.

    Two that want it wait for each other: each index sees only its own table.
    """
    statements.run(tx, _ONE_AT_A_TIME, {"uscc": uscc})
    if is_claimed(tx, uscc, but=by):
        raise UsccRegistered


def is_claimed(tx: Tx, uscc: str, *, but: UUID) -> bool:
    held = select(Institution.institution_id).where(
        Institution.uscc == uscc,
        Institution.registration_status.in_(HOLDING_USCC),
        Institution.compliance_status != "deregistered",
        Institution.institution_id != but,
    )
    wanted = select(ProposedChange.institution_id).where(
        ProposedChange.uscc == uscc, ProposedChange.institution_id != but
    )
    return tx.execute(held.union_all(wanted).limit(1)).first() is not None
