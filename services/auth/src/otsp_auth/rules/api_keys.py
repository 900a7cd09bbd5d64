"""How long a key may live, and what it opens while it does."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from otsp_contracts.values import FieldError


def check_expiry(expires_on: date, today: date, *, longest: timedelta) -> Iterator[FieldError]:
    if expires_on < today:
        yield FieldError("/expires_on", "past", "有效期截止日期不能早于今天。")
    elif expires_on > today + longest:
        detail = f"有效期最长 {longest.days} 天，请选择 {today + longest} 或更早的日期。"
        yield FieldError("/expires_on", "too_long", detail)


def key_ends_at(expires_on: date, zone: tzinfo) -> datetime:
    """A key is good through its last day where the platform is; told in UTC like all moments."""
    return datetime.combine(expires_on + timedelta(days=1), time(), zone).astimezone(UTC)


def scopes_now(granted: Collection[str], of_creator: frozenset[str]) -> frozenset[str]:
    """Never more than the account that made the key may do at this moment."""
    return of_creator & frozenset(granted)
