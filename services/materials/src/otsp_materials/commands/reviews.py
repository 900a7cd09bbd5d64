"""Reviews inside and outside, and what follows from them: use, and its end."""

from datetime import date
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.locks import guard_write
from otsp_chassis.outbox import publish
from otsp_contracts.compliance import CaseDecided
from otsp_contracts.materials import ExternalReviewRecorded
from otsp_materials.commands.writing import (
    AUTHORITYS,
    attachment,
    day,
    get_for_change,
    open_for_write,
    publish_request,
    refuse,
    told,
)
from otsp_materials.model import Material
from otsp_materials.queries import materials as queries
from otsp_materials.rules.fields import Fields, ends_before_use, incomplete, not_separated
from otsp_materials.rules.rows import MaterialRow
from otsp_materials.rules.states import ACTIONS_BY_DECISION, is_basic_subject

CASE_KIND = "external_review"
_CLOSED = "close_outside"


def submit_for_internal_review(
    principal: Principal, institution_id: UUID, material_id: UUID
) -> MaterialRow:
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, material_id)
        material = get_for_change(tx, institution_id, material_id)
        before = queries.get_material(tx, institution_id, material_id)
        material.submit()
        refuse(incomplete(_what_is_reviewed(material)))
        return told(tx, material, "material.submitted_for_internal_review", before=before)


def record_internal_review(
    principal: Principal, institution_id: UUID, material_id: UUID, *, fields: Fields
) -> MaterialRow:
    """What the institution's reviewers found; basic subject material goes on to the authority."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, material_id)
        material = get_for_change(tx, institution_id, material_id)
        before = queries.get_material(tx, institution_id, material_id)
        material.pass_or_fail_inside(passed=fields["result"] == "pass")
        authors = [author["staff_id"] for author in material.authors]
        refuse(not_separated(fields["reviewer_ids"], authors))
        record = attachment(
            tx, institution_id, fields.get("record_file_id"), pointer="/record_file_id"
        )
        material.internal_reviewer_ids = [UUID(each) for each in fields["reviewer_ids"]]
        material.internal_reviewed_on = date.fromisoformat(fields["reviewed_on"])
        material.internal_opinion = fields.get("opinion")
        material.internal_record_file_id = record.file_id if record else None
        if material.status == "internal_passed" and is_basic_subject(
            material.category, material.form
        ):
            _request(tx, principal, material)
        return told(tx, material, "material.internally_reviewed", before=before)


def request_external_review(
    principal: Principal, institution_id: UUID, material_id: UUID
) -> MaterialRow:
    """For what was picked for a spot check, and again for what came back without a result."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, material_id)
        material = get_for_change(tx, institution_id, material_id)
        before = queries.get_material(tx, institution_id, material_id)
        _request(tx, principal, material)
        return told(tx, material, "material.external_review_requested", before=before)


def adopt_material(
    principal: Principal, institution_id: UUID, material_id: UUID, *, fields: Fields
) -> MaterialRow:
    """Into use on the internal review alone; ExternalReviewNeeded where that is not enough."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, material_id)
        material = get_for_change(tx, institution_id, material_id)
        before = queries.get_material(tx, institution_id, material_id)
        material.adopt(date.fromisoformat(fields["used_from"]))
        refuse(incomplete(_what_is_reviewed(material)))
        material.filed = fields.get("filed", material.filed)
        material.filed_on = day(fields.get("filed_on")) or material.filed_on
        return told(tx, material, "material.adopted", before=before)


def archive_material(
    principal: Principal, institution_id: UUID, material_id: UUID, *, used_until: date
) -> MaterialRow:
    """Out of use; kept for three years from then."""
    principal.require_own(institution_id)
    with transaction() as tx:
        open_for_write(tx, institution_id, material_id)
        material = get_for_change(tx, institution_id, material_id)
        before = queries.get_material(tx, institution_id, material_id)
        material.archive(used_until)
        refuse(ends_before_use(material.used_from, used_until))
        return told(tx, material, "material.archived", before=before)


def record_external_review(tx: Tx, decision: CaseDecided) -> None:
    """Take the authority's decision over; within the inbox's transaction.

    A decision on a material that awaits none (decided already) changes nothing.
    """
    guard_write(tx, decision.institution_id, AUTHORITYS)
    material = get_for_change(tx, decision.institution_id, decision.subject_id)
    if not material.is_under_external_review:
        return
    before = queries.get_material(tx, decision.institution_id, decision.subject_id)
    action = ACTIONS_BY_DECISION.get(decision.decision, _CLOSED)
    material.decide(action, decision.decided_on)
    material.external_case_id = decision.case_id
    material.external_authority_id = decision.authority_id
    material.external_opinion = decision.reason
    material.external_approval_no = decision.doc_no if decision.decision == "approved" else None
    material.external_reviewer_id = None if action == _CLOSED else decision.actor
    after = told(
        tx, material, "material.external_review_recorded", before=before, actor=decision.actor
    )
    if action != _CLOSED:
        publish(
            tx,
            ExternalReviewRecorded(
                version=material.version,
                actor=decision.actor,
                from_state=before.status,
                to_state=after.status,
                material_id=material.material_id,
                institution_id=material.institution_id,
                case_id=decision.case_id,
                authority_id=decision.authority_id,
                result=after.external_review.result or "",
                reviewed_on=decision.decided_on,
                approval_no=material.external_approval_no,
            ),
        )


def _request(tx: Tx, principal: Principal, material: Material) -> None:
    from_state = material.status
    material.request_outside(clock.today())
    refuse(incomplete(_what_is_reviewed(material)))
    publish_request(tx, principal, material, from_state=from_state)


def _what_is_reviewed(material: Material) -> dict[str, object]:
    names = ("title", "file_id", "category", "form")
    return {name: getattr(material, name) for name in names}
