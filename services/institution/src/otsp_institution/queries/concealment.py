"""What nobody reads out of the history, or out of a difference: columns of persons, as masks."""

from collections.abc import Callable, Mapping
from typing import Any

from otsp_chassis import pii
from otsp_chassis.history import Concealed
from otsp_chassis.history.differences import HIDDEN

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
