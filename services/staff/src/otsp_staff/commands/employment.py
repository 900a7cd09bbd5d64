"""Coming and going."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Conflict
from otsp_staff.commands.changes import state_of
from otsp_staff.commands.entry import day, require_files, uuid
from otsp_staff.commands.writing import get_person, open_for_write, refuse, told
from otsp_staff.model import EmploymentPeriod, Staff
from otsp_staff.queries.classes import open_classes_of
from otsp_staff.queries.reviews import find_review
from otsp_staff.rules.employment import Terms, departure_faults, reinstatement_faults
from otsp_staff.rules.fields import Fields
from otsp_staff.rules.rows import StaffRow

DEPARTURES = "departures"
"""Never locked: who must go may go while the institution is under review (§3.8)."""


class LeadsOpenClass(Conflict):
    slug: ClassVar[str] = "staff-leads-open-class"
    title: ClassVar[str] = "The person still leads a class"
    detail_zh: ClassVar[str] = (
        "该人员仍是班级的授课教师，请先在课程管理中更换其授课教师，或办理结班、取消班级，再办理离职；"
        "因禁止从业情形离职的，可立即办理。"
    )


def depart_staff(
    principal: Principal, institution_id: UUID, staff_id: UUID, *, departed_on: date, reason: str
) -> StaffRow:
    """Allowed under review too; then the trail names the application it came after.

    Raises LeadsOpenClass for who still leads a class (§3.6). It is not asked of who may not work
    with pupils, nor under review: classes are locked then, so that nobody could be replaced.
    """
    principal.require_own(institution_id)
    with transaction() as tx:
        guard_write(tx, institution_id, DEPARTURES)
        person = get_person(tx, institution_id, staff_id)
        before = state_of(tx, person)
        person.depart(departed_on=departed_on, reason=reason)
        refuse(departure_faults(person.hired_on, departed_on))
        review = find_review(tx, institution_id)
        if review is None and reason != "prohibited":
            _require_replaced(tx, institution_id, staff_id)
        after_snapshot = f"after the snapshot of application {review}" if review else None
        return told(tx, person, "staff.departed", before=before, reason=after_snapshot)


def reinstate_staff(
    principal: Principal, institution_id: UUID, staff_id: UUID, *, fields: Fields
) -> StaffRow:
    """Back to employed on new terms; the guards of §3.6 apply, unlike to a first entry."""
    principal.require_own(institution_id)
    terms = Terms(
        hired_on=date.fromisoformat(fields["hired_on"]),
        contract_signed=fields["contract_signed"],
        precheck_on=date.fromisoformat(fields["precheck_on"]),
        precheck_clear=fields["precheck_clear"],
    )
    with transaction() as tx:
        open_for_write(tx, institution_id, staff_id)
        person = get_person(tx, institution_id, staff_id)
        before = state_of(tx, person)
        ended = _period_of(person)
        person.reinstate()
        refuse(reinstatement_faults(ended.departed_on, terms))
        tx.add(ended)
        require_files(tx, institution_id, fields)
        person.hired_on, person.contract_signed = terms.hired_on, terms.contract_signed
        person.precheck_on, person.precheck_clear = terms.precheck_on, terms.precheck_clear
        person.employment = fields.get("employment") or person.employment
        person.contract_no = fields.get("contract_no")
        person.contract_from = day(fields.get("contract_from"))
        person.contract_to = day(fields.get("contract_to"))
        person.contract_file_id = uuid(fields.get("contract_file_id"))
        person.precheck_proof_file_id = uuid(fields.get("precheck_proof_file_id"))
        return told(tx, person, "staff.reinstated", before=before)


def _period_of(person: Staff) -> EmploymentPeriod:
    """The employment that stands on the person, to be kept when another follows."""
    return EmploymentPeriod(
        period_id=new_id(),
        staff_id=person.staff_id,
        institution_id=person.institution_id,
        hired_on=person.hired_on,
        departed_on=person.departed_on,
        depart_reason=person.depart_reason,
        employment=person.employment,
        contract_no=person.contract_no,
        contract_from=person.contract_from,
        contract_to=person.contract_to,
        contract_file_id=person.contract_file_id,
    )


def _require_replaced(tx: Tx, institution_id: UUID, staff_id: UUID) -> None:
    if class_ids := open_classes_of(tx, institution_id, staff_id):
        raise LeadsOpenClass(class_ids=class_ids)
