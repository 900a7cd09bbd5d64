"""Dead letters as operators see them: one implementation that all services declare.

What a letter holds is not told here: `otsp dead-letters show` does, on the machine.
"""

from typing import Any
from uuid import UUID

from otsp_chassis.context import current_runtime
from otsp_chassis.dead_letters import DeadLetter, Selection, list_letters, redrive_here
from otsp_chassis.page import Page
from otsp_chassis.problems import Invalid
from otsp_contracts.values import FieldError


def list_dead_letters(*, limit: int, cursor: str | None = None) -> Page[DeadLetter]:
    """The oldest first."""
    return list_letters(current_runtime(), cursor=cursor, limit=limit)


def redrive_dead_letters(*, body: dict[str, Any]) -> dict[str, int]:
    """One, or all of a type: never all that there are, which is a command's (`--all`)."""
    event_id, type_ = body.get("event_id"), body.get("type")
    if (event_id is None) == (type_ is None):
        raise Invalid(
            errors=[FieldError("/event_id", "one_of", "请写事件编号，或写事件类型，二者选一。")]
        )
    chosen = Selection(event_id=UUID(event_id) if event_id else None, type=type_)
    return {"count": redrive_here(chosen, reason=body["reason"])}
