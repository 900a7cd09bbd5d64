"""What was filed is read as it was, whatever the file says today."""

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.profile().configure().authority("杭州市西湖区教育局")


@pytest.fixture
def filed(world, bureau):
    clerk = {**world.sections["A"]["staff"]["staff"][0], "staff_id": "clerk", "id_hmac": "c1"}
    world.sections["A"]["staff"]["staff"].append(clerk | {"name": "周示例", "staff_type": "admin"})
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    assert world.state(application_id) == "submitted", world.application(application_id)["blocking"]
    return application_id


def part(world, client, application_id, name="staff"):
    return client.get(f"{world.api}/applications/{application_id}/snapshot/{name}")


def names(answer):
    return {each["staff_id"]: each["name"] for each in answer.json["content"]["staff"]}


def test_the_institution_reads_each_part_with_the_digest_that_the_seal_names(world, filed):
    seal = world.application(filed)["snapshot"]

    told = {name: part(world, world.institution(), filed, name) for name in seal["parts"]}

    assert {name: each.json["part_sha256"] for name, each in told.items()} == seal["parts"]
    assert {each.json["snapshot_sha256"] for each in told.values()} == {seal["sha256"]}
    assert told["institution"].json["content"]["institution"]["name"] == world.facts["name"]
    assert told["staff"].headers["Cache-Control"] == "no-store"


def test_an_open_case_shows_names_and_never_what_persons_are_matched_by(world, bureau, filed):
    answer = part(world, world.reviewer(bureau), filed)

    assert not answer.json["is_masked"]
    assert names(answer)["clerk"] == "周示例"
    assert not any("id_hmac" in each for each in answer.json["content"]["staff"])


def test_that_an_authority_looked_at_people_is_recorded_and_nothing_else(world, kit, bureau, filed):
    part(world, world.institution(), filed)
    part(world, world.reviewer(bureau), filed, "courses")
    part(world, world.reviewer(bureau), filed)

    auditor = kit.as_authority("auditor", region="000000", level="national")
    asked = {"action": "compliance.snapshot_read"}
    [entry] = auditor.get(f"{world.api}/audit-entries", query=asked).json["items"]
    assert (entry["object_id"], entry["pii_fields"]) == (filed, ["staff"])


def test_after_the_decision_other_staff_is_masked(world, bureau, filed):
    reviewer = world.reviewer(bureau)
    case_id = world.application(filed)["case_id"]
    reviewer.post(f"{world.api}/cases/{case_id}/acceptance", {})
    refusal = {"decision": "return", "reason": "材料不全"}
    reviewer.post(f"{world.api}/cases/{case_id}/decisions", refusal)

    answer = part(world, reviewer, filed)

    assert answer.json["is_masked"]
    assert names(answer)["clerk"] == "周**"
    teachers = {
        each["name"] for each in answer.json["content"]["staff"] if each["staff_type"] == "teaching"
    }
    assert teachers
    assert not any("*" in name for name in teachers)


def test_who_has_no_step_in_it_sees_nothing_of_it(world, filed):
    city = world.authority("杭州市教育局", level="city", region_code="330100")
    elsewhere = world.authority("上城区教育局", region_code="330102")

    refused = [part(world, world.reviewer(each), filed) for each in (city, elsewhere)]
    stranger = part(world, world.kit.as_institution(new_id()), filed)

    assert [(each.status, each.problem) for each in refused] == [
        (403, "application-not-in-hand"),
        (403, "outside-jurisdiction"),
    ]
    assert stranger.problem == "other-institution"


def test_what_was_never_sealed_cannot_be_read(world, bureau):
    application_id = world.filed()

    answer = part(world, world.institution(), application_id)

    assert (answer.status, answer.problem) == (409, "application-not-sealed")
