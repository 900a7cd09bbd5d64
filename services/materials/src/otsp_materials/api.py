"""The HTTP edge of the materials service."""

from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

from otsp_chassis import downloads
from otsp_chassis.audit.reading import entries_of
from otsp_chassis.clock import today
from otsp_chassis.db import reading
from otsp_chassis.files import AttachmentInfo
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_contracts.values import FieldError
from otsp_materials import commands, queries
from otsp_materials.model import InstitutionRef
from otsp_materials.rules import fields
from otsp_materials.rules.exports import ExportRow
from otsp_materials.rules.rows import MaterialRow

Body = dict[str, Any]


def _internal_result_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_internal_result(body, today())


def _adoption_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_adoption(body, today())


def _archiving_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_archiving(body, today())


def list_materials(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    status: list[str] | None = None,
) -> Page[MaterialRow]:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.list_materials(
            tx, UUID(institution_id), statuses=status or [], cursor=cursor, limit=limit
        )


@checked(fields.check_new_material)
def create_material(institution_id: str, principal: Principal, body: Body) -> Answer:
    return _created(
        commands.register_material(principal, UUID(institution_id), body), institution_id
    )


def get_material(institution_id: str, material_id: str, principal: Principal) -> Answer:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return _told(queries.get_material(tx, UUID(institution_id), UUID(material_id)))


def replace_material(
    institution_id: str,
    material_id: str,
    principal: Principal,
    *,
    body: Body,
    if_match: int | None,
) -> Answer:
    return _told(
        commands.replace_material(
            principal, UUID(institution_id), UUID(material_id), fields=body, if_match=if_match
        )
    )


def delete_material(
    institution_id: str, material_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    commands.delete_material(principal, UUID(institution_id), UUID(material_id), if_match=if_match)
    return Answer(status=204)


def create_version(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    material = commands.add_version(principal, UUID(institution_id), UUID(material_id), fields=body)
    return _created(material, institution_id)


def submit_for_internal_review(
    institution_id: str, material_id: str, principal: Principal
) -> Answer:
    return _told(
        commands.submit_for_internal_review(principal, UUID(institution_id), UUID(material_id))
    )


@checked(_internal_result_faults)
def record_internal_review(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    return _told(
        commands.record_internal_review(
            principal, UUID(institution_id), UUID(material_id), fields=body
        )
    )


def request_external_review(institution_id: str, material_id: str, principal: Principal) -> Answer:
    return _told(
        commands.request_external_review(principal, UUID(institution_id), UUID(material_id))
    )


@checked(_adoption_faults)
def adopt_material(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    return _told(
        commands.adopt_material(principal, UUID(institution_id), UUID(material_id), fields=body)
    )


@checked(_archiving_faults)
def archive_material(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    used_until = date.fromisoformat(body["used_until"])
    return _told(
        commands.archive_material(
            principal, UUID(institution_id), UUID(material_id), used_until=used_until
        )
    )


def request_export(institution_id: str, principal: Principal, *, body: Body) -> Answer:
    export = commands.request_export(
        principal,
        UUID(institution_id),
        file_format=body["format"],
        statuses=body.get("filters", {}).get("status", []),
    )
    place = f"/api/materials/v1/institutions/{institution_id}/exports/{export.export_id}"
    return Answer(export, 202, location=place)


def get_export(institution_id: str, export_id: str, principal: Principal) -> ExportRow:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.get_export(tx, UUID(institution_id), UUID(export_id))


def upload_file(
    institution_id: str, principal: Principal, *, name: str, content_type: str, stream: BinaryIO
) -> Answer:
    info = commands.store_file(
        principal, UUID(institution_id), name=name, content_type=content_type, stream=stream
    )
    return Answer(info, 201)


def get_file(institution_id: str, file_id: str, principal: Principal) -> AttachmentInfo:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.get_file(tx, UUID(institution_id), UUID(file_id))


get_file_content = downloads.get_file_content


def _told(material: MaterialRow) -> Answer:
    return Answer(material, version=material.version)


def _created(material: MaterialRow, institution_id: str) -> Answer:
    location = f"/api/materials/v1/institutions/{institution_id}/materials/{material.material_id}"
    return Answer(material, 201, version=material.version, location=location)


list_audit_entries = entries_of(InstitutionRef.__table__)
