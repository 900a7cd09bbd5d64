"""What every row carries."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from otsp_contracts.values import FieldError

Warnings = Sequence[FieldError]


@dataclass(frozen=True, slots=True)
class Row:
    """What every row carries."""

    warnings: Warnings = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Part(Row):
    """A row about one part of an institution."""
