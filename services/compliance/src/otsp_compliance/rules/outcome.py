"""What judging something can come to: a breach, or the admission that data are lacking.

Pointers are RFC 6901 pointers into the snapshot's parts as they travel: "/institution/name",
"/licence/valid_to", "/staff/3/quals", "/courses/0/classes/1/slots".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeAlias, TypeVar

Datum: TypeAlias = "bool | int | str | tuple[Datum, ...] | Mapping[str, Datum] | None"
"""What a finding may quote. Plain JSON: dates are ISO text, ratios basis points, money fen."""

Told: TypeAlias = "Datum | date | Mapping[str, Datum | date]"
"""The same as a check writes it down: with dates."""

T = TypeVar("T")


class MissingData(Exception):
    """Something a rule must know is null, or cannot be used.

    Raised by accessors and `need`; never a defect of the program, always one of the snapshot. A
    pointer without a leading slash is still relative to the object being judged.
    """

    def __init__(self, pointer: str, object_ids: tuple[str, ...] = ()) -> None:
        super().__init__(pointer)
        self.pointer = pointer
        self.object_ids = object_ids


def need(value: T | None, pointer: str) -> T:
    """`value`, or MissingData naming where it should have stood."""
    if value is None:
        raise MissingData(pointer)
    return value


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a rule is broken. An institution's own facts have no object id."""

    object_ids: tuple[str, ...]
    pointer: str
    found: Datum = None
    required: Datum = None
    detail_zh: str | None = None


Outcome = Breach | MissingData


@dataclass(frozen=True, slots=True)
class Fault:
    """A breach told from inside the object being judged; `each` anchors it in the snapshot."""

    field: str
    found: Told = None
    required: Told = None
    detail_zh: str | None = None


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A part of the snapshot with its place in it."""

    object_ids: tuple[str, ...]
    pointer: str
    value: T

    def breach(self, fault: Fault) -> Breach:
        """The fault as it is seen from the whole snapshot."""
        return Breach(
            self.object_ids,
            self._absolute(fault.field),
            plain(fault.found),
            plain(fault.required),
            fault.detail_zh,
        )

    def gap(self, missing: MissingData) -> MissingData:
        """The lack as it is seen from the whole snapshot, laid to this object."""
        return MissingData(self._absolute(missing.pointer), missing.object_ids or self.object_ids)

    def _absolute(self, pointer: str) -> str:
        return pointer if pointer.startswith("/") else f"{self.pointer}/{pointer}"


def plain(value: "Told") -> Datum:
    """Dates as ISO text, one level deep; everything else as it is."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return value
