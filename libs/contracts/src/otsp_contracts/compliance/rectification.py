"""Events of rectifications (整改)."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from otsp_contracts.payload import Payload, StateChange


class RectificationOpened(StateChange):
    """An institution was told to put something right by a day.

    Until it is closed readers keep it as `rectification_ref`. `kind` is for_profit_to_nonprofit,
    filing_to_approval or other; `actor` is null when the law or a published rule version opened it.
    """

    TYPE: ClassVar[str] = "compliance.rectification_opened.v1"
    SUBJECT: ClassVar[str] = "rectification_id"

    rectification_id: UUID
    institution_id: UUID
    kind: str
    issued_on: date | None = None
    due_on: date


class RectificationDue(Payload):
    """The day of a task comes near, or is today; what is missing is told when asked for.

    `days_left` is counted on the day of telling. A reminder that was missed is told once, late.
    """

    TYPE: ClassVar[str] = "compliance.rectification_due.v1"
    SUBJECT: ClassVar[str] = "rectification_id"

    rectification_id: UUID
    institution_id: UUID
    kind: str
    due_on: date
    days_left: int


class RectificationReturned(StateChange):
    """What was handed in did not do: the institution goes on with the task, by a new day."""

    TYPE: ClassVar[str] = "compliance.rectification_returned.v1"
    SUBJECT: ClassVar[str] = "rectification_id"

    rectification_id: UUID
    institution_id: UUID
    kind: str
    due_on: date


class RectificationClosed(StateChange):
    """What an institution was told to put right is done (closed) or forgiven (waived).

    It ends what readers keep as `rectification_ref`, and they keep it as ended.
    """

    TYPE: ClassVar[str] = "compliance.rectification_closed.v1"
    SUBJECT: ClassVar[str] = "rectification_id"

    rectification_id: UUID
    institution_id: UUID
    kind: str
    issued_on: date | None = None
    closed_on: date
