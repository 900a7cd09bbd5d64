"""The password policy in force, and the hashes that a new password must differ from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from otsp_auth.model import Account, FormerPassword
from otsp_auth.rules.password_policy import PROFILES, PasswordPolicy
from otsp_auth.settings import AuthSettings, current_settings
from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.pii import decrypt


@dataclass(frozen=True, slots=True)
class PastPasswords:
    """Of one account: the hash in force, those before it (newest first), and its login names."""

    current: str | None
    former: Sequence[str]
    names: Sequence[str]


def current_policy() -> PasswordPolicy:
    """The profile, with what the settings say otherwise."""
    return _policy(current_settings())


def owes_new_password(role: str, *, must_change: bool, changed_at: datetime) -> bool:
    """Because somebody said so, or because the password has come to its age."""
    expires_at = current_policy().expires_at(role, changed_at)
    return must_change or (expires_at is not None and clock.now() >= expires_at)


@cache
def _policy(settings: AuthSettings) -> PasswordPolicy:
    given: dict[str, Any] = {
        "min_length": settings.password_min_length,
        "min_classes": settings.password_min_classes,
        "history": settings.password_history,
        "authority_max_age_days": settings.authority_password_days,
        "institution_max_age_days": settings.institution_password_days,
    }
    policy = replace(
        PROFILES[settings.password_profile],
        warning_days=settings.password_warning_days,
        **{name: value for name, value in given.items() if value is not None},
    )
    return replace(
        policy,
        authority_max_age_days=policy.authority_max_age_days or None,
        institution_max_age_days=policy.institution_max_age_days or None,
    )


def find_past_passwords(tx: Reader, account_id: UUID, *, history: int) -> PastPasswords:
    """Of nobody when the account does not exist."""
    account = tx.execute(
        select(Account.password_hash, Account.username, Account.mobile).where(
            Account.account_id == account_id
        )
    ).first()
    if account is None:
        return PastPasswords(None, [], [])
    former = tx.execute(
        select(FormerPassword.password_hash)
        .where(FormerPassword.account_id == account_id)
        .order_by(FormerPassword.replaced_at.desc(), FormerPassword.former_password_id.desc())
        .limit(history)
    )
    mobile = None if account.mobile is None else decrypt(account.mobile)
    names = [name for name in (account.username, mobile) if name is not None]
    return PastPasswords(account.password_hash, former.scalars().all(), names)
