"""Operations on online systems (业务系统)."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_courses.commands import hosts as commands
from otsp_courses.commands.readings import note_reading
from otsp_courses.queries import hosts as queries
from otsp_courses.queries.persons import as_seen
from otsp_courses.queries.sight import sight_of


def list_systems(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **filters: str,
) -> Page[queries.SystemTold]:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        page = queries.list_systems(
            tx, UUID(institution_id), filters=filters, cursor=cursor, limit=limit
        )
    note_reading(sight, UUID(institution_id), page.items)
    return Page([as_seen(system, sight) for system in page.items], page.next)


def add_system(institution_id: str, principal: Principal, body: dict[str, Any]) -> Answer:
    system = commands.add_system(principal, UUID(institution_id), body)
    location = f"/api/courses/v1/institutions/{institution_id}/systems/{system.system_id}"
    return Answer(system, 201, version=system.version, location=location)


def get_system(institution_id: str, system_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        system = queries.get_system(tx, UUID(institution_id), UUID(system_id))
    note_reading(sight, UUID(institution_id), [system])
    return Answer(as_seen(system, sight), version=system.version)


def change_system(
    institution_id: str,
    system_id: str,
    principal: Principal,
    *,
    body: dict[str, Any],
    if_match: int | None,
) -> Answer:
    system = commands.change_system(
        principal, UUID(institution_id), UUID(system_id), fields=body, if_match=if_match
    )
    return Answer(system, version=system.version)


def remove_system(
    institution_id: str, system_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    commands.remove_system(principal, UUID(institution_id), UUID(system_id), if_match=if_match)
    return Answer(status=204)
