"""Cases: opened by events, routed by the resolver, decided once by the authority they lie with."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.page import encode_cursor
from otsp_compliance.commands.references import keep_authority
from otsp_compliance.model import ReviewCase
from otsp_contracts.auth import AuthorityChanged
from otsp_contracts.compliance import CaseDecided, CaseRouted


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.authority("杭州市西湖区教育局")


def an_authority(world):
    return AuthorityChanged(
        authority_id=new_id(),
        version=1,
        name="杭州市西湖区教育局",
        level="county",
        department="education",
        region_code=world.region,
        active=True,
    )


def cases(kit):
    with kit.active(), reading() as tx:
        return tx.scalar(select(func.count()).select_from(ReviewCase))


def routed(kit):
    return [each.payload() for each in kit.published(CaseRouted)]


def decided(kit):
    return [each.payload() for each in kit.published(CaseDecided)]


def worklist(client, world, **query):
    return client.get(f"{world.api}/cases", query=query).json["items"]


def decide(client, world, case_id, decision="approve", **fields):
    body = {"decision": decision} | fields
    return client.post(f"{world.api}/cases/{case_id}/decisions", body)


def test_a_registration_lies_with_the_authority_of_its_county(world, kit, bureau):
    told = world.registration()

    (event,) = routed(kit)
    assert (event.kind, event.authority_id) == ("registration", bureau.authority_id)
    assert (event.subject_id, event.version) == (told.institution_id, 1)
    (case,) = worklist(world.reviewer(bureau), world, kind="registration")
    assert (case["title"], case["opened_on"]) == (told.name, "2024-10-15")
    view = world.reviewer(bureau).get(f"{world.api}/cases/{case['case_id']}").json
    assert view["details"]["stages"] == ["junior"]
    assert [step["authority"] for step in view["steps"]] == ["杭州市西湖区教育局"]


def test_an_approved_registration_is_told_to_its_owner(world, kit, bureau):
    world.registration()
    reviewer = world.reviewer(bureau)
    (case,) = worklist(reviewer, world)

    answer = decide(reviewer, world, case["case_id"])

    assert (answer.json["state"], answer.json["decision"]) == ("decided", "approved")
    (event,) = decided(kit)
    assert (event.kind, event.decision) == ("registration", "approved")
    assert event.authority_id == bureau.authority_id
    assert event.actor == reviewer.principal.account_id
    assert event.version == answer.json["version"]
    assert worklist(reviewer, world) == []
    assert [one["case_id"] for one in worklist(reviewer, world, state="decided")] == [
        case["case_id"]
    ]


@pytest.mark.parametrize(("decision", "outcome"), [("return", "returned"), ("reject", "rejected")])
def test_a_refusal_needs_a_reason(world, kit, bureau, decision, outcome):
    world.registration()
    reviewer = world.reviewer(bureau)
    (case,) = worklist(reviewer, world)

    bare = decide(reviewer, world, case["case_id"], decision)
    reasoned = decide(reviewer, world, case["case_id"], decision, reason="证照不一致")

    assert (bare.status, bare.pointers) == (422, {"/reason"})
    assert reasoned.json["decision"] == outcome
    assert decided(kit)[0].reason == "证照不一致"


def test_a_decision_is_not_dated_in_the_future(world, bureau):
    world.registration()
    reviewer = world.reviewer(bureau)
    (case,) = worklist(reviewer, world)

    future = decide(reviewer, world, case["case_id"], decided_on="2024-10-16")
    past = decide(reviewer, world, case["case_id"], decided_on="2024-08-28")

    assert future.pointers == {"/decided_on"}
    assert past.json["decided_on"] == "2024-08-28"


def test_a_case_is_not_decided_twice(world, kit, bureau):
    world.registration()
    reviewer = world.reviewer(bureau)
    (case,) = worklist(reviewer, world)
    decide(reviewer, world, case["case_id"])

    again = decide(reviewer, world, case["case_id"], "reject", reason="改主意")

    assert (again.status, again.problem) == (409, "case-already-decided")
    assert len(decided(kit)) == 1


def test_of_two_decisions_at_once_one_wins(world, kit, bureau):
    world.registration()
    clients = [world.reviewer(bureau), world.reviewer(bureau)]
    (case,) = worklist(clients[0], world)
    gate, answers = threading.Barrier(2), []

    def act(client):
        gate.wait(timeout=10)
        answers.append(decide(client, world, case["case_id"]))

    threads = [threading.Thread(target=act, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(decided(kit)) == 1


def test_another_authority_may_not_decide(world, kit, bureau):
    world.registration()
    (case,) = worklist(world.reviewer(bureau), world)
    same_county = kit.as_authority(region="330106", department="sports")
    elsewhere = kit.as_authority(region="330105")

    for client in (same_county, elsewhere):
        refused = decide(client, world, case["case_id"])
        assert (refused.status, refused.problem) == (403, "case-not-routed-here")
        assert worklist(client, world) == []
    path = f"{world.api}/cases/{case['case_id']}"
    assert same_county.get(path).status == 200
    assert elsewhere.get(path).problem == "outside-jurisdiction"
    assert decided(kit) == []


def test_an_institution_has_no_worklist(world):
    assert world.institution().get(f"{world.api}/cases").problem == "forbidden"


def test_both_authorities_of_a_mixed_region_must_approve(world, kit):
    world.of_sample("C")
    culture = world.authority("武侯区文化体育和旅游局", department="culture_tourism")
    education = world.authority("武侯区教育局")
    rule = {
        "category": "nonsubject",
        "delivery": "offline",
        "mode": "sector_then_edu",
        "effective_from": "2024-01-01",
    }
    admin = kit.as_authority("region_admin", region=world.region)
    admin.put(f"{world.api}/routing-rules/{world.region}", {"rules": [rule]})
    world.registration()
    first, second = world.reviewer(culture), world.reviewer(education)
    (case,) = worklist(first, world)

    after_first = decide(first, world, case["case_id"]).json
    repeated = decide(first, world, case["case_id"])
    after_second = decide(second, world, case["case_id"]).json

    assert (after_first["state"], after_first["step_no"]) == ("open", 2)
    assert (repeated.status, repeated.problem) == (409, "case-moved-on")
    assert after_second["state"] == "decided"
    assert [event.step_no for event in routed(kit)] == [1, 2]
    assert [event.authority_id for event in routed(kit)] == [
        culture.authority_id,
        education.authority_id,
    ]
    before, after = (event.version for event in routed(kit))
    assert before < after
    assert len(decided(kit)) == 1


def test_a_rejection_at_the_first_step_ends_the_case(world, kit):
    world.of_sample("C")
    culture = world.authority("武侯区文化体育和旅游局", department="culture_tourism")
    world.authority("武侯区教育局")
    rule = {
        "category": "nonsubject",
        "delivery": "offline",
        "mode": "sector_then_edu",
        "effective_from": "2024-01-01",
    }
    admin = kit.as_authority("region_admin", region=world.region)
    admin.put(f"{world.api}/routing-rules/{world.region}", {"rules": [rule]})
    world.registration()
    reviewer = world.reviewer(culture)
    (case,) = worklist(reviewer, world)

    answer = decide(reviewer, world, case["case_id"], "reject", reason="不符合设置标准")

    assert answer.json["state"] == "decided"
    assert [event.decision for event in decided(kit)] == ["rejected"]


def test_a_decision_on_a_step_already_left_is_refused(world, bureau):
    world.registration()
    reviewer = world.reviewer(bureau)
    (case,) = worklist(reviewer, world)

    refused = decide(reviewer, world, case["case_id"], step_no=2)

    assert (refused.status, refused.problem) == (409, "case-moved-on")


def test_an_older_registration_arriving_late_changes_nothing(world, kit, bureau):
    world.registration(version=6, round=2)

    world.registration(version=2, round=1)

    assert cases(kit) == 1
    (case,) = worklist(world.reviewer(bureau), world)
    view = world.reviewer(bureau).get(f"{world.api}/cases/{case['case_id']}").json
    assert view["details"]["round"] == 2


def test_a_returned_registration_comes_back_as_a_new_case(world, kit, bureau):
    world.registration(version=2)
    reviewer = world.reviewer(bureau)
    (case,) = worklist(reviewer, world)
    decide(reviewer, world, case["case_id"], "return", reason="请更正地址")

    world.registration(version=5, round=2)

    (again,) = worklist(reviewer, world)
    assert again["case_id"] != case["case_id"]
    assert cases(kit) == 2


def test_a_newer_submission_takes_the_place_of_one_still_open(world, kit, bureau):
    world.registration(version=2)

    world.registration(version=3, name="杭州示例启明文化培训学校(更名)")

    (case,) = worklist(world.reviewer(bureau), world)
    assert case["title"] == "杭州示例启明文化培训学校(更名)"
    assert len(routed(kit)) == 1


def test_a_registration_waits_for_its_authority(world, kit):
    world.registration()
    assert routed(kit) == []

    bureau = world.authority("杭州市西湖区教育局")

    assert [event.authority_id for event in routed(kit)] == [bureau.authority_id]


def test_the_job_routes_what_was_passed_over(world, kit):
    """An authority and a registration may be told at the same instant, neither seeing the other."""
    world.registration()
    with kit.active(), transaction() as tx:
        keep_authority(tx, an_authority(world))
    assert routed(kit) == []

    kit.run_job("route_waiting_cases")
    kit.run_job("route_waiting_cases")

    assert len(routed(kit)) == 1


def test_a_sector_without_an_authority_is_covered_by_education(world, kit):
    world.of_sample("C")
    world.authority("武侯区教育局")
    rule = {
        "category": "nonsubject",
        "delivery": "offline",
        "mode": "sector_only",
        "effective_from": "2024-01-01",
    }
    admin = kit.as_authority("region_admin", region=world.region)
    admin.put(f"{world.api}/routing-rules/{world.region}", {"rules": [rule]})

    world.registration()

    bureau_client = kit.as_authority(region=world.region, authority_id=routed(kit)[0].authority_id)
    (case,) = worklist(bureau_client, world)
    (step,) = bureau_client.get(f"{world.api}/cases/{case['case_id']}").json["steps"]
    assert (step["authority"], step["fallback"]) == ("武侯区教育局", "ROUTING_FALLBACK")


def test_an_authority_that_closed_is_passed_over(world, kit, bureau):
    world.authority("杭州市教育局", level="city", region_code="330100")
    world.authority("杭州市西湖区教育局", authority_id=bureau.authority_id, version=2, active=False)
    world.authority("杭州市西湖区教育局", authority_id=bureau.authority_id, version=1)

    world.registration()

    assert routed(kit)[0].authority_id != bureau.authority_id


@pytest.mark.parametrize(
    ("sample", "expected"), [("A", "杭州市西湖区教育局"), ("B", "北京市教育委员会")]
)
def test_a_material_goes_to_the_education_authority_of_its_delivery(world, kit, sample, expected):
    world.of_sample(sample).profile()
    world.authority("北京市教育委员会", level="province", region_code="110000")
    world.authority("北京市海淀区教育委员会", region_code="110108")
    world.authority("杭州市西湖区教育局", region_code="330106")

    told = world.external_review()

    (event,) = routed(kit)
    assert (event.kind, event.subject_id) == ("external_review", told.material_id)
    client = kit.as_authority(region=world.region, authority_id=event.authority_id)
    (item,) = worklist(client, world, kind="external_review")
    view = client.get(f"{world.api}/cases/{item['case_id']}").json
    assert [step["authority"] for step in view["steps"]] == [expected]


@pytest.fixture
def material_case(world, bureau):
    world.profile()
    world.external_review()
    client = world.reviewer(bureau)
    (item,) = worklist(client, world, kind="external_review")
    return client, item["case_id"]


@pytest.mark.parametrize("doc_no", ["杭教材审〔2024〕7号", None])
def test_approved_material_has_the_number_that_its_authority_gave(
    world, kit, material_case, doc_no
):
    client, case_id = material_case

    answer = decide(client, world, case_id, doc_no=doc_no)

    assert answer.status == 200
    [event] = decided(kit)
    assert (event.decision, event.doc_no) == ("approved", doc_no)


@pytest.mark.parametrize("decision", ["return", "reject"])
def test_refused_material_has_no_number(world, kit, material_case, decision):
    client, case_id = material_case

    refused = decide(client, world, case_id, decision, doc_no="1号", reason="超纲")

    assert (refused.status, refused.pointers) == (422, {"/doc_no"})
    assert decided(kit) == []


def test_registration_is_not_numbered_by_its_reviewer(world, kit, bureau):
    world.registration()
    client = world.reviewer(bureau)
    (case,) = worklist(client, world, kind="registration")

    refused = decide(client, world, case["case_id"], doc_no="1号")

    assert (refused.status, refused.pointers) == (422, {"/doc_no"})
    assert decided(kit) == []


def test_a_material_waits_until_its_institution_is_known(world, kit, bureau):
    world.external_review()
    assert routed(kit) == []

    world.profile()

    assert [event.kind for event in routed(kit)] == ["external_review"]


def test_the_worklist_is_oldest_first_and_cut_into_pages(world, kit, bureau, now):
    world.profile()
    for minute in range(3):
        with clock.frozen(now + timedelta(minutes=minute)):
            world.external_review(title=f"讲义{minute}")
    reviewer = world.reviewer(bureau)

    first = reviewer.get(f"{world.api}/cases", query={"limit": 2}).json
    rest = reviewer.get(f"{world.api}/cases", query={"limit": 2, "cursor": first["next"]}).json

    titles = [one["title"] for one in [*first["items"], *rest["items"]]]
    assert titles == ["讲义0", "讲义1", "讲义2"]
    assert rest["next"] is None


def test_an_unknown_case_is_not_found(world, bureau):
    reviewer = world.reviewer(bureau)

    assert reviewer.get(f"{world.api}/cases/{new_id()}").problem == "not-found"
    assert decide(reviewer, world, new_id()).problem == "not-found"


def test_a_made_up_cursor_is_a_bad_parameter(world, bureau):
    query = {"cursor": encode_cursor(["no id"])}

    assert world.reviewer(bureau).get(f"{world.api}/cases", query=query).problem == "bad-parameter"
