"""What may be entered of accounts and authorities."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from otsp_auth.rules.password_policy import PasswordPolicy, check_password
from otsp_auth.rules.roles import REVIEWING_ROLES
from otsp_contracts import regions
from otsp_contracts.values import FieldError

NATION = "000000"
"""The region code of a national authority."""

_USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{3,63}")


def check_username(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """Never a number: that would be somebody's mobile."""
    username = fields.get("username")
    if username is not None and not _USERNAME.fullmatch(username):
        detail = "登录账号应以字母开头，由 4 至 64 个字母、数字、点、下划线或连字符组成。"
        yield FieldError("/username", "bad_username", detail)


def login_names(fields: Mapping[str, Any]) -> list[str]:
    """What a password must not contain."""
    return [fields[name] for name in ("username", "mobile") if fields.get(name)]


def check_account(fields: Mapping[str, Any], policy: PasswordPolicy) -> Iterator[FieldError]:
    """Reviewers belong to an authority, operators to none; an auditor of none sees the nation."""
    yield from check_username(fields)
    yield from check_password(
        "/password", fields.get("password"), policy, names=login_names(fields)
    )
    if "password" not in fields and fields.get("mobile") is None:
        detail = "不设置初始密码时，请填写手机号，用于发送设置密码的链接。"
        yield FieldError("/mobile", "required", detail)
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
