"""Whose link a token is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from otsp_auth.model import PasswordLink
from otsp_chassis.db import Reader


def find_link(tx: Reader, token_sha256: bytes, now: datetime) -> UUID | None:
    """The account of a link that is still good."""
    query = select(PasswordLink.account_id).where(
        PasswordLink.token_sha256 == token_sha256, PasswordLink.expires_at > now
    )
    return tx.execute(query).scalars().first()
