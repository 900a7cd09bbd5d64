"""Each snapshot that is reviewed has its receipt; a decision's is over the one it decided upon."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.signing import PublicKeys
from otsp_compliance.model.receipt_proof import prove

ITEM = {
    "kind": "wrong_value",
    "part": "licence",
    "pointer": "/issuer_name",
    "basis": "民办教育促进法实施条例第二十一条",
    "cure_zh": "按许可证正本更正发证机关",
}
READ = {"warnings_read": ["SIT-006"]}


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def reviewer(world):
    return world.reviewer(world.profile().configure().authority("杭州市西湖区教育局"))


@pytest.fixture
def application_id(world, reviewer):
    """Sample A, accepted."""
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    case = world.application(application_id)["case_id"]
    assert reviewer.post(f"{world.api}/cases/{case}/acceptance", {}).status == 200
    return application_id


@pytest.fixture
def supplement(world, reviewer, application_id):
    """A notice, its answer on the 25th, and the sections as they are then."""
    place = f"{world.api}/applications/{application_id}"

    def go_round(client=reviewer, issuer="杭州市教育局"):
        case = f"{world.api}/cases/{world.application(application_id)['case_id']}"
        given = client.post(f"{case}/notices", {"items": [ITEM]})
        assert given.status == 201, given.json
        [item] = given.json["items"]
        world.sections[world.sample]["institution"]["licence"]["issuer_name"] = issuer
        path = f"{place}/notices/{given.json['notice_id']}/items/{item['item_id']}/answer"
        assert world.institution().put(path, {"text": "已更正"}).status == 200
        assert world.institution().post(f"{place}/resubmission", None).status == 202
        world.provide()
        return world.application(application_id)

    return go_round


@pytest.fixture
def keys(kit):
    return PublicKeys.from_file(kit.runtime.settings.receipt_public_keys)


def listed(world, application_id):
    path = f"{world.api}/applications/{application_id}/receipts"
    return world.institution().get(path).json["items"]


def read(world, line, query=""):
    return world.institution().get(f"{world.api}/receipts/{line['receipt_no']}{query}").json


def issuer_in(receipt):
    return receipt["disclosures"]["institution"]["content"]["licence"]["issuer_name"]


def test_a_supplement_has_a_receipt_over_its_own_snapshot(
    world, now, application_id, supplement, keys
):
    before = world.application(application_id)["snapshot"]["sha256"]
    with clock.frozen(now + timedelta(days=10)):
        application = supplement()

    filing, second = listed(world, application_id)
    receipt = read(world, second)

    proof = prove(receipt, keys)
    assert (proof.faults, proof.is_seal_proved) == ([], True)
    assert (filing["kind"], second["kind"]) == ("filing", "supplement")
    assert second["receipt_no"].startswith("BZ20241025-")
    sealed = receipt["payload"]["snapshot"]["sha256"]
    assert sealed == application["snapshot"]["sha256"] != before
    assert receipt["payload"]["application"] == {
        "application_id": application_id,
        "seq_no": application["seq_no"],
        "kind": "initial",
        "submitted_on": "2024-10-15",
        "round": 1,
        "supplemented_on": "2024-10-25",
    }
    assert receipt["payload"]["authority"]["name"] == "杭州市西湖区教育局"
    assert receipt["payload"]["decision"] is None


def test_the_receipt_of_the_filing_stays_good_and_proves_what_was_filed_then(
    world, application_id, supplement, keys
):
    query = "?parts=institution"
    [filing] = listed(world, application_id)
    before = read(world, filing, query)

    supplement()

    after = read(world, listed(world, application_id)[0], query)
    assert after == before
    assert prove(after, keys).faults == []
    assert issuer_in(after) != "杭州市教育局"
    assert listed(world, application_id)[0]["state"] == "valid"


def test_a_decision_is_over_the_snapshot_that_was_decided_upon(
    world, reviewer, application_id, supplement, keys
):
    application = supplement()
    case = f"{world.api}/cases/{application['case_id']}"
    approved = reviewer.post(f"{case}/decisions", {"decision": "approve"} | READ)
    assert approved.status == 200, approved.json

    filing, second, decision = (
        read(world, line, "?parts=institution") for line in listed(world, application_id)
    )

    sealed = [each["payload"]["snapshot"]["sha256"] for each in (filing, second, decision)]
    assert sealed[0] != sealed[1] == sealed[2] == application["snapshot"]["sha256"]
    assert [issuer_in(each) for each in (second, decision)] == ["杭州市教育局"] * 2
    assert prove(decision, keys).faults == []


def test_salts_of_one_round_open_nothing_of_another(world, application_id, supplement):
    supplement()

    filing, second = (read(world, line)["disclosures"] for line in listed(world, application_id))

    assert all(filing[part]["salt"] != second[part]["salt"] for part in filing)


def test_each_round_has_its_receipt(world, reviewer):
    application_id, sports = world.teaches_sports()
    world.provide()
    case = f"{world.api}/cases/{world.application(application_id)['case_id']}"
    assert reviewer.post(f"{case}/acceptance", {}).status == 200

    def go_round(client):
        [item] = (given := client.post(f"{case}/notices", {"items": [ITEM]}).json)["items"]
        place = f"{world.api}/applications/{application_id}"
        path = f"{place}/notices/{given['notice_id']}/items/{item['item_id']}/answer"
        assert world.institution().put(path, {"text": "已更正"}).status == 200
        assert world.institution().post(f"{place}/resubmission", None).status == 202
        world.provide()

    go_round(reviewer)
    reviewer.post(f"{case}/decisions", {"decision": "approve"} | READ)
    go_round(world.reviewer(sports))

    told = [read(world, line)["payload"] for line in listed(world, application_id)]
    rounds = [(each["kind"], each["application"].get("round")) for each in told]
    assert rounds == [("filing", None), ("supplement", 1), ("supplement", 2)]
    assert told[2]["authority"]["name"] == "杭州市西湖区体育局"


def test_an_answer_that_is_not_enough_has_none_until_it_is(world, application_id, supplement):
    funds = world.sections[world.sample]["institution"]["funds"]
    kept, funds["supervision"] = funds["supervision"], None
    assert supplement()["state"] == "supplementing"
    assert len(listed(world, application_id)) == 1

    funds["supervision"] = kept
    place = f"{world.api}/applications/{application_id}"
    assert world.institution().post(f"{place}/resubmission", None).status == 202
    world.provide()

    assert [each["kind"] for each in listed(world, application_id)] == ["filing", "supplement"]


def test_with_new_warnings_it_comes_when_they_are_read(world, application_id, supplement):
    world.sections[world.sample]["institution"]["licence"]["valid_to"] = "2024-12-15"
    assert supplement()["state"] == "awaiting_acknowledgement"
    assert len(listed(world, application_id)) == 1

    path = f"{world.api}/applications/{application_id}/acknowledgements"
    assert world.institution().post(path, {"rule_ids": ["V-06"]}).json["state"] == "in_review"

    assert [each["kind"] for each in listed(world, application_id)] == ["filing", "supplement"]
