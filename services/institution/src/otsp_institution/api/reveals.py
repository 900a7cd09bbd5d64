"""Masked personal data in clear."""

from uuid import UUID

from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.reveals import NEVER_STORED, Asked, check_asked
from otsp_institution.api.answers import Body
from otsp_institution.commands import reveals as commands


@checked(check_asked)
def reveal_institution(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    revealed = commands.reveal_institution(principal, UUID(institution_id), Asked.of(body))
    return Answer(revealed, headers=NEVER_STORED)
