"""The institution's answers to persons who ask to have something put right."""

from typing import ClassVar
from uuid import UUID

from otsp_chassis import audit, clock
from otsp_chassis.db import transaction
from otsp_chassis.identity import Principal
from otsp_chassis.outbox import publish
from otsp_chassis.pii import encrypt
from otsp_chassis.problems import Conflict, NotFound
from otsp_contracts.staff import CorrectionAnswered
from otsp_staff.model import CorrectionRequest
from otsp_staff.queries.corrections import CorrectionView, get_correction


class AlreadyAnswered(Conflict):
    slug: ClassVar[str] = "correction-answered"
    title: ClassVar[str] = "The correction request is answered already"
    detail_zh: ClassVar[str] = "该更正申请已经答复；如需更改，请与申请人联系，由其再次提出申请。"


def answer_correction(
    principal: Principal, institution_id: UUID, request_id: UUID, *, decision: str, answer: str
) -> CorrectionView:
    """What was put right is entered as any change is; this tells the person. No review locks it:
    the person's time runs meanwhile.
    """
    principal.require_own(institution_id)
    with transaction() as tx:
        request = tx.get(CorrectionRequest, request_id, with_for_update=True)
        if request is None or request.institution_id != institution_id:
            raise NotFound
        if request.state != "open":
            raise AlreadyAnswered
        request.state, request.answer_sealed = decision, encrypt(answer)
        request.answered_at, request.answered_by = clock.now(), principal.account_id
        tx.flush()
        publish(
            tx,
            CorrectionAnswered(
                request_id=request_id,
                institution_id=institution_id,
                staff_id=request.staff_id,
                version=request.version,
                actor=principal.account_id,
                from_state="open",
                to_state=decision,
            ),
        )
        audit.record(
            tx,
            f"staff.correction_{decision}",
            object_type="staff",
            object_id=request.staff_id,
            institution_id=institution_id,
        )
        return get_correction(tx, request_id)
