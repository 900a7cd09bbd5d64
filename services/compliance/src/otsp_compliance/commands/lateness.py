"""What happens by itself when an authority is late: accepted by law, told, escalated."""

from typing import Final
from uuid import UUID

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.outbox import publish
from otsp_compliance.commands import clocks, steps
from otsp_compliance.commands.reviewing import accept_by_law
from otsp_compliance.model import AuthorityRef, CaseClock, ReviewCase
from otsp_compliance.rules.clocks import Light, Phase, is_over, light_of
from otsp_compliance.settings import current_settings
from otsp_contracts.compliance import ReviewOverdue

_LEVELS: Final = 4


def accept_in_silence(case_id: UUID) -> None:
    """Nobody spoke in five working days: accepted from the day of receipt (§32(4))."""
    with transaction() as tx:
        case = steps.hold(tx, case_id).case
        waited = clocks.recount(tx, case)
        if waited is None or waited.phase != Phase.ACCEPT:
            return
        at = clock.business_now().astimezone(clock.SHANGHAI)
        if is_over(waited.due_on, at, closes_at=current_settings().office_closes_at):
            accept_by_law(tx, case_id, on=waited.started_on)


def tell_late(case_id: UUID) -> None:
    """Amber and red each once; on red the case goes before the authority above as well."""
    with transaction() as tx:
        case = steps.hold(tx, case_id).case
        late = clocks.recount(tx, case)
        if late is None or late.phase != Phase.DECIDE:
            return
        light = light_of(clock.today(), late.amber_on, late.due_on, paused_on=late.paused_on)
        if light not in {Light.AMBER, Light.RED} or late.told_light in {light, Light.RED}:
            return
        late.told_light = light
        if light is Light.RED:
            _escalate(tx, case, late)
        publish(tx, _told(case, late))


def _escalate(tx: Tx, case: ReviewCase, late: CaseClock) -> None:
    late.escalated_to = _superior(tx, case.authority_id)
    if late.escalated_to is None:
        return
    late.escalated_on = clock.today()
    audit.record(
        tx,
        "compliance.case_escalated",
        object_type="review_case",
        object_id=case.case_id,
        institution_id=case.institution_id,
        after={"escalated_to": late.escalated_to, "due_on": late.due_on},
    )


def _superior(tx: Tx, authority_id: UUID | None) -> UUID | None:
    """The next authority above that works."""
    known = tx.get(AuthorityRef, authority_id) if authority_id else None
    for _ in range(_LEVELS):
        if known is None or known.parent_authority_id is None:
            return None
        known = tx.get(AuthorityRef, known.parent_authority_id)
        if known is not None and known.is_active:
            return known.authority_id
    return None


def _told(case: ReviewCase, late: CaseClock) -> ReviewOverdue:
    return ReviewOverdue(
        case_id=case.case_id,
        institution_id=case.institution_id,
        kind=case.kind,
        application_id=case.application_id,
        authority_id=case.authority_id,
        step_no=case.step_no,
        light="red" if late.told_light == Light.RED else "amber",
        due_on=late.due_on,
        escalated_to=late.escalated_to,
    )
