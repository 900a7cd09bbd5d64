"""Operations on materials: entering, reading, correcting, versioning, hiding."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_materials.api import Body
from otsp_materials.api.answers import created, told
from otsp_materials.commands import entries as commands
from otsp_materials.commands.readings import note_reading
from otsp_materials.queries import materials as queries
from otsp_materials.queries.sight import sight_of
from otsp_materials.rules import fields
from otsp_materials.rules.rows import MaterialRow


def list_materials(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **filters: Any,  # noqa: ANN401 - the contract's own
) -> Page[MaterialRow]:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        page = queries.list_materials(
            tx, sight, UUID(institution_id), filters=filters, cursor=cursor, limit=limit
        )
    note_reading(sight, UUID(institution_id), page.items)
    return page


@checked(fields.check_new_material)
def create_material(institution_id: str, principal: Principal, body: Body) -> Answer:
    return created(
        commands.register_material(principal, UUID(institution_id), body), institution_id
    )


def get_material(institution_id: str, material_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        row = queries.get_visible_material(
            tx, sight, UUID(institution_id), material_id=UUID(material_id)
        )
    note_reading(sight, UUID(institution_id), [row])
    return told(row)


def replace_material(
    institution_id: str,
    material_id: str,
    principal: Principal,
    *,
    body: Body,
    if_match: int | None,
) -> Answer:
    return told(
        commands.replace_material(
            principal, UUID(institution_id), UUID(material_id), fields=body, if_match=if_match
        )
    )


def delete_material(
    institution_id: str, material_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    commands.delete_material(principal, UUID(institution_id), UUID(material_id), if_match=if_match)
    return Answer(status=204)


def list_versions(
    institution_id: str,
    material_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
) -> Page[MaterialRow]:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        page = queries.list_versions(
            tx,
            sight,
            UUID(institution_id),
            material_id=UUID(material_id),
            cursor=cursor,
            limit=limit,
        )
    note_reading(sight, UUID(institution_id), page.items)
    return page


def create_version(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    material = commands.add_version(principal, UUID(institution_id), UUID(material_id), fields=body)
    return created(material, institution_id)
