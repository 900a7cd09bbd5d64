"""What is deleted once nobody needs it: ended sessions, old codes, attempts, development texts."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from otsp_auth.model import (
    Account,
    AddressAttempt,
    ApiKeyUse,
    Captcha,
    DataSubjectSession,
    DevelopmentMessage,
    LegacyAccount,
    LoginFailure,
    LoginSession,
    PasswordLink,
    SecondFactor,
    SecondStep,
    Verification,
)
from otsp_auth.queries.legacy_rows import count_legacy_hashes
from otsp_chassis import audit, clock, metrics
from otsp_chassis.db import reading, transaction

_LONGER_THAN_ANY_LIMIT = timedelta(days=2)
_LEGACY_HASHES_KEPT = timedelta(days=365)  # decision D37


def forget_outdated() -> None:
    now = clock.now()
    past = now - _LONGER_THAN_ANY_LIMIT
    with transaction() as tx:
        tx.execute(delete(LoginSession).where(LoginSession.expires_at < now))
        tx.execute(delete(SecondStep).where(SecondStep.expires_at < now))
        tx.execute(delete(PasswordLink).where(PasswordLink.expires_at < now))
        tx.execute(delete(Captcha).where(Captcha.expires_at < now))
        tx.execute(delete(LoginFailure).where(LoginFailure.at < past))
        is_given_up = SecondFactor.confirmed_at.is_(None) & (SecondFactor.created_at < past)
        tx.execute(delete(SecondFactor).where(is_given_up))
        tx.execute(delete(DataSubjectSession).where(DataSubjectSession.expires_at < now))
        tx.execute(delete(ApiKeyUse).where(ApiKeyUse.used_on < past.date()))
        tx.execute(delete(Verification).where(Verification.sent_at < past))
        tx.execute(delete(AddressAttempt).where(AddressAttempt.at < past))
        tx.execute(delete(DevelopmentMessage).where(DevelopmentMessage.sent_at < past))


def erase_legacy_hashes() -> None:
    """Of accounts that nobody logged in to for a year: their owners then come by recovery."""
    is_due = LegacyAccount.imported_at < clock.now() - _LEGACY_HASHES_KEPT
    due = select(LegacyAccount.account_id).where(is_due)
    with transaction() as tx:
        erased = tx.scalars(
            update(Account)
            .where(Account.legacy_hash.is_not(None), Account.account_id.in_(due))
            .values(legacy_hash=None)
            .returning(Account.account_id)
        ).all()
        if erased:
            audit.record(
                tx,
                "auth.legacy_hashes_erased",
                object_type="legacy_accounts",
                object_id=f"{len(erased)}",
                after={"accounts": sorted(erased)},
            )
    with reading() as reader:
        metrics.LEGACY_HASHES.set(count_legacy_hashes(reader))
