"""When a session is over, and which header can carry one."""

import re
from datetime import datetime, timedelta

_BEARER = re.compile(r"Bearer +([A-Za-z0-9_-]{43})", re.IGNORECASE)


def is_session_over(
    now: datetime, *, last_activity_at: datetime, expires_at: datetime, idle_limit: timedelta
) -> bool:
    """Ended by its age, or by nobody having used it for longer than the limit."""
    return now >= expires_at or now - last_activity_at > idle_limit


def session_ends_at(now: datetime, *, expires_at: datetime, idle_limit: timedelta) -> datetime:
    """The end of a session that is used now and never again."""
    return min(expires_at, now + idle_limit)


def bearer_token(header: str | None) -> str | None:
    """The session token of an Authorization header (RFC 6750); None when it cannot be one of ours.

    Ours are 256 bits in URL-safe base64, hence 43 characters.
    """
    match = _BEARER.fullmatch(header or "")
    return match[1] if match else None
