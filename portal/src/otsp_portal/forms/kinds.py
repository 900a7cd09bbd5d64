"""What people type, and what the API takes: one pair of functions for each kind of field.

Reading never guesses: text that cannot be that kind is `NotRight` with words, and goes to the API
as it was typed, so that the API tells all other faults in the same answer.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from otsp_portal.forms.fields import Field
from otsp_portal.texts import text
from otsp_portal.words import full_region_name, regions_called

Json = Any
Typed = Any
"""A text, a list of texts, a dict of typed values, or a list of such dicts."""


_WIDE: Final = {
    code: code - 0xFEE0
    for first, last in ("０９", "ＡＺ", "ａｚ")
    for code in range(ord(first), ord(last) + 1)
} | {0x3000: " "}
"""Full-width digits, letters and the blank."""


class NotRight(Exception):
    """What was typed is not of that kind; the words say what would be."""


def tidy(typed: str) -> str:
    """Full-width digits, letters and signs become plain ones; no blanks round it."""
    return unicodedata.normalize("NFKC", typed).strip()


def _code(typed: str, _field: Field) -> Json:
    """Numbers that people group by blanks and dashes when they write them."""
    return re.sub(r"[\s-]", "", tidy(typed)).upper() or None


def _digits(typed: str, _field: Field) -> Json:
    return re.sub(r"[\s-]", "", tidy(typed)) or None


def _text(typed: str, _field: Field) -> Json:
    return typed.strip().replace("\r\n", "\n") or None


def _plain(typed: str, _field: Field) -> Json:
    return tidy(typed) or None


def _words(typed: str, _field: Field) -> Json:
    """Chinese marks stay: a name is registered with its （）. Letters and digits become plain."""
    return typed.translate(_WIDE).strip() or None


def _whole(typed: str, field: Field) -> Json:
    number = tidy(typed).replace(",", "")
    if not number:
        return None
    if not re.fullmatch(r"-?\d{1,15}", number):
        raise NotRight(text("val.int", label=field.label))
    return int(number)


def _scaled(places: int) -> Callable[[str, Field], Json]:
    def read(typed: str, field: Field) -> Json:
        number = re.sub(r"(元|平方米|%|,|\s)", "", tidy(typed))
        if not number:
            return None
        try:
            value = Decimal(number) * 10**places
        except InvalidOperation:
            raise NotRight(text("val.number", label=field.label)) from None
        if not value.is_finite() or abs(value) > 10**15:
            raise NotRight(text("val.number", label=field.label))
        if value != value.to_integral_value():
            raise NotRight(text("val.decimals", label=field.label, n=places))
        return int(value)

    return read


def _shown_scaled(places: int) -> Callable[[Json, Field], str]:
    def show(value: Json, _field: Field) -> str:
        number = Decimal(value).scaleb(-places)
        return f"{number:f}".rstrip("0").rstrip(".") if places > 2 else f"{number:.{places}f}"

    return show


def _day(typed: str, field: Field) -> Json:
    """2024-10-15, 20241015, 2024.10.15, 2024/10/15 or 2024年10月15日."""
    plain = tidy(typed)
    if not plain:
        return None
    found = re.fullmatch(r"(\d{4})[-./年]?(\d{1,2})[-./月]?(\d{1,2})日?", plain)
    try:
        return date(*(int(part) for part in found.groups())).isoformat() if found else _no(field)
    except ValueError:
        return _no(field)


def _no(field: Field) -> Json:
    raise NotRight(text("val.date.bad", label=field.label))


def _month(typed: str, field: Field) -> Json:
    plain = tidy(typed)
    if not plain:
        return None
    found = re.fullmatch(r"(\d{4})[-./年]?(\d{1,2})月?", plain)
    if not found or not 1 <= int(found[2]) <= 12:
        raise NotRight(text("val.month", label=field.label))
    return f"{found[1]}-{int(found[2]):02}"


def _time(typed: str, field: Field) -> Json:
    plain = tidy(typed).replace("点", ":")
    if not plain:
        return None
    found = re.fullmatch(r"(\d{1,2})[:.]?(\d{2})?", plain)
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise NotRight(text("val.time", label=field.label))
    return f"{int(found[1]):02}:{int(found[2] or 0):02}"


def _yesno(typed: str, _field: Field) -> Json:
    return {"true": True, "false": False}.get(typed)


def _choice(typed: str, field: Field) -> Json:
    if not typed:
        return None
    return int(typed) if field.codes == "courses.WEEKDAYS_ZH" and typed.isdecimal() else typed


def _lines(typed: str, _field: Field) -> Json:
    return [line.strip() for line in typed.splitlines() if line.strip()]


def _days(typed: str, field: Field) -> Json:
    return [_day(line, field) for line in re.split(r"[\s,，;；、]+", typed) if line]


def _region(typed: str, field: Field) -> Json:
    if not typed.strip():
        return None
    found = regions_called(typed)
    if len(found) == 1:
        return found[0][0]
    if not found:
        raise NotRight(text("val.region.none", label=field.label))
    named = "、".join(name for _code, name in found[:4])
    raise NotRight(text("val.region.several", n=len(found), names=named))


def _many(typed: list[str], field: Field) -> Json:
    return [each for each in typed if each] or (None if field.is_none_when_blank else [])


def _same(value: Json, _field: Field) -> str:
    return str(value)


READ: Final[Mapping[str, Callable[[Any, Field], Json]]] = {
    "text": _words,
    "area_text": _text,
    "password": lambda typed, _field: typed or None,
    "uscc": _code,
    "id_no": _code,
    "mobile": _digits,
    "code": _digits,
    "tel": _plain,
    "email": _plain,
    "postcode": _digits,
    "whole": _whole,
    "money": _scaled(2),
    "area": _scaled(2),
    "percent": _scaled(2),
    "degrees": _scaled(6),
    "day": _day,
    "month": _month,
    "time": _time,
    "yesno": _yesno,
    "choice": _choice,
    "reference": _choice,
    "file": _choice,
    "region": _region,
    "texts": _lines,
    "days": _days,
    "choices": _many,
    "references": _many,
    "files": _many,
}

SHOWN: Final[Mapping[str, Callable[[Any, Field], Typed]]] = {
    "money": _shown_scaled(2),
    "area": _shown_scaled(2),
    "percent": _shown_scaled(2),
    "degrees": _shown_scaled(6),
    "yesno": lambda value, _field: "true" if value else "false",
    "texts": lambda value, _field: "\n".join(value),
    "days": lambda value, _field: "\n".join(value),
    "region": lambda value, _field: full_region_name(value) or value,
    "choices": lambda value, _field: list(value),
    "references": lambda value, _field: list(value),
    "files": lambda value, _field: list(value),
}


def read(typed: Typed, field: Field) -> Json:
    """The API's value; raises NotRight."""
    return READ[field.kind](typed, field)


def shown(value: Json, field: Field) -> Typed:
    """As it stands in the form."""
    if value is None:
        return [] if field.kind in ("choices", "references", "files") else ""
    return SHOWN.get(field.kind, _same)(value, field)
