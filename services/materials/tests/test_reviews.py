"""From a draft through its reviews into use and out of it."""

from datetime import date

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided
from otsp_contracts.materials import ExternalReviewRecorded, ExternalReviewRequested

DECIDED_ON = date(2024, 8, 28)


@pytest.fixture
def draft(owner, upload, enter):
    """A draft with content; category and form may be told."""

    def make(**fields):
        return enter(owner, file_id=upload(owner, "甲")["file_id"], **fields)

    return make


def submit(client, material):
    return client.post(f"{material['url']}/internal-review-submission")


def review(client, material, **changes):
    body = {"result": "pass", "reviewer_ids": [str(new_id())], "reviewed_on": "2024-08-10"}
    return client.post(f"{material['url']}/internal-review-result", body | changes)


def adopt(client, material):
    return client.post(f"{material['url']}/adoption", {"used_from": "2024-09-01", "filed": True})


def decided(material, owner, decision="approved", **changes):
    fields = {
        "case_id": new_id(),
        "version": 2,
        "actor": new_id(),
        "institution_id": owner.principal.institution_id,
        "kind": "external_review",
        "subject_id": material["material_id"],
        "decision": decision,
        "decided_on": DECIDED_ON,
        "authority_id": new_id(),
        "reason": "符合要求",
    }
    return CaseDecided.model_validate(fields | changes)


def passed_inside(client, material):
    assert submit(client, material).status == 200
    answered = review(client, material)
    assert answered.status == 200, answered.json
    return answered.json


def test_a_draft_without_content_is_not_submitted(owner, enter):
    material = enter(owner, title=None)

    refused = submit(owner, material)

    assert (refused.status, refused.pointers) == (422, {"/title", "/file_id"})
    assert owner.get(material["url"]).json["status"] == "draft"


def test_the_internal_review_fixes_the_content_it_saw(owner, draft):
    material = draft(category="nonsubject")
    submitted = submit(owner, material).json
    assert (submitted["status"], submitted["internal_review"]["result"]) == (
        "internal_review",
        "pending",
    )

    reviewed = review(owner, material, opinion="内容准确").json

    assert reviewed["status"] == "internal_passed"
    assert reviewed["reviewed_sha256"] == material["content_sha256"]
    assert reviewed["internal_review"]["reviewed_on"] == "2024-08-10"
    assert reviewed["internal_review"]["opinion"] == "内容准确"


def test_a_failed_internal_review_ends_this_version(owner, draft):
    material = draft()
    submit(owner, material)

    failed = review(owner, material, result="fail")

    assert failed.json["status"] == "internal_failed"
    assert adopt(owner, material).problem == "material-wrong-status"
    assert submit(owner, material).problem == "material-wrong-status"


def test_nobody_reviews_what_he_wrote(owner, draft):
    writer = str(new_id())
    material = draft(authors=[{"staff_id": writer, "years": 5}])
    submit(owner, material)

    refused = review(owner, material, reviewer_ids=[str(new_id()), writer])

    assert (refused.status, refused.pointers) == (422, {"/reviewer_ids/1"})
    assert owner.get(material["url"]).json["status"] == "internal_review"


def test_a_review_needs_a_reviewer_and_a_day_that_was(owner, draft):
    material = draft()
    submit(owner, material)

    refused = review(owner, material, reviewer_ids=[], reviewed_on="2999-01-01")

    assert (refused.status, refused.pointers) == (422, {"/reviewer_ids", "/reviewed_on"})


def test_basic_subject_material_goes_on_to_the_authority(kit, owner, draft):
    material = draft()

    reviewed = passed_inside(owner, material)

    assert reviewed["status"] == "external_pending"
    assert reviewed["external_review"]["result"] == "pending"
    (event,) = kit.published(ExternalReviewRequested)
    asked = event.payload()
    assert (asked.from_state, asked.to_state) == ("internal_passed", "external_pending")
    assert asked.content_sha256 == material["content_sha256"]


def test_other_material_is_adopted_on_the_internal_review(kit, owner, draft):
    material = draft(category="nonsubject")
    passed_inside(owner, material)

    adopted = adopt(owner, material)

    assert adopted.status == 200
    assert (adopted.json["status"], adopted.json["used_from"]) == ("in_use", "2024-09-01")
    assert adopted.json["filed"] is True
    assert kit.published(ExternalReviewRequested) == []


def test_nothing_is_adopted_before_its_internal_review(owner, draft):
    material = draft(category="nonsubject")

    refused = adopt(owner, material)

    assert (refused.status, refused.problem) == (409, "material-wrong-status")
    assert refused.json["material_status"] == "draft"


def test_sampled_material_is_asked_for_and_then_not_adopted(kit, owner, draft):
    material = draft(form="library")
    passed_inside(owner, material)

    asked = owner.post(f"{material['url']}/external-review-request")

    assert (asked.status, asked.json["status"]) == (200, "external_pending")
    assert asked.json["external_review"]["required"] is True
    assert kit.published(ExternalReviewRequested)[0].payload().sampled is True
    assert adopt(owner, material).problem == "material-wrong-status"
    again = owner.post(f"{material['url']}/external-review-request")
    assert (again.status, again.problem) == (409, "material-under-external-review")


def test_approval_brings_it_into_use(kit, owner, draft):
    material = draft()
    passed_inside(owner, material)
    decision = decided(material, owner)

    kit.deliver(decision)

    now = owner.get(material["url"]).json
    assert (now["status"], now["used_from"]) == ("in_use", "2024-08-28")
    outside = now["external_review"]
    assert (outside["result"], outside["reviewed_on"]) == ("pass", "2024-08-28")
    assert outside["authority_id"] == str(decision.authority_id)
    assert (outside["reviewer_id"], outside["opinion"]) == (str(decision.actor), "符合要求")
    (event,) = kit.published(ExternalReviewRecorded)
    recorded = event.payload()
    assert (recorded.result, recorded.reviewed_on) == ("pass", DECIDED_ON)
    assert (recorded.from_state, recorded.to_state) == ("external_pending", "in_use")
    assert (recorded.case_id, recorded.actor) == (decision.case_id, decision.actor)
    assert kit.set_aside() == []


def test_rejection_ends_this_version(kit, owner, draft):
    material = draft()
    passed_inside(owner, material)

    kit.deliver(decided(material, owner, "rejected"))

    now = owner.get(material["url"]).json
    assert (now["status"], now["external_review"]["result"]) == ("external_failed", "fail")
    (event,) = kit.published(ExternalReviewRecorded)
    assert (event.payload().result, event.payload().to_state) == ("fail", "external_failed")
    asked = owner.post(f"{material['url']}/external-review-request")
    assert asked.problem == "material-wrong-status"


@pytest.mark.parametrize("decision", ["returned", "withdrawn", "lapsed"])
def test_a_case_without_a_result_may_be_asked_for_again(kit, owner, draft, decision):
    material = draft()
    passed_inside(owner, material)

    kit.deliver(decided(material, owner, decision, authority_id=None))

    now = owner.get(material["url"]).json
    assert (now["status"], now["external_review"]["result"]) == ("internal_passed", None)
    assert now["external_review"]["reviewer_id"] is None
    assert kit.published(ExternalReviewRecorded) == []
    refused = adopt(owner, material)
    assert (refused.status, refused.problem) == (422, "material-needs-external-review")
    asked = owner.post(f"{material['url']}/external-review-request")
    assert asked.json["status"] == "external_pending"
    assert len(kit.published(ExternalReviewRequested)) == 2


def test_an_existing_material_takes_the_day_of_the_decision(kit, owner, draft):
    material = draft(existing=True, status="in_use", used_from="2024-03-01")

    kit.deliver(decided(material, owner))

    now = owner.get(material["url"]).json
    assert (now["status"], now["used_from"]) == ("in_use", "2024-03-01")
    assert now["external_review"]["reviewed_on"] == "2024-08-28"
    again = owner.post(f"{material['url']}/external-review-request")
    assert again.problem == "material-wrong-status"


def test_while_it_is_asked_for_again_nobody_has_reviewed_it(kit, owner, draft):
    material = draft(existing=True, status="in_use")
    kit.deliver(decided(material, owner, "rejected"))

    asked = owner.post(f"{material['url']}/external-review-request")

    outside = asked.json["external_review"]
    told = {name: outside[name] for name in ("result", "reviewer_id", "reviewed_on", "opinion")}
    assert told == dict.fromkeys(told) | {"result": "pending"}


def test_an_existing_material_that_is_rejected_stays_in_use_for_the_rules_to_name(
    kit, owner, draft
):
    material = draft(existing=True, status="in_use")

    kit.deliver(decided(material, owner, "rejected"))

    now = owner.get(material["url"]).json
    assert (now["status"], now["external_review"]["result"]) == ("in_use", "fail")


def test_an_existing_material_returned_stays_in_use_and_may_be_asked_for_again(kit, owner, draft):
    material = draft(existing=True, status="in_use")

    kit.deliver(decided(material, owner, "returned"))
    asked = owner.post(f"{material['url']}/external-review-request")

    assert (asked.json["status"], asked.json["external_review"]["result"]) == ("in_use", "pending")


def test_a_second_decision_changes_nothing(kit, owner, draft):
    material = draft()
    passed_inside(owner, material)
    kit.deliver(decided(material, owner))

    kit.deliver(decided(material, owner, "rejected"))

    assert owner.get(material["url"]).json["status"] == "in_use"
    assert len(kit.published(ExternalReviewRecorded)) == 1
    assert kit.set_aside() == []


def test_decisions_on_other_things_are_not_ours(kit, owner, draft):
    material = draft()
    passed_inside(owner, material)

    kit.deliver(decided(material, owner, kind="registration"))

    assert owner.get(material["url"]).json["status"] == "external_pending"
    assert kit.set_aside() == []


def test_a_decision_on_a_material_that_does_not_exist_is_set_aside(kit, owner):
    unknown = {"material_id": new_id()}

    kit.deliver(decided(unknown, owner))

    assert len(kit.set_aside()) == 1


def test_a_material_with_an_open_case_is_neither_hidden_nor_archived(kit, owner, draft):
    material = draft(existing=True, status="in_use")
    place = f"{material['url']}/archiving"

    hidden = owner.delete(material["url"], if_match=1)
    archived = owner.post(place, {"used_until": "2024-09-30"})

    assert {hidden.problem, archived.problem} == {"material-under-external-review"}
    kit.deliver(decided(material, owner))
    assert owner.post(place, {"used_until": "2024-09-30"}).status == 200


def test_out_of_use_it_is_kept_three_years(owner, draft):
    material = draft(existing=True, status="in_use", category="nonsubject", used_from="2024-02-01")
    place = f"{material['url']}/archiving"

    refused = owner.post(place, {"used_until": "2024-01-31"})
    archived = owner.post(place, {"used_until": "2024-09-30"})

    assert (refused.status, refused.pointers) == (422, {"/used_until"})
    assert archived.json["status"] == "archived"
    assert (archived.json["used_until"], archived.json["retain_until"]) == (
        "2024-09-30",
        "2027-09-30",
    )
    assert owner.post(place, {"used_until": "2024-09-30"}).problem == "material-wrong-status"
