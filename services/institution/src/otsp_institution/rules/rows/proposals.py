"""Changes of major fields that are proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from otsp_institution.rules.rows.row import Warnings


@dataclass(frozen=True, slots=True)
class ProposedFieldRow:
    """A field on record, and what it is to hold; of personal values both are masks."""

    pointer: str
    label_zh: str | None
    before: object
    after: object
    is_masked: bool


@dataclass(frozen=True, slots=True)
class ProposedPartRow:
    """What is to change in one part of the file, with the doubts about the part as it would be."""

    part: str
    part_zh: str
    fields: Sequence[ProposedFieldRow]
    warnings: Warnings


@dataclass(frozen=True, slots=True)
class ProposedChangeRow:
    """拟变更事项 of an institution. `warnings` name what was typed and does not travel with it."""

    institution_id: UUID
    version: int
    parts: Sequence[ProposedPartRow]
    warnings: Warnings = ()
