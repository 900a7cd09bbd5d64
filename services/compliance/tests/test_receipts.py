"""Receipts: issued with what they attest, read by whom they concern, verified by anybody."""

import io
from contextlib import contextmanager

import orjson
import pypdfium2
import pytest
from joserfc.jwk import OKPKey
from prometheus_client import REGISTRY
from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.exc import ProgrammingError

from otsp_chassis import clock, fonts
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.signing import Ed25519Signer, PublicKeys
from otsp_compliance.commands import receipts
from otsp_compliance.model import (
    Application,
    CaseStep,
    Decision,
    Receipt,
    ReceiptPrint,
    ReceiptRevocation,
    ReviewCase,
)
from otsp_compliance.model.receipt_proof import KIND, prove
from otsp_compliance.settings import ComplianceSettings


@pytest.fixture(autouse=True)
def _today(filing_day):
    with clock.frozen(filing_day):
        yield


@pytest.fixture
def authority(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def application_id(world, authority):
    world.profile().configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    assert world.state(application_id) == "submitted"
    return application_id


@pytest.fixture
def keys(kit):
    return PublicKeys.from_file(kit.runtime.settings.receipt_public_keys)


@pytest.fixture
def fresh_key(kit):
    """While it lasts receipts are signed with another key, `published` or not."""

    @contextmanager
    def changed(*, published=True):
        settings = kit.runtime.settings
        private, public = settings.receipt_signing_key, settings.receipt_public_keys
        kept = private.read_bytes(), public.read_bytes()
        key = OKPKey.generate_key("Ed25519", {"kid": "receipt-2", "use": "sig"})
        private.write_bytes(orjson.dumps(key.as_dict(private=True)))
        if published:
            old = orjson.loads(kept[1])["keys"]
            public.write_bytes(orjson.dumps({"keys": [*old, key.as_dict(private=False)]}))
        try:
            yield
        finally:
            private.write_bytes(kept[0])
            public.write_bytes(kept[1])

    return changed


@pytest.fixture
def decide(kit, world, authority, application_id):
    """A final decision on the application, with its receipt; returns the receipt's number."""

    def decide(outcome="approved", *, replaces=None, **changed):
        with kit.active(), transaction() as tx:
            application = tx.get(Application, application_id)
            case_id = tx.scalar(
                select(ReviewCase.case_id).where(ReviewCase.subject_id == application_id)
            )
            before = tx.scalar(select(Receipt.decision_id).where(Receipt.receipt_no == replaces))
            number = len(list(tx.scalars(select(Decision.decision_id)))) + 1
            decision = Decision(
                **{
                    "decision_id": new_id(),
                    "application_id": application.application_id,
                    "case_id": case_id,
                    "institution_id": application.institution_id,
                    "institution_name": application.institution_name,
                    "region_code": application.region_code,
                    "application_kind": application.kind,
                    "seq_no": application.seq_no,
                    "step_no": 1,
                    "is_final": True,
                    "outcome": outcome,
                    "reason": None if outcome == "approved" else "第三教室消防证明已过期",
                    "overrides": [],
                    "warnings_read": ["SIT-006"],
                    "request_id": application.request_id,
                    "snapshot_sha256": application.snapshot_sha256,
                    "authority_id": authority.authority_id,
                    "authority_name": authority.name,
                    "decided_by": new_id(),
                    "decided_on": clock.today(),
                    "decided_at": clock.business_now(),
                    "doc_no": f"{application.seq_no}-{number}",
                    "appeal_text": "如不服本决定，可在六十日内申请行政复议。",
                    "replaces": before,
                    "valid_to": None,
                }
                | changed
            )
            tx.add(decision)
            tx.flush()  # a receipt names the row
            return receipts.issue_decision(tx, decision).receipt_no

    return decide


def listed(world, application_id, who=None):
    path = f"{world.api}/applications/{application_id}/receipts"
    return (who or world.institution()).get(path).json["items"]


def read(world, receipt_no, who=None, query=""):
    return (who or world.institution()).get(f"{world.api}/receipts/{receipt_no}{query}")


def public(kit, world, receipt_no):
    return kit.anonymous().get(f"{world.api}/public/receipts/{receipt_no}")


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


def verdict(kit, world, receipt):
    return kit.anonymous().post(f"{world.api}/public/verification", receipt).json


def test_filing_gives_a_receipt_that_proves_the_seal(world, application_id, keys):
    (filing,) = listed(world, application_id)
    application = world.application(application_id)

    receipt = read(world, filing["receipt_no"]).json
    proof = prove(receipt, keys)

    assert filing["kind"] == "filing"
    assert filing["state"] == "valid"
    assert proof.faults == []
    assert proof.is_seal_proved
    assert set(proof.proved) == set(application["snapshot"]["parts"])
    assert receipt["payload"]["snapshot"]["sha256"] == application["snapshot"]["sha256"]
    assert receipt["payload"]["application"] == {
        "application_id": application_id,
        "seq_no": application["seq_no"],
        "kind": "initial",
        "submitted_on": "2024-10-15",
    }
    assert receipt["payload"]["institution"] == {
        "institution_id": str(world.institution_id),
        "name": world.facts["name"],
        "uscc": world.facts["uscc"],
        "licence_no": world.sections["A"]["institution"]["licence"]["licence_no"],
    }
    assert receipt["payload"]["authority"]["name"] == "杭州市西湖区教育局"


def test_an_application_that_was_not_filed_has_no_receipt(world, authority):
    world.profile().configure()
    application_id = world.filed()
    world.provide()

    assert world.state(application_id) == "awaiting_acknowledgement"
    assert listed(world, application_id) == []


def test_a_decision_gives_a_receipt_whose_words_are_not_public(world, kit, decide, keys):
    receipt_no = decide("returned")

    receipt = read(world, receipt_no).json
    shown = public(kit, world, receipt_no).json

    assert prove(receipt, keys).contents == ["decision_text"]
    assert receipt["disclosures"]["decision_text"]["content"]["reason"] == "第三教室消防证明已过期"
    assert receipt["payload"]["decision"]["outcome"] == "returned"
    assert "消防" not in orjson.dumps(shown).decode()
    assert shown["payload"]["decision"]["doc_no"].endswith("-1")


def test_an_approval_answers_with_its_receipt_in_the_list(world, authority, application_id):
    reviewer = world.reviewer(authority)
    case = f"{world.api}/cases/{world.application(application_id)['case_id']}"
    approval = {"decision": "approve", "warnings_read": ["SIT-006"]}

    assert reviewer.post(f"{case}/acceptance", {}).status == 200
    assert reviewer.post(f"{case}/decisions", approval).status == 200

    filing, decision = listed(world, application_id)
    assert (filing["kind"], decision["kind"]) == ("filing", "decision")
    assert (decision["outcome"], decision["state"]) == ("approved", "valid")
    told = read(world, decision["receipt_no"]).json["payload"]["decision"]
    licence = world.sections["A"]["institution"]["licence"]
    assert (told["doc_no"], told["valid_to"]) == (decision["doc_no"], licence["valid_to"])


def test_one_part_is_disclosed_and_nothing_else(world, application_id, keys):
    receipt_no = listed(world, application_id)[0]["receipt_no"]

    receipt = read(world, receipt_no, query="?parts=institution").json
    proof = prove(receipt, keys)

    assert list(receipt["disclosures"]) == ["institution"]
    assert proof.holds
    assert proof.contents == ["institution"]
    assert not proof.is_seal_proved
    told = receipt["disclosures"]["institution"]["content"]
    assert told["licence"] == world.sections["A"]["institution"]["licence"]


def test_a_part_that_the_receipt_does_not_have_is_refused(world, application_id):
    receipt_no = listed(world, application_id)[0]["receipt_no"]

    refused = read(world, receipt_no, query="?parts=decision_text&parts=closing")

    assert refused.status == 404
    assert refused.json["detail"] == "回执中没有这些部分：closing、decision_text。"


def test_the_authority_of_the_case_reads_it_and_another_does_not(
    world, authority, application_id, decide
):
    receipt_no = decide()
    theirs = world.reviewer(authority)
    elsewhere = world.kit.as_authority(region="110105")
    neighbour = world.kit.as_institution(new_id())

    assert read(world, receipt_no, theirs).status == 200
    assert len(listed(world, application_id, theirs)) == 2
    assert read(world, receipt_no, theirs, "?parts=institution").status == 403
    assert read(world, receipt_no, elsewhere).problem == "outside-jurisdiction"
    assert read(world, receipt_no, neighbour).problem == "other-institution"


def test_an_authority_of_a_step_reads_it_wherever_it_sits(kit, world, application_id):
    receipt_no = listed(world, application_id)[0]["receipt_no"]
    other = world.authority("北京市朝阳区教育局", region_code="110105")
    assert read(world, receipt_no, world.reviewer(other)).problem == "outside-jurisdiction"
    with kit.active(), transaction() as tx:
        case = tx.scalars(select(ReviewCase).where(ReviewCase.subject_id == application_id)).one()
        step = tx.get_one(CaseStep, (case.case_id, 1))
        step.authority_id = other.authority_id

    assert read(world, receipt_no, world.reviewer(other)).status == 200


def test_a_decision_that_is_set_aside_shows_what_took_its_place(kit, world, application_id, decide):
    first = decide("returned")
    second = decide("approved", replaces=first)

    old, new = public(kit, world, first).json, public(kit, world, second).json
    receipt = read(world, first).json

    assert (old["state"], old["revoked_on"]) == ("revoked", "2024-10-15")
    assert old["replaced_by"] == second
    assert new["state"] == "valid"
    assert [one["state"] for one in listed(world, application_id)] == ["valid", "revoked", "valid"]
    assert verdict(kit, world, receipt)["verdict"] == "revoked"
    assert verdict(kit, world, receipt)["replaced_by"] == second


def test_revoking_twice_changes_nothing(kit, world, decide):
    receipt_no = decide()
    with kit.active(), transaction() as tx:
        decision = tx.scalars(select(Decision)).one()
        receipts.revoke(tx, decision)
        receipts.revoke(tx, decision)

    shown = public(kit, world, receipt_no).json

    assert (shown["state"], shown["replaced_by"]) == ("revoked", None)


def test_anybody_can_have_a_receipt_verified(kit, world, application_id):
    receipt = read(world, listed(world, application_id)[0]["receipt_no"]).json
    forged = receipt | {"jws": receipt["jws"][:-8] + "AAAAAAAA"}
    changed = orjson.loads(orjson.dumps(receipt))
    changed["payload"]["institution"]["name"] = "另一家培训学校"

    assert verdict(kit, world, receipt)["verdict"] == "valid"
    assert verdict(kit, world, {"jws": receipt["jws"]})["verdict"] == "valid"
    assert verdict(kit, world, {"jws": "x"})["faults"][0]["code"] == "signature_wrong"
    assert verdict(kit, world, forged)["faults"][0]["code"] == "signature_wrong"
    assert verdict(kit, world, changed)["faults"] == [
        {
            "code": "payload_changed",
            "part": "/institution/name",
            "detail_zh": "所示内容与签名时的内容不一致（/institution/name）",
        }
    ]


def test_what_was_signed_with_our_key_and_never_issued_is_unknown(kit, world, application_id):
    receipt = read(world, listed(world, application_id)[0]["receipt_no"]).json
    signer = Ed25519Signer(kit.runtime.settings.receipt_signing_key)
    payload = receipt["payload"]

    invented = signer.sign(payload | {"receipt_no": "TJ20241015-AAAA-AAAA-AAAA"}, KIND)
    other = signer.sign(payload | {"issued_on": "2024-10-14"}, KIND)

    assert verdict(kit, world, {"jws": invented})["verdict"] == "unknown"
    assert verdict(kit, world, {"jws": other})["verdict"] == "unknown"
    assert counted("otsp_receipt_verifications_total", verdict="unknown") >= 2


def test_old_receipts_verify_after_the_key_is_changed(
    kit, world, application_id, decide, fresh_key
):
    filing = listed(world, application_id)[0]["receipt_no"]

    with fresh_key():
        decision = decide()
        jwks = kit.anonymous().get(f"{world.api}/public/jwks").json
        words = [verdict(kit, world, read(world, no).json) for no in (filing, decision)]

    assert [word["verdict"] for word in words] == ["valid", "valid"]
    assert len(jwks["keys"]) == 2
    assert not any("d" in key for key in jwks["keys"])


def test_nothing_is_filed_with_a_key_that_nobody_could_verify(kit, world, authority, fresh_key):
    world.profile().configure()
    application_id = world.filed()
    world.provide()
    path = f"{world.api}/applications/{application_id}/acknowledgements"
    read_all = {"rule_ids": ["SIT-006"]}

    with fresh_key(published=False):
        refused = world.institution().post(path, read_all)

    assert refused.problem == "receipt-key-unusable"
    assert counted("otsp_receipts_not_signed_total") > 0
    assert world.state(application_id) == "awaiting_acknowledgement"
    assert world.institution().post(path, read_all).status == 200


@pytest.mark.parametrize(
    "statement",
    [
        update(Receipt).values(jws="x"),
        delete(Receipt),
        update(ReceiptRevocation).values(replaced_by=None),
        delete(ReceiptRevocation),
        update(ReceiptPrint).values(sha256="x"),
        delete(ReceiptPrint),
    ],
    ids=str,
)
def test_the_service_itself_cannot_change_a_receipt(kit, statement):
    with (
        kit.active(),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction() as tx,
    ):
        tx.execute(statement)


def test_an_unknown_number_is_not_found(kit, world):
    assert public(kit, world, "TJ20241015-AAAA-AAAA-AAAA").status == 404
    assert public(kit, world, "1").status == 400


def test_the_print_is_made_once_and_stays_the_same(kit, world, application_id, decide, monkeypatch):
    receipt_no = decide("approved", valid_to=clock.today())
    path = f"{world.api}/receipts/{receipt_no}/pdf"

    first = world.institution().get(path)
    with kit.active(), reading() as tx:
        kept = tx.scalars(select(ReceiptPrint.sha256)).all()
    second = world.institution().get(path)

    assert first.headers["Content-Type"] == "application/pdf"
    assert first.content == second.content
    assert first.headers["ETag"] == f'"{kept[0]}"'
    assert len(kept) == 1
    assert listed(world, application_id)[1]["print_sha256"] == kept[0]
    monkeypatch.setattr(fonts, "FONTS", ())
    assert world.institution().get(path).content == first.content
    shown = pypdfium2.PdfDocument(io.BytesIO(first.content))[0].get_textpage().get_text_bounded()
    shown = "".join(shown.split())
    for words in (receipt_no, world.facts["name"], "校外培训机构合规证书", "杭州市西湖区教育局"):
        assert words in shown


def test_without_a_font_there_is_no_print_and_the_file_is_there(world, application_id, monkeypatch):
    receipt_no = listed(world, application_id)[0]["receipt_no"]
    monkeypatch.setattr(fonts, "FONTS", ())

    assert read(world, receipt_no, query="/pdf").problem == "document-font-missing"
    assert read(world, receipt_no).status == 200


def test_a_print_is_not_for_others(world, decide):
    receipt_no = decide()

    assert read(world, receipt_no, world.kit.as_institution(new_id()), "/pdf").status == 403


def test_no_process_starts_without_its_keys_or_in_production_without_https(kit):
    told = kit.runtime.settings.model_dump()
    missing = {name: value for name, value in told.items() if name != "receipt_signing_key"}

    with pytest.raises(ValidationError, match="receipt_signing_key"):
        ComplianceSettings.load("compliance", **missing)
    with pytest.raises(ValidationError, match="receipt_public_keys"):
        ComplianceSettings.load("compliance", **told | {"receipt_public_keys": "/nowhere"})
    with pytest.raises(ValidationError, match="OTSP_COMPLIANCE_PORTAL_URL"):
        ComplianceSettings.load("compliance", **told | {"env": "production"})
