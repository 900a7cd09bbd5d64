"""What an authority does to materials of its region: suspending, and picking for a spot check.

A review of the institution hinders neither.
"""

from typing import ClassVar
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.locks import guard_write
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Forbidden, NotFound, OutsideJurisdiction
from otsp_contracts.materials import MaterialSuspended
from otsp_materials.commands.writing import AUTHORITYS, get_for_change, publish_request, told
from otsp_materials.model import Material
from otsp_materials.queries import materials as queries
from otsp_materials.queries.sight import sight_of
from otsp_materials.rules.rows import MaterialRow
from otsp_materials.rules.supervision import supervises


class OtherDepartment(Forbidden):
    slug: ClassVar[str] = "material-other-department"
    title: ClassVar[str] = "Another department looks after this material"
    detail_zh: ClassVar[str] = "学科类培训材料由教育行政部门监管，请移交教育行政部门处理。"


def suspend_material(
    principal: Principal, institution_id: UUID, material_id: UUID, *, reason: str
) -> MaterialRow:
    """Out of use after an inspection (停用整改); there is no way back but a new version."""
    if principal.authority is None:
        raise OutsideJurisdiction
    authority_id, today = principal.authority.authority_id, clock.today()
    with transaction() as tx:
        material = _get_supervised(tx, principal, institution_id, material_id=material_id)
        before = queries.get_material(tx, institution_id, material_id)
        material.suspend(on=today, authority_id=authority_id, reason=reason)
        told(tx, material, "material.suspended", before=before, reason=reason)
        publish(
            tx,
            MaterialSuspended(
                version=material.version,
                actor=principal.account_id,
                from_state=before.status,
                to_state=material.status,
                material_id=material_id,
                institution_id=institution_id,
                authority_id=authority_id,
                suspended_on=today,
            ),
        )
        sight = sight_of(tx, principal, institution_id)
        return queries.get_visible_material(tx, sight, institution_id, material_id=material_id)


def sample_material(principal: Principal, institution_id: UUID, material_id: UUID) -> MaterialRow:
    """Picked for a spot check (抽查): it goes on to the authority's review, whatever it lacks."""
    with transaction() as tx:
        material = _get_supervised(tx, principal, institution_id, material_id=material_id)
        before = queries.get_material(tx, institution_id, material_id)
        material.request_outside(clock.today(), sampled=True)
        publish_request(tx, principal, material, from_state=before.status)
        told(tx, material, "material.sampled", before=before)
        sight = sight_of(tx, principal, institution_id)
        return queries.get_visible_material(tx, sight, institution_id, material_id=material_id)


def _get_supervised(
    tx: Tx, principal: Principal, institution_id: UUID, *, material_id: UUID
) -> Material:
    """Locked. To an authority a draft does not exist."""
    guard_write(tx, institution_id, AUTHORITYS)
    sight_of(tx, principal, institution_id)
    material = get_for_change(tx, institution_id, material_id)
    if material.status == "draft":
        raise NotFound
    if principal.authority and not supervises(principal.authority.department, material.category):
        raise OtherDepartment
    return material
