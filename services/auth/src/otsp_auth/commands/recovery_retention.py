"""Proofs and persons of requests for recovery are erased once nobody needs them."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from otsp_auth.model import RecoveryProof, RecoveryRequest
from otsp_auth.queries.recovery_rows import outdated_requests
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.files import erase_attachments


def forget_requests() -> None:
    """Drafts go whole; of a decided request the decision stays."""
    settings, now = current_settings(), clock.now()
    with reading() as reader:
        outdated = outdated_requests(
            reader,
            drafts_before=now - timedelta(hours=settings.recovery_draft_hours),
            decided_before=now - timedelta(days=settings.recovery_kept_days),
        )
    for request_id in outdated:
        _forget(request_id)


def _forget(request_id: UUID) -> None:
    with transaction() as tx:
        request = tx.get(RecoveryRequest, request_id, with_for_update=True)
        if request is None or request.status == "submitted":
            return
        erase_attachments(request_id)
        tx.execute(delete(RecoveryProof).where(RecoveryProof.request_id == request_id))
        request.applicant_name = request.applicant_mobile = request.new_mobile = None
        if request.status == "draft":
            tx.delete(request)
        audit.record(
            tx, "auth.recovery_forgotten", object_type="recovery_request", object_id=request_id
        )
