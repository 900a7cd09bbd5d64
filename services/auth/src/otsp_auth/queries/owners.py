"""Whose a mobile or a mail address is."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select

from otsp_auth.model import WORKING, Account, Verification
from otsp_chassis.db import Reader
from otsp_chassis.problems import NotFound


@dataclass(frozen=True, slots=True)
class Owner:
    """An account that is not cancelled, by its address."""

    account_id: UUID
    status: str

    @property
    def may_work(self) -> bool:
        return self.status in WORKING


def find_owner_of_mobile(tx: Reader, index: bytes) -> Owner | None:
    return _find_owner(tx, Account.mobile_index == index)


def find_owner_of_email(tx: Reader, index: bytes) -> Owner | None:
    """Only of a verified one (decision D38)."""
    return _find_owner(tx, (Account.email_index == index) & Account.email_verified_at.is_not(None))


def get_companion_id(tx: Reader, verification_id: UUID, *, account_id: UUID) -> UUID:
    """Of a verification that the account asked for and that has one, or NotFound."""
    query = select(Verification.companion_id).where(
        Verification.verification_id == verification_id, Verification.account_id == account_id
    )
    found = tx.execute(query).scalar()
    if found is None:
        raise NotFound
    return found


def _find_owner(tx: Reader, is_theirs: ColumnElement[bool]) -> Owner | None:
    query = select(Account.account_id, Account.status).where(
        is_theirs, Account.status != "cancelled"
    )
    row = tx.execute(query).first()
    return None if row is None else Owner(*row)
