"""Masked personal data in clear."""

from uuid import UUID

from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.reveals import NEVER_STORED, Asked
from otsp_staff.api import Body
from otsp_staff.commands import reveals as commands


def reveal_staff(institution_id: str, staff_id: str, principal: Principal, *, body: Body) -> Answer:
    revealed = commands.reveal_staff(
        principal, UUID(institution_id), UUID(staff_id), asked=Asked.of(body)
    )
    return Answer(revealed, headers=NEVER_STORED)
