"""Masked personal data in clear."""

from uuid import UUID

from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.reveals import NEVER_STORED, Asked
from otsp_institution.api.answers import Body
from otsp_institution.commands import reveals as commands


def reveal_institution(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    revealed = commands.reveal_institution(principal, UUID(institution_id), Asked.of(body))
    return Answer(revealed, headers=NEVER_STORED)
