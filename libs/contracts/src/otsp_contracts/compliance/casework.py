"""Events of the people who handle cases, and who they are to others."""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from otsp_contracts.payload import Payload


class ReviewSeat(BaseModel):
    """A department and a level that a step of a case lay with.

    Whoever sits there for the institution's region is in charge of it, and so are those above in
    the same department.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    department: str
    level: str


class CaseTakenOver(Payload):
    """A case was taken from somebody who held it: by a colleague, the cover, the administrator.

    `how` is taken_over, covered or assigned; `account_id` holds it now, `actor` did it, for
    `reason` where one had to be given. Who lets a case go, or whose lease ran out, is told nothing.
    """

    TYPE: ClassVar[str] = "compliance.case_taken_over.v1"
    SUBJECT: ClassVar[str] = "case_id"

    case_id: UUID
    assignment_id: UUID
    actor: UUID
    institution_id: UUID
    kind: str
    authority_id: UUID
    how: str
    former_account_id: UUID
    account_id: UUID
    reason: str | None = None
