"""What a new password must be."""

from collections.abc import Iterator, Mapping
from typing import Any

from otsp_contracts.values import FieldError


def check_password(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """At least ten characters of three classes (等保 8.1.4.1: 身份鉴别信息具有复杂度要求)."""
    yield from _password_faults("/password", fields.get("password"))


def check_password_change(fields: Mapping[str, Any]) -> Iterator[FieldError]:
    """The manual, 2.5: 新密码不能与当前密码相同."""
    new = fields.get("new_password")
    yield from _password_faults("/new_password", new)
    if new is not None and new == fields.get("current_password"):
        yield FieldError("/new_password", "unchanged", "新密码不能与当前密码相同。")


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
