"""What is told as a mask: persons in every history and difference, more to authorities (§5.3)."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from otsp_chassis import pii
from otsp_chassis.history import Concealed
from otsp_chassis.history.differences import HIDDEN
from otsp_chassis.history.reading import FieldTold
from otsp_institution.rules import rows

_PERSONAL: Mapping[str, Callable[[str], str]] = {
    "legal_rep_mobile": pii.mask_mobile,
    "legal_rep_nationality": lambda _: HIDDEN,
    "legal_rep_resides_in_china": lambda _: HIDDEN,
    "contact_name": pii.mask_name,
    "contact_mobile": pii.mask_mobile,
    "contact_email": pii.mask_email,
    "contact_position": lambda _: HIDDEN,
    "secretary_name": pii.mask_name,
    "secretary_mobile": pii.mask_mobile,
    "instructor_name": pii.mask_name,
}
"""Columns of privacy class 2 (domain specification §2.2, §2.6); numbers of identity are class 3."""


_ACCOUNT = "account_no"
"""Class 1, and yet only its end is for those who have no case of the institution."""

_Row = TypeVar("_Row", bound=rows.Part)


def masked_names(kind: type[rows.Part]) -> list[str]:
    """What an authority without a case sees of such a part as a mask only."""
    return [each.name for each in fields(kind) if each.name in _PERSONAL or each.name == _ACCOUNT]


def masked(row: _Row) -> _Row:
    given = {name: getattr(row, name) for name in masked_names(type(row))}
    masks: dict[str, Any] = {name: _mask(name, value) for name, value in given.items() if value}
    return replace(row, **masks)


def with_masked_account(field: FieldTold) -> FieldTold:
    """Of a history, for who has no case: it holds persons as masks already."""
    if field.pointer != f"/{_ACCOUNT}":
        return field
    before, after = (end and _mask(_ACCOUNT, end) for end in (field.before, field.after))
    return replace(field, before=before, after=after, is_masked=True)


def _mask(name: str, value: str) -> str:
    return pii.mask_account(value) if name == _ACCOUNT else _PERSONAL[name](value)


def concealed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        if value is None or name not in _PERSONAL
        else Concealed(value, _PERSONAL[name](value))
        for name, value in values.items()
    }


def concealed_number(index: bytes | str | None, mask: str | None) -> Concealed | None:
    """Compared by its blind index: another number may have the same mask."""
    if index is None or mask is None:
        return None
    return Concealed(index.hex() if isinstance(index, bytes) else index, mask)
