"""Operations of an authority on materials of its region."""

from uuid import UUID

from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_materials.api import Body
from otsp_materials.api.answers import told
from otsp_materials.commands import supervision as commands


def suspend_material(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    return told(
        commands.suspend_material(
            principal, UUID(institution_id), UUID(material_id), reason=body["reason"]
        )
    )


def sample_material(institution_id: str, material_id: str, principal: Principal) -> Answer:
    return told(commands.sample_material(principal, UUID(institution_id), UUID(material_id)))
