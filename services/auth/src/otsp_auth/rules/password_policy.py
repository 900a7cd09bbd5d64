"""What a new password must be, and how long it may be used."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from otsp_contracts.values import FieldError

_DISTINCT = 5
"""Fewer different characters are no password, however often they are repeated."""

_WORDS = """
    1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc abc abcabc abcd abcdef abcdefg admin administrator
    aini asdf asdfgh asdfghjkl asdfghjklzxcvbnm changeme default dragon guanliyuan guest hello
    iloveyou jiaoyu jiaoyuju juzhang letmein login master mima mimamima monkey passwd password
    peixun peixunjigou qazwsx qazwsxedc qwer qwerasdf qwerasdfzxcv qwert qwerty qwertyuiop root
    shenhe system temp temppass test testing user welcome woaini woaizhongguo xspx xuexiao xwpx
    zaq1xsw2 zhongguo zxcvbn zxcvbnm
"""
_COMMONPLACE = frozenset(_WORDS.split())
"""What is left of the passwords tried first, in lower case and without what frames them."""

_FRAME = re.compile(r"^[\d\W_]+|[\d\W_]+$")
_LOOKALIKES = str.maketrans("01345@$", "oieasas")
_SHIFTED = str.maketrans("!@#$%^&*()", "1234567890")


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """The parameters in force; ages are None where passwords do not age."""

    profile: str
    min_length: int
    min_classes: int
    history: int
    authority_max_age_days: int | None
    institution_max_age_days: int | None
    warning_days: int

    def expires_at(self, role: str, changed_at: datetime) -> datetime | None:
        """From when on the account has the duty to choose another password."""
        days = (
            self.institution_max_age_days if role == "inst_admin" else self.authority_max_age_days
        )
        return None if days is None else changed_at + timedelta(days=days)


PROFILES: Mapping[str, PasswordPolicy] = {
    "dengbao3": PasswordPolicy("dengbao3", 10, 3, 5, 90, None, 14),
}
"""GB/T 22239-2019 8.1.4.1 a) asks for complexity and periodic change."""


def check_password(
    pointer: str, password: str | None, policy: PasswordPolicy, *, names: Collection[str] = ()
) -> Iterator[FieldError]:
    """Without the account's history; None failed its schema. `names` are those it is found by."""
    if password is None:
        return
    if len(password) < policy.min_length:
        detail = f"密码至少应有 {policy.min_length} 个字符。"
        yield FieldError(pointer, "too_short", detail)
    if len({_class_of(character) for character in password}) < policy.min_classes:
        kinds = "一二三四"[policy.min_classes - 1]
        detail = f"密码应至少包含大写字母、小写字母、数字、其他符号中的{kinds}种。"
        yield FieldError(pointer, "too_simple", detail)
    if any(name.lower() in password.lower() for name in names):
        yield FieldError(pointer, "contains_name", "密码不能包含登录账号或手机号。")
    if is_commonplace(password):
        yield FieldError(pointer, "commonplace", "该密码过于常见，容易被猜中，请换一个。")


def check_password_change(
    fields: Mapping[str, str], policy: PasswordPolicy
) -> Iterator[FieldError]:
    """The manual, 2.5: 输入新密码并确认新密码，新密码不能与当前密码相同."""
    new = fields.get("new_password")
    yield from check_password("/new_password", new, policy)
    if new is not None and new == fields.get("current_password"):
        yield unchanged("/new_password")
    again = fields.get("new_password_confirmation")
    if None not in (new, again) and new != again:
        detail = "两次输入的新密码不一致，请重新输入。"
        yield FieldError("/new_password_confirmation", "differs", detail)


def unchanged(pointer: str) -> FieldError:
    return FieldError(pointer, "unchanged", "新密码不能与当前密码相同。")


def used_before(pointer: str, history: int) -> FieldError:
    return FieldError(pointer, "used_before", f"新密码不能与最近 {history} 次用过的密码相同。")


def is_commonplace(password: str) -> bool:
    """A well-known word in a frame of digits and signs (Admin@2026), or a few signs repeated."""
    if len(set(password)) < _DISTINCT:
        return True
    folded = password.lower()
    bare = _FRAME.sub("", folded)
    stems = {
        folded.translate(_SHIFTED),
        bare,
        bare.translate(_LOOKALIKES),
        _FRAME.sub("", folded.translate(_LOOKALIKES)),
    }
    return not _COMMONPLACE.isdisjoint(stems)


def told_as(policy: PasswordPolicy) -> list[str]:
    """Sentences for a form, zh-CN, the strictest first."""
    sentences = [f"密码至少 {policy.min_length} 个字符。"]
    if policy.min_classes > 1:
        kinds = "一二三四"[policy.min_classes - 1]
        sentences.append(f"应包含大写字母、小写字母、数字、其他符号中的至少{kinds}种。")
    sentences.append("不能包含登录账号或手机号，也不能是常见密码。")
    kept = f"，也不能与最近 {policy.history} 次用过的密码相同" if policy.history else ""
    sentences.append(f"新密码不能与当前密码相同{kept}。")
    for who, days in (
        ("培训机构", policy.institution_max_age_days),
        ("主管部门及其他账户", policy.authority_max_age_days),
    ):
        if days is not None:
            sentences.append(f"{who}的密码每 {days} 天须更换一次。")
    return sentences


def _class_of(character: str) -> str:
    if character.isdigit():
        return "digit"
    if character.isupper():
        return "upper"
    return "lower" if character.islower() else "other"
