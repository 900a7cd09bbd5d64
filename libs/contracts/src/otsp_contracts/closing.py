"""How a service says that its part of a closing is done: the members that all five share."""

from typing import ClassVar, Self
from uuid import UUID

from otsp_contracts.compliance import DeregistrationApproved
from otsp_contracts.payload import Payload


class ClosingDone(Payload):
    """Nothing of the institution goes on here. Told again whenever it is asked again.

    `ended` is how many things came to their end by it; whatever had ended before is not counted.
    """

    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    application_id: UUID
    ended: int

    @classmethod
    def answering(cls, asked: DeregistrationApproved, ended: int) -> Self:
        """The answer to being asked to close."""
        return cls(
            institution_id=asked.institution_id, application_id=asked.application_id, ended=ended
        )
