"""What all sections share: how they are read, their scalar types, and warnings about fields.

A section is derived, never typed in. It carries whole numbers only (areas in hundredths of a
square metre, ratios in basis points, money in fen), so that its canonical JSON is the same in
every language. What a rule judges may be null: a missing value is a finding, not a parse error.
Codes are plain text, because a reader must not fail on a code that was added after it was built.
"""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints

WholeNumber = Annotated[int, Strict()]
Count = Annotated[int, Strict(), Field(ge=0)]
CentiM2 = Annotated[int, Strict(), Field(ge=0)]
BasisPoints = Annotated[int, Strict(), Field(ge=0)]
Money = Annotated[int, Strict()]
YesNo = Annotated[bool, Strict()]
HourMinute = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]

MISSING = "missing"
"""Warning code of a field that must be filled before filing; compliance reports it as CMP-001."""


class Facts(BaseModel):
    """A frozen part of a section. Unknown members are ignored: the sender may be newer."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class FieldWarning(Facts):
    """A stored value that its owner finds doubtful or missing, told by place and never by value.

    `object_id` is the id of the row (null for the institution itself), `pointer` the RFC 6901
    pointer inside that row, `code` either MISSING or the V-check in lower snake case ("v_09").
    """

    code: str
    object_id: str | None = None
    pointer: str


class Section(Facts):
    """The part of a snapshot that one service answers for."""

    SECTION: ClassVar[str]

    field_warnings: tuple[FieldWarning, ...] = ()
