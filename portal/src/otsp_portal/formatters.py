"""How values are written on pages: the Jinja filters, and the globals that templates call.

Tables write 2024-10-28 and 6,800.00元, sentences 2024年10月28日 and 6800元. A missing value is an
empty string: a template that must say 「未填写」 says so itself.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from flask import Flask

from otsp_chassis.clock import SHANGHAI
from otsp_portal.calendar_strip import clock_weeks
from otsp_portal.static_files import bootstrap_url, static_url
from otsp_portal.texts import state_text, state_tone, text, text_pattern

WEEKDAYS: Final = "一二三四五六日"
_FEN_A_YUAN: Final = 100


def money(fen: int | None) -> str:
    """Fen for tables: 6,800.00元."""
    return "" if fen is None else f"{_yuan(fen):,.2f}元"


def yuan(fen: int | None) -> str:
    """Fen for sentences: 6800元, 6800.50元."""
    if fen is None:
        return ""
    amount = _yuan(fen)
    return f"{amount:.0f}元" if amount == amount.to_integral_value() else f"{amount:.2f}元"


def day(value: date | str | None) -> str:
    """A day for tables: 2024-10-28. A moment is told as its day in Shanghai."""
    found = _day_of(value)
    return "" if found is None else found.isoformat()


def day_zh(value: date | str | None) -> str:
    """A day for sentences and letters: 2024年10月28日."""
    found = _day_of(value)
    return "" if found is None else f"{found.year}年{found.month}月{found.day}日"


def short_day(value: date | str | None) -> str:
    """A day beside others of its year: 10月28日."""
    found = _day_of(value)
    return "" if found is None else f"{found.month}月{found.day}日"


def weekday(value: date | str | None) -> str:
    """星期一 to 星期日."""
    found = _day_of(value)
    return "" if found is None else f"星期{WEEKDAYS[found.weekday()]}"


def moment(value: datetime | str | None) -> str:
    """A moment in Shanghai time: 2024-10-28 09:12."""
    found = _moment_of(value)
    return "" if found is None else f"{found:%Y-%m-%d %H:%M}"


def clock_time(value: datetime | str | None) -> str:
    """The time of day in Shanghai: 09:12."""
    found = _moment_of(value)
    return "" if found is None else f"{found:%H:%M}"


def area(square_metres: Decimal | str | float | None) -> str:
    """210.00平方米."""
    return "" if square_metres is None else f"{Decimal(str(square_metres)):,.2f}平方米"


def percent(part: Decimal | str | float | None, digits: int = 0) -> str:
    """A share of 1 as 87%, or with digits=1 as 87.3%."""
    if part is None:
        return ""
    unit = Decimal(1).scaleb(-digits)
    return f"{(Decimal(str(part)) * 100).quantize(unit, ROUND_HALF_UP)}%"


def grouped(number: str | None) -> str:
    """A long number in groups of four with thin gaps for the eye: 5233 0106 MJFA KE01 1P.

    Numbers that bring their own hyphens keep them.
    """
    if number is None or "-" in number:
        return number or ""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


FILTERS: Final = (
    money,
    yuan,
    day,
    day_zh,
    short_day,
    weekday,
    moment,
    clock_time,
    area,
    percent,
    grouped,
)
GLOBALS: Final = (
    text,
    text_pattern,
    state_text,
    state_tone,
    static_url,
    bootstrap_url,
    clock_weeks,
)


def install(app: Flask) -> None:
    """Give templates their filters and globals, each under its own name."""
    app.jinja_env.filters.update({filter_.__name__: filter_ for filter_ in FILTERS})
    app.jinja_env.globals.update({function.__name__: function for function in GLOBALS})
    app.jinja_env.finalize = _nothing_for_none


def _nothing_for_none(value: object) -> object:
    """Of what is not known a page says nothing, and never "None"."""
    return "" if value is None else value


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / _FEN_A_YUAN


def _day_of(value: date | str | None) -> date | None:
    if isinstance(value, str) and len(value) == len("2024-10-28"):
        return date.fromisoformat(value)
    if isinstance(value, str | datetime):
        found = _moment_of(value)
        return None if found is None else found.date()
    return value


def _moment_of(value: datetime | str | None) -> datetime | None:
    """A moment as the API writes it (RFC 3339) or as Python holds it, in Shanghai time."""
    if not value:
        return None
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.astimezone(SHANGHAI)
