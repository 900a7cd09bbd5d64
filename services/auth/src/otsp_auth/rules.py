"""Pure decisions about accounts: roles and their scopes, passwords, authorities, limits."""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from otsp_contracts import regions
from otsp_contracts.values import FieldError

_INSTITUTION_DATA = frozenset(
    f"{service}:{right}"
    for service in ("institution", "staff", "materials", "courses")
    for right in ("read", "write")
)
_REVIEW = frozenset(
    {
        "account:self",
        "compliance:read",
        "compliance:review",
        "compliance:rectify",
        "institution:read",
    }
)

ROLE_SCOPES: Mapping[str, frozenset[str]] = {
    "inst_admin": _INSTITUTION_DATA | {"account:self", "compliance:read", "compliance:file"},
    "reviewer": _REVIEW,
    "region_admin": _REVIEW
    | {"compliance:configure", "staff:blacklist", "institution:administer", "auth:administer"},
    "national_admin": frozenset(
        {"account:self", "auth:administer", "compliance:configure", "compliance:read"}
    ),
    "auditor": frozenset({"account:self", "audit:read"}),
    "operator": frozenset({"account:self", "platform:operate"}),
}
"""Role → the scopes that its sessions carry (domain specification §1.8, decision D33)."""

REVIEWING_ROLES = frozenset({"reviewer", "region_admin"})
"""Roles that may decide a case for their authority, counted for the two-person rule."""

GRANTABLE: Mapping[str, frozenset[str]] = {
    "national_admin": REVIEWING_ROLES | {"auditor", "operator"},
    "region_admin": frozenset({"reviewer"}),
}
"""Who may create accounts of which role; a region administrator in the own authority only."""

NATION = "000000"
"""The region code of a national authority."""

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{3,63}")
_BEARER = re.compile(r"Bearer +([A-Za-z0-9_-]{43})", re.IGNORECASE)


def scopes_of(role: str) -> frozenset[str]:
    """Raises KeyError for a role that does not exist."""
    return ROLE_SCOPES[role]


def check_password(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """At least ten characters of three classes (等保 8.1.4.1: 身份鉴别信息具有复杂度要求)."""
    yield from _password_faults("/password", fields.get("password"))


def check_password_change(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """The manual, 2.5: 新密码不能与当前密码相同."""
    new = fields.get("new_password")
    yield from _password_faults("/new_password", new)
    if new is not None and new == fields.get("current_password"):
        yield FieldError("/new_password", "unchanged", "新密码不能与当前密码相同。")


def check_username(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """Never a number: that would be somebody's mobile."""
    username = fields.get("username")
    if username is not None and not _USERNAME.fullmatch(username):
        detail = "登录账号应以字母开头，由 4 至 64 个字母、数字、点、下划线或连字符组成。"
        yield FieldError("/username", "bad_username", detail)


def check_account(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """Reviewers belong to an authority, operators to none; an auditor of none sees the nation."""
    yield from check_username(fields)
    yield from check_password(fields)
    role, authority = fields.get("role"), fields.get("authority_id")
    if role in REVIEWING_ROLES and authority is None:
        yield FieldError("/authority_id", "required", "该角色必须指定所属主管部门。")
    if role == "operator" and authority is not None:
        yield FieldError("/authority_id", "not_wanted", "运维账户不属于任何主管部门，请删除此项。")


def check_authority(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """The region is one of the authority's own level."""
    level, code = fields.get("level"), fields.get("region_code")
    if level is None or code is None:
        return
    if level == "national":
        if code != NATION:
            detail = f"国家级主管部门的行政区划代码应为 {NATION}。"
            yield FieldError("/region_code", "wrong_level", detail)
    elif regions.find_region(code) is None:
        yield FieldError("/region_code", "unknown_region", "行政区划代码不存在。")
    elif regions.level(code) != level:
        yield FieldError("/region_code", "wrong_level", "行政区划代码与所选层级不一致。")


def region_above(level: str, region_code: str) -> str | None:
    """Where the next higher authority sits; None above the nation."""
    if level == "national":
        return None
    return regions.parent(region_code) or NATION


def may_send_text(
    sent: Sequence[datetime], now: datetime, *, pause: timedelta, per_day: int
) -> bool:
    """`sent` are the moments of the last 24 hours' texts to one number."""
    return len(sent) < per_day and all(now - moment >= pause for moment in sent)


def is_session_over(
    now: datetime, *, last_activity_at: datetime, expires_at: datetime, idle_limit: timedelta
) -> bool:
    """Ended by its age, or by nobody having used it for longer than the limit."""
    return now >= expires_at or now - last_activity_at > idle_limit


def bearer_token(header: str | None) -> str | None:
    """The session token of an Authorization header (RFC 6750); None when it cannot be one of ours.

    Ours are 256 bits in URL-safe base64, hence 43 characters.
    """
    match = _BEARER.fullmatch(header or "")
    return match[1] if match else None


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


def _password_faults(pointer: str, password: str | None) -> Iterator[FieldError]:
    if password is None:
        return
    if len(password) < 10:
        yield FieldError(pointer, "too_short", "密码至少应有 10 个字符。")
    classes = {_class_of(character) for character in password}
    if len(classes) < 3:
        detail = "密码应至少包含大写字母、小写字母、数字、其他符号中的三种。"
        yield FieldError(pointer, "too_simple", detail)


def _class_of(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isupper():
        return "upper"
    return "lower" if character.islower() else "other"
