"""How often something may be tried, and who is counted together."""

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta


def may_send_code(
    sent: Sequence[datetime], now: datetime, *, pause: timedelta, per_day: int
) -> bool:
    """`sent` are the moments of the last 24 hours' codes to one address."""
    return len(sent) < per_day and all(now - moment >= pause for moment in sent)


def address_group(address: str) -> str:
    """Whom an address limit counts together: one IPv4 address, the /64 of an IPv6 one."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def is_loopback(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
