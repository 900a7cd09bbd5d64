"""Why a case lies where it lies, steps that stay as frozen, and transfers with a reason."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseRouted

RULE = {
    "category": "nonsubject",
    "delivery": "offline",
    "mode": "sector_then_edu",
    "effective_from": "2024-01-01",
    "basis_doc": "武教〔2024〕1号（示例）",
}


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def neighbour(world):
    return world.authority("杭州市上城区教育局", region_code="330102")


def admin(world, authority):
    return world.reviewer(authority, "region_admin")


def only_case(client, world):
    (case,) = client.get(f"{world.api}/cases").json["items"]
    return case["case_id"]


def routing(client, world, case_id):
    return client.get(f"{world.api}/cases/{case_id}/routing")


def transfer(client, world, case_id, authority, **fields):
    body = {"authority_id": str(authority.authority_id), "reason": "住所已迁至该区"} | fields
    return client.post(f"{world.api}/cases/{case_id}/transfers", body)


def arts_case(world, kit):
    """A case of sample C with a step of culture and one of education."""
    world.of_sample("C")
    culture = world.authority("武侯区文化体育和旅游局", department="culture_tourism")
    education = world.authority("武侯区教育局")
    county = kit.as_authority("region_admin", region=world.region)
    county.put(f"{world.api}/routing-rules/{world.region}", {"rules": [RULE]})
    world.registration()
    return culture, education, only_case(world.reviewer(culture), world)


def test_each_step_tells_its_rule_its_level_and_the_alternatives(world, kit):
    culture, _education, case_id = arts_case(world, kit)

    told = routing(world.reviewer(culture), world, case_id).json

    assert [step["authority"] for step in told["steps"]] == [
        "武侯区文化体育和旅游局",
        "武侯区教育局",
    ]
    (ground,) = told["steps"][0]["grounds"]
    assert (ground["matrix"], ground["rule"]["set_at"]) == (["R3"], "county")
    assert ground["rule"]["basis_doc"] == RULE["basis_doc"]
    assert [one["rule"]["rule_id"] for one in ground["alternatives"]] == ["R3", "R7"]
    assert told["text_zh"][0].startswith("第 1 步（武侯区文化体育和旅游局）：线下非学科类")
    assert told["routed_by"]["primary_nonsubject_type"] == "culture_arts"


def test_the_institution_and_the_authorities_concerned_may_ask_why(world, kit):
    _culture, education, case_id = arts_case(world, kit)
    province = kit.as_authority(region="510000", level="province")
    nation = kit.as_authority("national_admin", region="000000", level="national")

    for client in (world.institution(), world.reviewer(education), province, nation):
        assert routing(client, world, case_id).status == 200
    assert routing(kit.as_institution(new_id()), world, case_id).problem == "other-institution"
    assert routing(kit.as_authority(region="330105"), world, case_id).problem == (
        "outside-jurisdiction"
    )
    assert routing(nation, world, new_id()).problem == "not-found"


def test_steps_stay_as_they_were_frozen(world, kit, now):
    """§1.5: later routing changes do not move pending cases."""
    _culture, _education, case_id = arts_case(world, kit)
    before = routing(world.institution(), world, case_id).json
    county = kit.as_authority("region_admin", region=world.region)

    with clock.frozen(now + timedelta(days=1)):
        changed = RULE | {"mode": "edu_only"}
        path = f"{world.api}/routing-rules/{world.region}"
        answer = county.put(path, {"rules": [changed]}, if_match=1)
        kit.run_job("route_waiting_cases")

    assert answer.status == 200
    assert routing(world.institution(), world, case_id).json == before


def test_a_case_that_lies_with_nobody_says_why(world, kit):
    told = world.registration()
    bureau = kit.as_authority(region="330105")
    assert only_case_of(kit, told) is not None

    answer = routing(world.institution(), world, only_case_of(kit, told))

    assert answer.json["steps"] == []
    (text,) = answer.json["text_zh"]
    assert text.startswith("浙江省杭州市西湖区自区县起各级均没有启用的教育部门")
    assert bureau.get(f"{world.api}/cases").json["items"] == []


def only_case_of(kit, told):
    """Of a case that is in nobody's worklist."""
    from sqlalchemy import select

    from otsp_chassis.db import reading
    from otsp_compliance.model import ReviewCase

    with kit.active(), reading() as tx:
        return tx.scalar(
            select(ReviewCase.case_id).where(ReviewCase.subject_id == told.institution_id)
        )


@pytest.mark.parametrize("side", ["gives", "takes"])
def test_either_side_hands_a_case_over_with_a_reason(world, kit, bureau, neighbour, side):
    """§1.5: a region_admin of either side may transfer."""
    world.registration()
    case_id = only_case(world.reviewer(bureau), world)

    answer = transfer(
        admin(world, bureau if side == "gives" else neighbour), world, case_id, neighbour
    )

    assert answer.json["authority_id"] == str(neighbour.authority_id)
    assert only_case(world.reviewer(neighbour), world) == case_id
    assert world.reviewer(bureau).get(f"{world.api}/cases").json["items"] == []
    events = [each.payload() for each in kit.published(CaseRouted)]
    assert [event.authority_id for event in events] == [
        bureau.authority_id,
        neighbour.authority_id,
    ]
    assert events[1].version > events[0].version
    told = routing(world.institution(), world, case_id).json
    (moved,) = told["transfers"]
    assert (moved["from_authority"], moved["to_authority"]) == (
        "杭州市西湖区教育局",
        "杭州市上城区教育局",
    )
    assert (
        "2024-10-15 由杭州市西湖区教育局转办至杭州市上城区教育局，理由：住所已迁至该区。"
        in (told["text_zh"][0])
    )


def test_whoever_took_a_case_over_decides_it(world, kit, bureau, neighbour):
    world.registration()
    case_id = only_case(world.reviewer(bureau), world)
    transfer(admin(world, bureau), world, case_id, neighbour)
    path, body = f"{world.api}/cases/{case_id}/decisions", {"decision": "approve"}

    assert world.reviewer(bureau).post(path, body).problem == "case-not-routed-here"
    assert world.reviewer(neighbour).post(path, body).json["decision"] == "approved"


def test_only_the_present_step_is_handed_over(world, kit):
    culture, _education, case_id = arts_case(world, kit)
    city = world.authority(
        "成都市文化广电旅游局", level="city", department="culture_tourism", region_code="510100"
    )

    answer = transfer(admin(world, culture), world, case_id, city)

    assert [step["authority"] for step in answer.json["steps"]] == [
        "成都市文化广电旅游局",
        "武侯区教育局",
    ]
    assert answer.json["step_count"] == 2


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"region_code": "510107"}, "other_province"),
        ({"region_code": "000000", "level": "national"}, "other_province"),
        ({"region_code": "330102", "active": False}, "inactive"),
    ],
)
def test_a_case_stays_within_its_province(world, bureau, target, code):
    world.registration()
    case_id = only_case(world.reviewer(bureau), world)
    elsewhere = world.authority("示例教育局", **target)

    refused = transfer(admin(world, bureau), world, case_id, elsewhere)

    assert (refused.status, refused.pointers) == (422, {"/authority_id"})
    assert refused.json["errors"][0]["code"] == code


def test_a_transfer_to_where_it_lies_or_to_nobody_is_refused(world, bureau):
    world.registration()
    case_id = only_case(world.reviewer(bureau), world)
    unknown = bureau.model_copy(update={"authority_id": new_id()})

    same = transfer(admin(world, bureau), world, case_id, bureau)
    nobody = transfer(admin(world, bureau), world, case_id, unknown)

    assert same.json["errors"][0]["code"] == "same_authority"
    assert nobody.json["errors"][0]["code"] == "unknown_authority"


def test_who_may_not_hand_a_case_over(world, kit, bureau, neighbour):
    world.registration()
    case_id = only_case(world.reviewer(bureau), world)
    third = world.authority("杭州市拱墅区教育局", region_code="330105")

    assert transfer(world.reviewer(bureau), world, case_id, neighbour).problem == "forbidden"
    assert transfer(admin(world, third), world, case_id, neighbour).problem == (
        "case-not-routed-here"
    )
    assert transfer(admin(world, bureau), world, case_id, neighbour, reason="").status == 422
    assert transfer(admin(world, bureau), world, case_id, neighbour, step_no=2).problem == (
        "case-moved-on"
    )
    assert transfer(admin(world, bureau), world, new_id(), neighbour).problem == "not-found"


def test_a_decided_case_is_not_handed_over(world, bureau, neighbour):
    world.registration()
    reviewer = world.reviewer(bureau)
    case_id = only_case(reviewer, world)
    reviewer.post(f"{world.api}/cases/{case_id}/decisions", {"decision": "approve"})

    refused = transfer(admin(world, bureau), world, case_id, neighbour)

    assert (refused.status, refused.problem) == (409, "case-already-decided")


def test_a_submitted_application_is_handed_over_and_a_withdrawn_one_is_not(
    world, bureau, neighbour
):
    world.profile().configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    case_id = only_case(world.reviewer(bureau), world)

    moved = transfer(admin(world, bureau), world, case_id, neighbour)
    world.institution().post(f"{world.api}/applications/{application_id}/withdrawal")
    refused = transfer(admin(world, neighbour), world, case_id, bureau)

    assert moved.status == 200
    (step,) = world.application(application_id)["routed_steps"]
    assert step["authority"] == "杭州市上城区教育局"
    assert (refused.status, refused.problem) == (409, "application-action-impossible")
