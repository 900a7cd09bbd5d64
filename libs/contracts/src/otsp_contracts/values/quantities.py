"""Money, spans of days, times of day: values that are computed with."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Self

from otsp_contracts.values.code import InvalidValue, normalise_code

_YUAN = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,2})?")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?")
_HOUR_MINUTE = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Fen:
    """Money in whole fen. Adds to money, multiplies by counts; there is no division."""

    fen: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads yuan as people type them: 1,234.5 or ￥1234.50 or 1234元."""
        number = normalise_code(text).removeprefix("¥").removeprefix("￥").removesuffix("元")
        if not (_YUAN.fullmatch(number) or _THOUSANDS.fullmatch(number)):
            raise InvalidValue("bad_format", "金额应为数字，最多两位小数")
        return cls(int(Decimal(number.replace(",", "")) * 100))

    def __add__(self, other: "Fen") -> "Fen":
        return Fen(self.fen + other.fen)

    def __sub__(self, other: "Fen") -> "Fen":
        return Fen(self.fen - other.fen)

    def __neg__(self) -> "Fen":
        return Fen(-self.fen)

    def __mul__(self, count: int) -> "Fen":
        return Fen(self.fen * count)

    __rmul__ = __mul__

    def share(self, basis_points: int) -> "Fen":
        """This much of it, rounded half up to whole fen."""
        exact = Decimal(self.fen * basis_points) / 10000
        return Fen(int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def __str__(self) -> str:
        sign = "-" if self.fen < 0 else ""
        yuan, fen = divmod(abs(self.fen), 100)
        return f"{sign}{yuan:,}.{fen:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included; no `last` means for good (长期)."""

    first: date
    last: date | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise InvalidValue("bad_period", "结束日期早于开始日期")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads ISO 8601: 2024-01-01/2024-12-31, or 2024-01-01/ for good."""
        first, slash, last = normalise_code(text).partition("/")
        try:
            if not slash:
                raise ValueError
            return cls(date.fromisoformat(first), date.fromisoformat(last) if last else None)
        except InvalidValue:
            raise
        except ValueError:
            raise InvalidValue("bad_format", "日期区间格式应如2024-01-01/2024-12-31") from None

    def __contains__(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def overlaps(self, other: "Period") -> bool:
        """Whether a day lies in both."""
        return other.first in self or self.first in other

    def days_left(self, today: date) -> int | None:
        """Days from `today` to the last day, negative once it is over; None when for good."""
        return None if self.last is None else (self.last - today).days

    def __str__(self) -> str:
        return f"{self.first.isoformat()}/{self.last.isoformat() if self.last else ''}"


@dataclass(frozen=True, slots=True, order=True)
class TimeOfDay:
    """A time on the clock in whole minutes; `minutes` may reach 24:00, the end of a day."""

    minutes: int

    def __post_init__(self) -> None:
        if not 0 <= self.minutes <= _MINUTES_A_DAY:
            raise InvalidValue("out_of_range", "时间须在当日之内")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads HH:MM from 00:00 to 23:59."""
        found = _HOUR_MINUTE.fullmatch(normalise_code(text))
        if found is None:
            raise InvalidValue("bad_format", "时间格式应为HH:MM")
        return cls(int(found[1]) * 60 + int(found[2]))

    def plus(self, minutes: int) -> "TimeOfDay":
        """So many minutes later; raises InvalidValue beyond 24:00."""
        return TimeOfDay(self.minutes + minutes)

    def __str__(self) -> str:
        return f"{self.minutes // 60:02d}:{self.minutes % 60:02d}"


def is_time_hm(text: str) -> bool:
    """Whether `text` is a time as HH:MM."""
    try:
        TimeOfDay.parse(text)
    except InvalidValue:
        return False
    return True
