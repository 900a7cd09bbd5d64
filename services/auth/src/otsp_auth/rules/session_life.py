"""When a session is over, and what is told of it."""

from datetime import datetime, timedelta

DEVICE_LENGTH = 200


def is_session_over(
    now: datetime, *, last_activity_at: datetime, expires_at: datetime, idle_limit: timedelta
) -> bool:
    """Ended by its age, or by nobody having used it for longer than the limit."""
    return now >= expires_at or now - last_activity_at > idle_limit


def session_ends_at(used_at: datetime, *, expires_at: datetime, idle_limit: timedelta) -> datetime:
    """The end of a session that was used then and never again."""
    return min(expires_at, used_at + idle_limit)


def device_told(user_agent: str | None) -> str | None:
    """What a browser says of itself, short enough for a list; nothing is read out of it."""
    return user_agent[:DEVICE_LENGTH] if user_agent else None
