"""Numbers of organisations and citizens, with their check digits.

The algorithms are GB 32100-2015 (USCC), GB 11714 (organisation code) and GB 11643-1999 (citizens).
County codes inside a number are not looked up: counties are dissolved, their numbers stay.
"""

import re
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import ClassVar, Self

from otsp_contracts.values.code import Code, InvalidValue

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CNID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CNID_OFFSET = ord("0") * sum(_CNID_WEIGHTS)
_CNID_CHECK_DIGITS = "10X98765432"
_USCC_FORM = re.compile(rf"[{_USCC_ALPHABET}]{{2}}[0-9]{{6}}[{_USCC_ALPHABET}]{{10}}")
_CNID_FORM = re.compile(r"[0-9]{17}[0-9X]")
_PROVINCES = frozenset(
    str(code)
    for codes in (range(11, 16), range(21, 24), range(31, 38), range(41, 47), range(50, 55))
    for code in codes
) | {"61", "62", "63", "64", "65", "71", "81", "82", "83"}


def uscc_check_digit(first_17: str) -> str:
    """The 18th character of a USCC."""
    total = sum(
        _USCC_ALPHABET.index(character) * weight
        for character, weight in zip(first_17, _USCC_WEIGHTS, strict=True)
    )
    return _USCC_ALPHABET[-total % 31]


def organisation_check_digit(first_8: str) -> str:
    """The 9th character of an organisation code (positions 9 to 17 of a USCC)."""
    total = sum(
        int(character, 36) * weight
        for character, weight in zip(first_8, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[-total % 11]


def cnid_check_digit(first_17: str) -> str:
    """The 18th character of a citizen number."""
    total = sum(map(mul, first_17.encode(), _CNID_WEIGHTS)) - _CNID_OFFSET
    return _CNID_CHECK_DIGITS[total % 11]


@dataclass(frozen=True, slots=True, repr=False)
class USCC(Code):
    """统一社会信用代码."""

    @classmethod
    def check(cls, text: str) -> None:
        if not _USCC_FORM.fullmatch(text):
            raise InvalidValue(
                "bad_format", "统一社会信用代码应为18位数字或大写字母（不含I、O、S、V、Z）"
            )
        if uscc_check_digit(text[:17]) != text[17]:
            raise InvalidValue("check_digit", "统一社会信用代码校验位错误")

    @property
    def registrar(self) -> str:
        """Positions 1 and 2: who registered it and as what (52 民办非企业单位, 91 企业)."""
        return self.text[:2]

    @property
    def region_code(self) -> str:
        """The county of registration at the time of registration."""
        return self.text[2:8]

    @property
    def organisation_code_is_sound(self) -> bool:
        """The inner check digit. Some registrars did not keep it: worth a warning only."""
        return organisation_check_digit(self.text[8:16]) == self.text[16]


@dataclass(frozen=True, slots=True, repr=False)
class CitizenId(Code):
    """公民身份号码."""

    PERSONAL: ClassVar[bool] = True

    @classmethod
    def parse(cls, text: str, today: date | None = None) -> Self:
        """With `today`, a day of birth in the future is refused too."""
        citizen = super(CitizenId, cls).parse(text)
        if today is not None and citizen.birth_date > today:
            raise InvalidValue("bad_date", "身份号码中的出生日期晚于今天")
        return citizen

    @classmethod
    def check(cls, text: str) -> None:
        if not _CNID_FORM.fullmatch(text) or text[:2] not in _PROVINCES:
            raise InvalidValue("bad_format", "公民身份号码应为18位有效号码")
        try:
            date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
        except ValueError:
            raise InvalidValue("bad_date", "身份号码中的出生日期不存在") from None
        if cnid_check_digit(text[:17]) != text[17]:
            raise InvalidValue("check_digit", "公民身份号码校验位错误")

    @property
    def birth_date(self) -> date:
        """Positions 7 to 14."""
        return date(int(self.text[6:10]), int(self.text[10:12]), int(self.text[12:14]))

    @property
    def sex(self) -> str:
        """M or F, by the parity of position 17."""
        return "M" if int(self.text[16]) % 2 else "F"

    def age_on(self, day: date) -> int:
        """Completed years on `day`."""
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def is_uscc(text: str) -> bool:
    """Whether `text` is a USCC with a right check digit."""
    return USCC.accepts(text)


def is_cnid(text: str) -> bool:
    """Whether `text` is a citizen number with a real date of birth and a right check digit."""
    return CitizenId.accepts(text)
