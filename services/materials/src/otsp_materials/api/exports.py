"""Operations on exports of the list."""

from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_materials.api import Body
from otsp_materials.commands import exports as commands
from otsp_materials.queries import exports as queries
from otsp_materials.rules.exports import ExportRow


def request_export(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    export = commands.request_export(
        principal,
        UUID(institution_id),
        file_format=body["format"],
        filters=body.get("filters", {}),
    )
    place = f"/api/materials/v1/institutions/{institution_id}/exports/{export.export_id}"
    return Answer(export, 202, location=place)


def get_export(institution_id: str, export_id: str, principal: Principal) -> ExportRow:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.get_export(tx, UUID(institution_id), UUID(export_id))
