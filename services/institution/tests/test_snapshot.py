"""The section: what it says, how it locks, that it comes once for each request."""

import copy
from pathlib import Path

import psycopg
import pytest
import yaml

from otsp_chassis import canonical, clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import ReviewUnlocked, SnapshotRequested
from otsp_contracts.institution import InstitutionSnapshotProvided
from otsp_contracts.snapshots import InstitutionSection
from otsp_institution.model.funds import FIGURES

DOSSIERS = yaml.safe_load((Path(__file__).parents[3] / "docs/samples.yaml").read_text("utf-8"))
STATED = {*FIGURES, "as_of"}
LOCKED_TEXT = "审核中，信息已锁定，可撤回申请后修改"


@pytest.fixture
def request_section(kit, institution_id):
    """Asks for the section and gives back what was answered."""

    def ask(**fields):
        values = {"request_id": new_id(), "institution_id": institution_id}
        values |= {"purpose": "self_check", "as_of": clock.today(), "sections": ("institution",)}
        kit.deliver(SnapshotRequested(**(values | fields)))
        return kit.published(InstitutionSnapshotProvided)

    return ask


@pytest.fixture
def sample(request, upload):
    """A sample dossier whose files are uploaded ones and whose dates are JSON's."""
    dossier = json_of(copy.deepcopy(DOSSIERS["ABC".index(request.param)]))
    files = {}

    def with_files(value):
        if isinstance(value, dict):
            return {name: with_files(each) for name, each in value.items()}
        if isinstance(value, list):
            return [with_files(each) for each in value]
        if isinstance(value, str) and value.startswith("f-"):
            return files.setdefault(value, upload())
        return value

    parts = ("institution", "licence", "certificate", "party", "funds")
    return with_files({part: dossier[part] for part in parts})


def json_of(value):
    if isinstance(value, dict):
        return {name: json_of(each) for name, each in value.items()}
    if isinstance(value, list):
        return [json_of(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def enter(own, place, dossier):
    """As the dossier client does it; returns the id of the charge."""
    institution = {
        name: value for name, value in dossier["institution"].items() if name != "migrated_from"
    }
    assert own.put(place, institution).status == 201
    funds = dossier["funds"]
    stated = {name: value for name, value in funds["supervision"].items() if name in STATED}
    sheets = {
        "licence": dossier["licence"],
        "party": dossier["party"],
        "funds/supervision": {
            name: value for name, value in funds["supervision"].items() if name not in STATED
        },
        "funds/basic-account": funds["basic_account"],
        "funds/contract": funds["contract"],
    }
    for suffix, body in sheets.items():
        assert own.put(f"{place}/{suffix}", body).status == 201, suffix
    statement = stated | {"month": "2024-10"}
    assert own.post(f"{place}/funds/statements", statement).status == 201
    certificate = dossier["certificate"] | {"is_primary": True}
    assert own.post(f"{place}/certificates", certificate).status == 201
    year = funds["audit_latest_year"]
    assert own.post(f"{place}/audit-reports", {"year": year}).status == 201
    charge = {name: value for name, value in funds["fee_items"][0].items() if name != "fee_item_id"}
    added = own.post(f"{place}/funds/fee-items", charge)
    assert added.status == 201
    return added.json["fee_item_id"]


def section_of(event):
    data = event.data
    return canonical.unpack(canonical.Packed(data["sha256"], data["encoding"], data["data"]))


@pytest.mark.parametrize("sample", ["A", "B", "C"], indirect=True)
def test_section_says_what_the_dossier_said(
    kit, own, place, institution_id, request_section, sample
):
    fee_item_id = enter(own, place, sample)
    origin = {"migrated_from": sample["institution"]["migrated_from"]}
    region = sample["institution"]["region_code"]
    admin = kit.as_authority("region_admin", region=region)
    assert admin.put(f"{place}/legacy-origin", origin).status == 200

    [event] = request_section()

    section = section_of(event)
    legal_rep = sample["institution"].pop("legal_rep")
    told = section["institution"].pop("legal_rep")
    assert sample["institution"].items() <= section["institution"].items()
    assert section["institution"]["institution_id"] == str(institution_id)
    number = legal_rep.pop("id_no")
    assert legal_rep.items() <= told.items()
    assert told["id_valid"] is True
    assert told["id_hmac"] == kit.runtime.cipher.blind_index(number).hex()
    assert told["id_masked"] == f"{number[:3]}***********{number[-4:]}"
    assert number not in event.to_bytes().decode()
    assert sample["licence"].items() <= section["licence"].items()
    [certificate] = section["certificates"]
    assert (sample["certificate"] | {"is_primary": True}).items() <= certificate.items()
    assert sample["party"].items() <= section["party"].items()
    funds = sample["funds"]
    for part in ("supervision", "basic_account", "contract"):
        assert funds[part].items() <= section["funds"][part].items()
    [fee_item] = section["funds"]["fee_items"]
    assert (funds["fee_items"][0] | {"fee_item_id": fee_item_id}).items() <= fee_item.items()
    assert [each["year"] for each in section["funds"]["audit_reports"]] == [2023]


def test_what_an_institution_has_one_of_is_read_by_one_statement(
    own, place, request_section, monkeypatch
):
    own.put(f"{place}/registration", {})
    sent, execute = [], psycopg.Cursor.execute

    def heard(cursor, query, *given, **options):
        sent.append(str(query))
        return execute(cursor, query, *given, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", heard)

    request_section()

    tables = ("school_licence", "party", "supervision", "basic_account", "service_contract")
    reading = {each: [text for text in sent if f"JOIN {each} " in text] for each in tables}
    assert len({text for found in reading.values() for text in found}) == 1
    assert [len(found) for found in reading.values()] == [1] * len(tables)
    assert not [text for text in sent if any(f"FROM {each} " in text for each in tables)]


def test_section_of_a_bare_draft_is_whole_and_empty(own, place, request_section):
    own.put(f"{place}/registration", {})

    [event] = request_section()

    section = InstitutionSection.model_validate(section_of(event))
    assert section.institution.legal_rep is None
    assert section.licence is None
    assert section.funds.fee_items == ()


def test_removed_rows_are_not_in_the_section(own, place, request_section):
    own.put(f"{place}/registration", {})
    removed = own.post(f"{place}/other-docs", {"doc_type": "charter"})
    own.delete(removed.headers["Location"], if_match=1)
    own.post(f"{place}/other-docs", {"doc_type": "commitment"})

    [event] = request_section()

    assert [doc["doc_type"] for doc in section_of(event)["other_docs"]] == ["commitment"]


def test_doubts_are_told_by_place_as_on_the_day_that_is_judged(own, place, request_section):
    own.put(place, {"uscc": "52330106MJFAKE011P", "region_code": "330105"})
    own.put(f"{place}/licence", {"issued_on": "2020-01-10", "scope_text": "培训"})
    charge = own.post(f"{place}/funds/fee-items", {"refund_policy": "全退", "publicized": True})

    early = request_section(as_of="2020-01-09")[0]
    late = request_section(as_of="2020-01-10")[1]

    def warnings(event):
        told = section_of(event)["field_warnings"]
        return {(each["code"], each["object_id"], each["pointer"]) for each in told}

    fee_item_id = charge.json["fee_item_id"]
    assert {
        ("v_11", None, "/uscc"),
        ("v_14", None, "/licence/issued_on"),
        ("missing", None, "/consult_tel"),
        ("missing", fee_item_id, "/publicity_place"),
    } <= warnings(early)
    assert warnings(early) - warnings(late) == {("v_14", None, "/licence/issued_on")}


def test_scan_of_another_institutions_licence_is_told_to_reviewers_only(
    kit, own, place, upload, request_section
):
    content = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"the same scan"
    own.put(f"{place}/registration", {})
    entered = own.put(f"{place}/licence", {"scan_file_id": upload(content), "scope_text": "x"})
    [alone] = request_section()
    other_id = new_id()
    other, elsewhere = kit.as_institution(other_id), f"/api/institution/v1/institutions/{other_id}"
    options = {"raw": content, "content_type": "image/png", "query": {"name": "x.png"}}
    file_id = other.post(f"{elsewhere}/files", **options).json["file_id"]
    assert other.put(f"{elsewhere}/licence", {"scan_file_id": file_id}).status == 201

    shared = request_section()[-1]

    told = [each["code"] for each in section_of(shared)["field_warnings"]]
    assert "v_13" not in [each["code"] for each in section_of(alone)["field_warnings"]]
    assert "v_13" in told
    assert entered.json["warnings"] == own.get(f"{place}/licence").json["warnings"] == []


def test_each_section_has_a_greater_version_and_a_repeated_request_one_answer(
    own, place, request_section
):
    own.put(f"{place}/registration", {})
    request_section()

    first, second = request_section()

    assert (first.data["version"], second.data["version"]) == (1, 2)


def test_request_for_other_sections_is_not_answered(kit, own, place, request_section):
    own.put(f"{place}/registration", {})

    assert request_section(sections=("staff", "courses")) == []
    assert kit.set_aside() == []


def test_unknown_institution_is_retried_and_answered_once_it_is_known(
    kit, own, place, institution_id, request_section
):
    assert request_section() == []
    assert len(kit.set_aside()) == 1

    own.put(f"{place}/registration", {})
    with clock.frozen(clock.business_now().replace(year=2999)):
        kit.work.inbox.retry_due()

    assert kit.set_aside() == []
    assert len(kit.published(InstitutionSnapshotProvided)) == 1


def test_application_locks_until_its_review_is_over(
    kit, own, place, institution_id, request_section
):
    own.put(f"{place}/registration", {"name": "甲学校"})
    own.put(f"{place}/party", {"member_count": 1})
    application_id = new_id()

    [event] = request_section(purpose="application", application_id=application_id)

    assert event.data["application_id"] == str(application_id)
    refusals = [
        own.put(f"{place}/party", {"member_count": 3}, if_match=1),
        own.put(place, {"name": "乙学校"}, if_match=2),
        own.put(f"{place}/funds/contract", {"used_for_all": True}),
        own.post(f"{place}/funds/fee-items", {"name": "班"}),
        own.post(f"{place}/registration/submission"),
        kit.as_authority("region_admin").put(
            f"{place}/legacy-origin", {"migrated_from": "xspx_online"}
        ),
    ]
    for refused in refusals:
        assert (refused.status, refused.problem) == (423, "locked")
        assert refused.json["detail"] == LOCKED_TEXT
    assert own.get(f"{place}/party").json["member_count"] == 1

    kit.deliver(ReviewUnlocked(institution_id=institution_id, application_id=application_id))
    assert own.put(f"{place}/party", {"member_count": 3}, if_match=1).status == 200


def test_self_check_locks_nothing(own, place, request_section):
    own.put(f"{place}/registration", {})

    request_section()

    assert own.put(f"{place}/party", {"member_count": 3}).status == 201


def test_request_that_arrives_after_its_review_is_over_does_not_lock_again(
    kit, own, place, institution_id, request_section
):
    own.put(f"{place}/registration", {})
    application_id = new_id()
    kit.deliver(ReviewUnlocked(institution_id=institution_id, application_id=application_id))

    request_section(purpose="application", application_id=application_id)

    assert own.put(f"{place}/party", {"member_count": 3}).status == 201


def test_application_without_its_id_is_set_aside(kit, own, place, request_section):
    own.put(f"{place}/registration", {})

    assert request_section(purpose="application") == []
    assert len(kit.set_aside()) == 1
