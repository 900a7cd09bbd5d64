"""How requests for recovery stand is told for the statistics; drafts are nobody's business."""

import hashlib

import pytest

from otsp_auth.commands.recovery import submit_request
from otsp_auth.commands.recovery_news import as_standing
from otsp_auth.model import RecoveryProof, RecoveryRequest
from otsp_auth.rules.recovery import PROOF_KINDS
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_contracts.auth import RecoveryRequestChanged

BASE, SECRET = "/api/auth/v1", "a secret that only the applicant has"
XIHU = {
    "name": "杭州市西湖区教育局",
    "level": "county",
    "department": "education",
    "region_code": "330106",
}


@pytest.fixture
def admin(kit):
    national = kit.as_authority("national_admin", level="national", region="000000")
    office = national.post(f"{BASE}/authorities", XIHU).json["authority_id"]
    return kit.as_authority("region_admin", authority_id=office)


@pytest.fixture
def draft(kit, admin):
    """With all its proofs."""
    request_id = new_id()
    with kit.active(), transaction() as tx:
        tx.add(
            RecoveryRequest(
                request_id=request_id,
                secret_sha256=hashlib.sha256(SECRET.encode()).digest(),
                status="draft",
                institution_name="示例学校",
                uscc="52330106MJFAKE011P",
                region_code="330106",
                delivery="offline",
            )
        )
        tx.flush()
        for kind in PROOF_KINDS:
            tx.add(RecoveryProof(file_id=new_id(), request_id=request_id, kind=kind))
    return request_id


def told(kit):
    return [each.payload() for each in kit.published(RecoveryRequestChanged)]


@pytest.fixture
def submitted(kit, draft):
    with kit.active():
        submit_request(draft, SECRET)
    return draft


def test_a_draft_is_told_to_nobody(kit, draft):
    with kit.active(), reading() as tx:
        row = tx.execute(
            RecoveryRequest.__table__.select().where(RecoveryRequest.request_id == draft)
        ).one()

    assert as_standing(row) is None
    assert told(kit) == []


def test_submission_and_decision_are_told_without_a_person(kit, admin, submitted):
    path = f"{BASE}/recovery-requests/{submitted}/rejection"
    assert admin.post(path, {"reason": "证照不符"}).status == 200

    first, second = told(kit)
    assert (first.status, first.handled_on) == ("submitted", None)
    assert second.status == "rejected"
    assert second.handled_on >= first.submitted_on
    assert second.version > first.version
    assert "示例学校" not in second.model_dump_json()
