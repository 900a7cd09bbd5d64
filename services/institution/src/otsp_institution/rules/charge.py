"""Which authorities are in charge of an institution: whoever reviews it, and those above."""

from collections.abc import Collection
from dataclasses import dataclass

_LEVELS = ("county", "city", "province", "national")


@dataclass(frozen=True, slots=True)
class Seat:
    """A department at a level."""

    department: str
    level: str


UNTIL_REVIEWED = frozenset({Seat("education", "county")})
"""Until the routing has named somebody, the county's education department (domain spec R7)."""


def is_in_charge(asking: Seat, reviewing: Collection[Seat]) -> bool:
    """One of those that reviewed it, or one above in the same department; regions are compared
    by the caller. An office of another department, or one below, is not.
    """
    return any(
        asking.department == seat.department
        and _LEVELS.index(asking.level) >= _LEVELS.index(seat.level)
        for seat in reviewing or UNTIL_REVIEWED
    )
