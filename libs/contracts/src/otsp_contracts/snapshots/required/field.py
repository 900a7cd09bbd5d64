"""What the tables of required fields are made of."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Generic, Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What of the institution decides which fields are asked for, wherever they are kept."""

    as_of: date
    is_nonsubject: bool = False
    is_online: bool = False
    is_offline: bool = False
    is_nonprofit: bool = False

    @classmethod
    def of(
        cls,
        as_of: date,
        *,
        categories: Collection[str] = (),
        delivery_modes: Collection[str] = (),
        legal_nature: str | None = None,
    ) -> Self:
        return cls(
            as_of,
            is_nonsubject="nonsubject" in categories,
            is_online="online" in delivery_modes,
            is_offline="offline" in delivery_modes,
            is_nonprofit=legal_nature == "nonprofit",
        )


def always(_known: Circumstances, _row: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class RequiredField(Generic[T]):
    """A field by its path within the row, its Chinese label, and when it is required."""

    path: str
    label_zh: str
    when: Callable[[Circumstances, T], bool] = always

    def is_empty_in(self, row: T) -> bool:
        value: object = row
        for name in self.path.split("/"):
            value = getattr(value, name)
            if value is None:
                return True
        return value in ("", ())
