"""Major fields of an approved institution: refused at the record, proposed beside it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from otsp_chassis.ids import new_id
from otsp_contracts.institution import ProfileChanged
from otsp_contracts.values import uscc_check_digit
from otsp_institution.model.proposals import ProposedChange, columns_of
from otsp_institution.rules import major
from otsp_institution.rules.labels import LABELS

PAGE = Path(__file__).parents[3] / "docs/changes.md"
LICENCE = {
    "licence_no": "教民133010670009901号",
    "name_on_licence": "杭州示例启明文化培训学校",
    "scope_categories": ["subject"],
    "scope_text": "初中数学、物理",
    "valid_from": "2021-12-20",
    "valid_to": "2025-12-19",
}
ACCOUNT = {
    "mode": "bank_custody",
    "bank_name": "示例银行",
    "account_no": "33010000099990001",
    "agreement_no": "JG-2021-001",
    "release_rule": "per_lesson",
}
HEAD = {
    "name": "韩示例",
    "id_no": "330199198506079917",
    "mobile": "13800000009",
    "nationality": "CN",
    "resides_in_china": True,
    "position": "principal",
}
NEW_NAME = "杭州示例晨光文化培训学校"
NUMBER = "52330106MJFAKE05X"
OTHER_USCC = NUMBER + uscc_check_digit(NUMBER)
MAJOR = {
    "": {
        "name": NEW_NAME,
        "uscc": OTHER_USCC,
        "region_code": "330105",
        "registered_address": "示例路9号",
        "categories": ["subject", "nonsubject"],
        "delivery_modes": ["offline", "online"],
        "stages": ["junior", "senior"],
        "legal_nature": "forprofit",
    },
    "/licence": {
        "licence_no": "教民133010670009902号",
        "address_on_licence": "示例路9号",
        "valid_to": "2028-12-19",
        "scope_stages": ["senior"],
    },
    "/funds/supervision": {"account_no": "33010000099990009", "bank_name": "另一示例银行"},
}
PROPOSED_AT = {
    "": "basic-information",
    "/licence": "licence",
    "/funds/supervision": "supervision",
}
EACH_MAJOR = [(at, name, value) for at, these in MAJOR.items() for name, value in these.items()]


@pytest.fixture
def bodies(facts):
    """What stands on record, by the path of the part."""
    return {"": facts, "/licence": LICENCE, "/funds/supervision": ACCOUNT}


@pytest.fixture
def registered(own, place, bodies, decide):
    own.put(f"{place}/registration", bodies[""])
    own.post(f"{place}/registration/submission")
    decide("approved")
    for path in ("/licence", "/funds/supervision"):
        assert own.put(f"{place}{path}", bodies[path]).status == 201


@pytest.fixture
def compliant(registered, own, place, decide):
    decide("approved", kind="compliance", subject_id=new_id())
    assert own.get(place).json["compliance_status"] == "compliant"


@pytest.fixture
def replace(own, place, bodies):
    """Puts a part anew with some of its fields altered."""

    def put(path="", **changes):
        version = own.get(f"{place}{path}").version
        return own.put(f"{place}{path}", bodies[path] | changes, if_match=version)

    return put


@pytest.fixture
def propose(own, place, bodies):
    """Proposes some fields of a part to hold something else."""

    def put(path="", if_match=None, **changes):
        at = f"{place}/proposed-changes/{PROPOSED_AT[path]}"
        return own.put(at, bodies[path] | changes, if_match=if_match)

    return put


def ends(part):
    return {each["pointer"]: (each["before"], each["after"]) for each in part["fields"]}


@pytest.mark.parametrize(("path", "name", "value"), EACH_MAJOR)
def test_before_an_approval_everything_is_edited_at_once(registered, replace, path, name, value):
    others = {"nonsubject_types": ["sports"]} if value == ["subject", "nonsubject"] else {}

    answer = replace(path, **{name: value}, **others)

    assert (answer.status, answer.json[name]) == (200, value)


@pytest.mark.parametrize(("path", "name", "value"), EACH_MAJOR)
def test_after_it_a_major_field_is_refused_with_its_name_and_the_way(
    compliant, own, place, replace, path, name, value
):
    others = {"nonsubject_types": ["sports"]} if value == ["subject", "nonsubject"] else {}
    before = own.get(f"{place}{path}").json

    refused = replace(path, **{name: value}, **others)

    assert (refused.status, refused.problem) == (409, "institution-change-application-needed")
    assert f"/{name}" in refused.pointers
    assert "拟变更事项" in refused.json["detail"]
    assert {error["code"] for error in refused.json["errors"]} == {"major_field"}
    assert own.get(f"{place}{path}").json == before


def test_every_major_field_of_a_write_is_named_at_once(compliant, replace):
    refused = replace(name=NEW_NAME, legal_nature="forprofit", legal_rep=HEAD)

    assert refused.pointers == {"/name", "/legal_nature", "/legal_rep/name", "/legal_rep/id_no"}
    told = {error["pointer"]: error["detail"] for error in refused.json["errors"]}
    assert told["/name"] == "机构名称属于重大事项，须经变更申请修改。"


def test_minor_fields_apply_at_once(compliant, replace, facts):
    contact = facts["contact"] | {"mobile": "13800000008"}
    legal_rep = facts["legal_rep"] | {"mobile": "13800000007", "position": "other"}

    answer = replace(consult_tel="0571-88009999", contact=contact, legal_rep=legal_rep)
    release = {"release_rule": "proportional", "agreement_no": "JG-2024-001"}
    account = replace("/funds/supervision", **release)

    assert (answer.status, answer.json["consult_tel"]) == (200, "0571-88009999")
    assert answer.json["legal_rep"]["mobile"] == "13800000007"
    assert (account.status, account.json["agreement_no"]) == (200, "JG-2024-001")


def test_the_order_of_codes_is_no_change(own, place, bodies, decide, replace):
    both = {"delivery_modes": ["offline", "online"]}
    own.put(f"{place}/registration", bodies[""] | both)
    own.post(f"{place}/registration/submission")
    decide("approved")
    decide("approved", kind="compliance", subject_id=new_id())

    assert replace(delivery_modes=["online", "offline"]).status == 200


def test_a_first_licence_of_an_approved_institution_is_a_change_too(own, place, bodies, decide):
    own.put(f"{place}/registration", bodies[""])
    own.post(f"{place}/registration/submission")
    decide("approved")
    decide("approved", kind="compliance", subject_id=new_id())

    refused = own.put(f"{place}/licence", LICENCE)
    proposed = own.put(f"{place}/proposed-changes/licence", LICENCE)

    assert refused.problem == "institution-change-application-needed"
    assert proposed.status == 201
    assert own.get(f"{place}/proposed-changes/licence").json["licence_no"] == LICENCE["licence_no"]
    assert own.get(f"{place}/licence").status == 404


@pytest.mark.parametrize("status", ["expired"])
def test_without_a_standing_approval_the_record_is_corrected_itself(
    kit, compliant, own, place, replace, propose, institution_id, status
):
    with kit.runtime.database.engine.begin() as database:
        database.execute(
            text("UPDATE institution SET compliance_status = :status"), {"status": status}
        )

    refused = propose(name=NEW_NAME)

    assert (refused.status, refused.problem) == (409, "institution-no-approval-to-change")
    assert replace(name=NEW_NAME).status == 200


def test_the_institution_tells_what_is_major_while_it_is(registered, own, place, decide):
    before = own.get(place).json

    decide("approved", kind="compliance", subject_id=new_id())

    assert (before["major_fields"], before["has_proposed_change"]) == ([], False)
    told = {each["part"]: each["pointers"] for each in own.get(place).json["major_fields"]}
    assert set(told) == {"institution", "school_licence", "supervision"}
    assert {"/name", "/legal_rep/id_no"} <= set(told["institution"])
    assert "/legal_rep/mobile" not in told["institution"]


def test_a_proposal_stands_beside_the_record(kit, compliant, own, place, propose):
    answer = propose(name=NEW_NAME, stages=["junior", "senior"])

    assert (answer.status, answer.version) == (201, 1)
    [part] = answer.json["parts"]
    assert (part["part"], part["part_zh"]) == ("institution", "机构基本信息")
    assert ends(part) == {
        "/name": ("杭州示例启明文化培训学校", NEW_NAME),
        "/stages": (["junior"], ["junior", "senior"]),
    }
    assert {each["label_zh"] for each in part["fields"]} == {"机构名称", "培训对象"}
    record = own.get(place).json
    assert (record["name"], record["has_proposed_change"]) == ("杭州示例启明文化培训学校", True)
    assert kit.published(ProfileChanged)[-1].data["has_proposed_change"] is True
    assert own.get(f"{place}/proposed-changes").json == answer.json


def test_the_form_is_shown_as_it_would_be(compliant, own, place, propose):
    propose(name=NEW_NAME)

    shown = own.get(f"{place}/proposed-changes/basic-information")

    assert (shown.version, shown.json["name"]) == (1, NEW_NAME)
    assert shown.json["uscc"] == own.get(place).json["uscc"]


def test_parts_are_proposed_one_after_the_other(compliant, propose):
    propose(name=NEW_NAME)

    unversioned = propose("/licence", name_on_licence=NEW_NAME)
    stale = propose("/licence", if_match=7, name_on_licence=NEW_NAME)
    second = propose("/licence", if_match=1, name_on_licence=NEW_NAME)

    assert (unversioned.status, stale.status) == (428, 412)
    assert (second.status, second.version) == (200, 2)
    assert [part["part"] for part in second.json["parts"]] == ["institution", "school_licence"]


def test_a_version_of_what_was_never_proposed_is_stale(compliant, propose):
    assert propose(if_match=1, name=NEW_NAME).status == 412


def test_a_part_proposed_as_it_is_on_record_falls_out_again(kit, compliant, own, place, propose):
    propose(name=NEW_NAME)

    answer = propose(if_match=1)

    assert answer.json["parts"] == []
    assert own.get(place).json["has_proposed_change"] is False
    assert kit.published(ProfileChanged)[-1].data["has_proposed_change"] is False


def test_what_needs_no_application_is_told_and_stays_behind(compliant, own, place, propose, facts):
    contact = facts["contact"] | {"name": "吴示例"}

    answer = propose(name=NEW_NAME, consult_tel="0571-88009999", contact=contact)

    [part] = answer.json["parts"]
    assert set(ends(part)) == {"/name"}
    told = {(each["pointer"], each["code"]) for each in answer.json["warnings"]}
    assert told == {("/consult_tel", "minor_field"), ("/contact/name", "minor_field")}
    assert own.get(f"{place}/proposed-changes").json["warnings"] == []


def test_with_another_person_comes_another_telephone(compliant, propose):
    [part] = propose(legal_rep=HEAD).json["parts"]
    [alone] = propose(if_match=1, name=NEW_NAME, legal_rep={"mobile": "13800000007"}).json["parts"]

    assert ends(part)["/legal_rep/mobile"] == ("138****0001", "138****0009")
    assert "/legal_rep/name" in ends(alone)


def test_what_is_doubtful_about_the_future_is_warned_of(compliant, propose):
    [part] = propose(region_code="330105").json["parts"]

    assert ("/uscc", "v_11") in {(each["pointer"], each["code"]) for each in part["warnings"]}


def test_the_checks_of_the_part_hold_for_its_future(compliant, propose):
    types = propose(categories=["nonsubject"], nonsubject_types=[])
    empty = propose(name=None)
    term = propose("/licence", valid_to="2020-01-01")
    scan = propose("/licence", scan_file_id=str(new_id()))

    assert (types.status, types.pointers) == (422, {"/nonsubject_types"})
    assert (empty.status, empty.pointers) == (422, {"/name"})
    assert (term.status, term.pointers) == (422, {"/valid_to"})
    assert (scan.status, scan.pointers) == (422, {"/scan_file_id"})


def test_a_discarded_proposal_is_gone(kit, compliant, own, place, propose):
    propose(name=NEW_NAME)

    unversioned = own.delete(f"{place}/proposed-changes")
    gone = own.delete(f"{place}/proposed-changes", if_match=1)

    assert (unversioned.status, gone.status) == (428, 204)
    assert own.get(f"{place}/proposed-changes").status == 404
    assert own.get(f"{place}/proposed-changes/licence").status == 404
    assert own.delete(f"{place}/proposed-changes", if_match=1).status == 404
    assert own.get(place).json["has_proposed_change"] is False


def test_a_number_that_another_holds_cannot_be_proposed(kit, compliant, propose, facts, decide):
    register(kit, facts | {"uscc": OTHER_USCC, "name": "另一示例学校"}, hand_in=True)

    refused = propose(uscc=OTHER_USCC)

    assert (refused.status, refused.problem) == (409, "institution-already-registered")


def test_a_number_that_is_proposed_cannot_be_registered_by_another(kit, compliant, propose, facts):
    propose(uscc=OTHER_USCC)

    refused = register(kit, facts | {"uscc": OTHER_USCC, "name": "另一示例学校"}, hand_in=True)

    assert (refused.status, refused.problem) == (409, "institution-already-registered")


def register(kit, body, *, hand_in):
    """Another institution that fills in its registration; the answer to its submission."""
    other = kit.as_institution(new_id())
    at = f"/api/institution/v1/institutions/{other.principal.institution_id}/registration"
    assert other.put(at, body).status == 201
    return other.post(f"{at}/submission") if hand_in else None


def test_a_proposed_number_of_identity_is_sealed_masked_and_kept(
    kit, compliant, own, place, propose, facts
):
    answer = propose(legal_rep=HEAD)
    unnamed = {name: value for name, value in HEAD.items() if name != "id_no"}
    again = propose(if_match=1, legal_rep=unnamed)

    for told in (answer, again):
        [part] = told.json["parts"]
        number = next(f for f in part["fields"] if f["pointer"] == "/legal_rep/id_masked")
        assert (number["after"], number["is_masked"]) == ("330***********9917", True)
        assert HEAD["id_no"].encode() not in told.content
    with kit.runtime.database.engine.connect() as reader:
        kept = reader.execute(text("SELECT parts::text FROM proposed_change")).scalar_one()
    assert HEAD["id_no"] not in kept
    asked = {"fields": ["legal_rep.id_no", "proposed.legal_rep.id_no"], "reason": None}
    assert own.post(f"{place}/reveals", asked).json["values"] == {
        "legal_rep.id_no": facts["legal_rep"]["id_no"],
        "proposed.legal_rep.id_no": HEAD["id_no"],
    }


def test_a_proposal_is_its_institutions_own(kit, compliant, place, propose):
    propose(name=NEW_NAME)
    at = f"{place}/proposed-changes"
    stranger, reviewer = kit.as_institution(new_id()), kit.as_authority("reviewer")

    for client, problem in ((stranger, "other-institution"), (reviewer, "other-institution")):
        assert client.get(at).problem == problem
        assert client.get(f"{at}/licence").problem == problem
    assert stranger.put(f"{at}/licence", LICENCE, if_match=1).problem == "other-institution"
    assert stranger.delete(at, if_match=1).problem == "other-institution"
    assert reviewer.put(f"{at}/licence", LICENCE, if_match=1).problem == "forbidden"
    assert kit.anonymous().get(at).problem == "unauthorised"


def test_the_page_lists_every_major_field():
    rows = [
        f"| {LABELS[part.table][0]} | {matter.name_zh} | {named(part, matter.majors)}"
        f" | {named(part, matter.companions)} |"
        for part in major.PARTS.values()
        for matter in part.matters
    ]

    told = PAGE.read_text(encoding="utf-8").splitlines()

    start = told.index(rows[0])
    assert told[start : start + len(rows)] == rows
    assert told[start + len(rows)] == ""


def named(part, columns):
    labels = LABELS[part.table][1]
    pointers = [major.pointer_of(name) for name in columns if name not in major.UNTOLD]
    return "、".join(labels[each.replace("/id_no", "/id_masked")] for each in pointers) or "—"


def test_ids_in_a_list_are_kept_as_json_and_read_as_ids():
    scans = [new_id(), new_id()]
    proposal = ProposedChange(parts={})

    proposal.propose("institution", {"legal_rep_id_scan_file_ids": scans})

    assert json.loads(json.dumps(proposal.parts)) == proposal.parts
    assert columns_of(proposal.parts, "institution") == {"legal_rep_id_scan_file_ids": scans}
