"""What is deleted once nobody needs it: ended sessions, old codes, attempts, development texts."""

from datetime import timedelta

from sqlalchemy import delete

from otsp_auth.model import AddressAttempt, DevelopmentMessage, LoginSession, Verification
from otsp_chassis import clock
from otsp_chassis.db import transaction

_LONGER_THAN_ANY_LIMIT = timedelta(days=2)


def forget_outdated() -> None:
    now = clock.now()
    past = now - _LONGER_THAN_ANY_LIMIT
    with transaction() as tx:
        tx.execute(delete(LoginSession).where(LoginSession.expires_at < now))
        tx.execute(delete(Verification).where(Verification.sent_at < past))
        tx.execute(delete(AddressAttempt).where(AddressAttempt.at < past))
        tx.execute(delete(DevelopmentMessage).where(DevelopmentMessage.sent_at < past))
