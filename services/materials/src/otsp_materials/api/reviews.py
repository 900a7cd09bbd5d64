"""Operations on the reviews of a material, and on its use."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from otsp_chassis.clock import today
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_contracts.values import FieldError
from otsp_materials.api import Body
from otsp_materials.api.answers import told
from otsp_materials.commands import retention
from otsp_materials.commands import reviews as commands
from otsp_materials.rules import fields


def _internal_result_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_internal_result(body, today())


def _adoption_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_adoption(body, today())


def _archiving_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_archiving(body, today())


def submit_for_internal_review(
    institution_id: str, material_id: str, principal: Principal
) -> Answer:
    return told(
        commands.submit_for_internal_review(principal, UUID(institution_id), UUID(material_id))
    )


@checked(_internal_result_faults)
def record_internal_review(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    return told(
        commands.record_internal_review(
            principal, UUID(institution_id), UUID(material_id), fields=body
        )
    )


def request_external_review(institution_id: str, material_id: str, principal: Principal) -> Answer:
    return told(
        commands.request_external_review(principal, UUID(institution_id), UUID(material_id))
    )


@checked(_adoption_faults)
def adopt_material(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    return told(
        commands.adopt_material(principal, UUID(institution_id), UUID(material_id), fields=body)
    )


@checked(_archiving_faults)
def archive_material(
    institution_id: str, material_id: str, principal: Principal, *, body: Body
) -> Answer:
    used_until = date.fromisoformat(body["used_until"])
    return told(
        commands.archive_material(
            principal, UUID(institution_id), UUID(material_id), used_until=used_until
        )
    )


def purge_material(institution_id: str, material_id: str, principal: Principal) -> Answer:
    return told(retention.purge_material(principal, UUID(institution_id), UUID(material_id)))
