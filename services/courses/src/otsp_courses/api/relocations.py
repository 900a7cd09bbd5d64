"""Sites of an approved institution that are to move (docs/changes.md)."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_courses.commands import relocations as commands
from otsp_courses.queries import relocations as queries


def get_relocation(institution_id: str, site_id: str, principal: Principal) -> Answer:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        told = queries.get_relocation(tx, UUID(institution_id), UUID(site_id))
    return Answer(told, version=told.version)


def propose_relocation(
    institution_id: str,
    site_id: str,
    principal: Principal,
    *,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    told = commands.propose_relocation(
        principal, UUID(institution_id), UUID(site_id), fields=body, if_match=if_match
    )
    return Answer(told, version=told.version)


def discard_relocation(
    institution_id: str, site_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    commands.discard_relocation(principal, UUID(institution_id), UUID(site_id), if_match=if_match)
    return Answer(status=204)
