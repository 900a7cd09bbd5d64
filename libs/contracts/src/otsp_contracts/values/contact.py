"""How to reach and pay somebody, and where he is."""

import re
from dataclasses import dataclass
from typing import ClassVar

from otsp_contracts import regions
from otsp_contracts.values.code import Code, InvalidValue, fold_width
from otsp_contracts.values.permits import PatternCode

_MOBILE = r"1[3-9][0-9]{9}"


@dataclass(frozen=True, slots=True, repr=False)
class Mobile(PatternCode):
    """A mainland mobile number."""

    PERSONAL: ClassVar[bool] = True
    FORM: ClassVar[re.Pattern[str]] = re.compile(_MOBILE)
    DETAIL: ClassVar[str] = "手机号应为11位数字"


@dataclass(frozen=True, slots=True, repr=False)
class Tel(PatternCode):
    """A fixed line with or without area code and extension, or a mobile number."""

    FORM: ClassVar[re.Pattern[str]] = re.compile(
        rf"(0[0-9]{{2,3}}-)?[0-9]{{7,8}}(-[0-9]{{1,6}})?|{_MOBILE}"
    )
    DETAIL: ClassVar[str] = "电话格式应如“0571-88001234”或手机号"


@dataclass(frozen=True, slots=True, repr=False)
class Email(PatternCode):
    """The useful part of RFC 5322, at most 100 characters. Upper and lower case are kept."""

    PERSONAL: ClassVar[bool] = True
    FORM: ClassVar[re.Pattern[str]] = re.compile(
        r"(?=.{6,100}\Z)[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*"
        r"@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
    )
    DETAIL: ClassVar[str] = "邮箱格式不正确"

    @classmethod
    def normalise(cls, text: str) -> str:
        return fold_width(text)


@dataclass(frozen=True, slots=True, repr=False)
class Zip6(PatternCode):
    """A postcode."""

    FORM: ClassVar[re.Pattern[str]] = re.compile(r"[0-9]{6}")
    DETAIL: ClassVar[str] = "邮编应为6位数字"


@dataclass(frozen=True, slots=True, repr=False)
class BankAccount(PatternCode):
    """A corporate account; those carry no Luhn digit."""

    PERSONAL: ClassVar[bool] = True
    FORM: ClassVar[re.Pattern[str]] = re.compile(r"[0-9A-Z]{8,32}")
    DETAIL: ClassVar[str] = "银行账号应为8至32位数字或字母"


@dataclass(frozen=True, slots=True, repr=False)
class Region6(Code):
    """A code of the GB/T 2260 table: province, city or county."""

    @classmethod
    def check(cls, text: str) -> None:
        if regions.find_region(text) is None:
            raise InvalidValue("unknown_region", "行政区划代码不存在")


def is_mobile(text: str) -> bool:
    """Whether `text` is a mainland mobile number."""
    return Mobile.accepts(text)


def is_tel(text: str) -> bool:
    """Whether `text` is a telephone number."""
    return Tel.accepts(text)


def is_email(text: str) -> bool:
    """Whether `text` is an e-mail address."""
    return Email.accepts(text)


def is_zip6(text: str) -> bool:
    """Whether `text` is a postcode."""
    return Zip6.accepts(text)


def is_bank_account(text: str) -> bool:
    """Whether `text` has the form of a bank account."""
    return BankAccount.accepts(text)


def is_region6(text: str) -> bool:
    """Whether `text` is a code of the GB/T 2260 table."""
    return Region6.accepts(text)
