"""Operations on requests of persons to have something put right."""

from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.reveals import NEVER_STORED
from otsp_staff.api import Body
from otsp_staff.commands.corrections import answer_correction
from otsp_staff.queries.corrections import CorrectionView, list_corrections
from otsp_staff.queries.sight import sight_of


def list_requests(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    state: str | None = None,
) -> Page[CorrectionView]:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        return list_corrections(
            tx, UUID(institution_id), sight=sight, state=state, cursor=cursor, limit=limit
        )


def answer_request(
    institution_id: str, request_id: str, principal: Principal, *, body: Body
) -> Answer:
    request = answer_correction(
        principal,
        UUID(institution_id),
        UUID(request_id),
        decision=body["decision"],
        answer=body["answer"],
    )
    return Answer(request, headers=NEVER_STORED)
