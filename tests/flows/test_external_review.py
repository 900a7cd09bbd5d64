"""The authority's review of a material, from the request to what a self-check says of it."""

import pytest

from otsp_cli.dossier.gateway import Refused

CASES = "/api/compliance/v1/cases"
REASON = "第三章存在超纲内容"


def material(town):
    return town.clerk("B").get(town.path("B", "materials", "materials", town.ids("B")["B1"]))


def case_of(town, material_id=None):
    """Online subject training lies with the province, and so do its materials."""
    subject_id = material_id or town.ids("B")["B1"]
    reviewer = town.reviewer("110108", level="province")
    cases = reviewer.list_all(CASES, state="open", kind="external_review")
    [case] = [case for case in cases if case["subject_id"] == subject_id]
    return reviewer, case


def decide(town, material_id=None, **decision):
    reviewer, case = case_of(town, material_id)
    reviewer.post(f"{CASES}/{case['case_id']}/decisions", decision)
    town.platform.settle()
    return case


def begun(town):
    """A new material of sample B that passed the institution's own review, which asks outside."""
    clerk, ids = town.clerk("B"), town.ids("B")
    draft = {
        "title": "四年级数学讲义(示例)",
        "category": "subject",
        "form": "basic",
        "stage": "primary",
        "negative_list_ok": True,
        "file_id": town.desks["B"].upload("materials", "fourth-year", "fourth")["file_id"],
        "authors": [{"staff_id": ids["R1"], "years": 7, "qual": "teacher_cert"}],
    }
    path = town.path("B", "materials", "materials")
    path = f"{path}/{clerk.post(path, draft)['material_id']}"
    clerk.post(f"{path}/internal-review-submission", None)
    review = {"result": "pass", "reviewer_ids": [ids["T1"]], "reviewed_on": "2024-10-15"}
    clerk.post(f"{path}/internal-review-result", review)
    town.platform.settle()
    return path


def test_a_new_material_that_is_rejected_is_external_failed_and_cannot_be_used(town):
    path = begun(town)
    decide(town, path.rpartition("/")[2], decision="reject", reason=REASON)

    rejected = town.clerk("B").get(path)
    with pytest.raises(Refused) as refused:
        town.clerk("B").post(f"{path}/adoption", {"used_from": "2024-10-15"})

    assert rejected["status"] == "external_failed"
    assert rejected["external_review"]["result"] == "fail"
    assert rejected["external_review"]["opinion"] == REASON
    assert refused.value.status == 409


def test_a_new_material_that_is_approved_is_in_use(town):
    path = begun(town)
    assert town.clerk("B").get(path)["status"] == "external_pending"

    decide(town, path.rpartition("/")[2], decision="approve", doc_no="京教材审〔2024〕7号")

    approved = town.clerk("B").get(path)
    assert approved["status"] == "in_use"
    assert approved["external_review"]["approval_no"] == "京教材审〔2024〕7号"


def test_a_material_in_use_that_is_rejected_blocks(town):
    assert material(town)["external_review"]["result"] == "pending"

    decide(town, decision="reject", reason=REASON)

    assert material(town)["external_review"]["result"] == "fail"
    found = town.self_check("B")
    [named] = [one for one in found["findings"]["blocking"] if one["rule_id"] == "MAT-002"]
    assert named["object_ids"] == [town.ids("B")["B1"]]


def test_an_approved_material_passes_and_no_longer_blocks(town):
    assert "MAT-002" in town.self_check("B")["blocking"]

    decide(town, decision="approve", decided_on="2024-10-14")

    approved = material(town)
    assert approved["status"] == "in_use"
    assert approved["external_review"]["result"] == "pass"
    assert approved["external_review"]["reviewed_on"] == "2024-10-14"
    assert "MAT-002" not in town.self_check("B")["blocking"]


def test_a_decision_reaches_a_material_that_is_under_review_and_not_the_sealed_snapshot(town):
    found = town.filed("A")
    path = town.path("A", "materials", "materials")
    draft = {"title": "新编讲义(示例)", "category": "subject", "form": "basic"}
    assert town.call("A", "POST", path, json=draft | {"existing": True}).status_code == 423

    application = town.filed("B")
    decide(town, decision="approve")

    assert material(town)["external_review"]["result"] == "pass"
    assert "MAT-002" in town.application("B", application["application_id"])["blocking"]
    assert town.application("A", found["application_id"])["state"] == "awaiting_acknowledgement"


def test_a_decided_case_cannot_be_decided_again(town):
    case = decide(town, decision="reject", reason="超纲")

    with pytest.raises(Refused) as refused:
        town.reviewer("110108", level="province").post(
            f"{CASES}/{case['case_id']}/decisions", {"decision": "approve"}
        )

    assert refused.value.status == 409
    assert material(town)["external_review"]["result"] == "fail"


def test_the_institution_itself_cannot_decide(town):
    _, case = case_of(town)

    with pytest.raises(Refused) as refused:
        town.clerk("B").post(f"{CASES}/{case['case_id']}/decisions", {"decision": "approve"})

    assert (refused.value.status, refused.value.slug) == (403, "forbidden")


def test_a_material_picked_for_a_spot_check_goes_to_the_authority_and_stays_in_use(town):
    """Not a basic one: it came into use on the institution's own review."""
    clerk, path = town.clerk("B"), town.path("B", "materials", "materials")
    video = {
        "existing": True,
        "status": "in_use",
        "title": "四年级数学微课(示例)",
        "category": "subject",
        "form": "video",
        "stage": "primary",
    }
    path = f"{path}/{clerk.post(path, video)['material_id']}"
    reviewer = town.reviewer("110108", level="province")

    sampled = reviewer.post(f"{path}/sampling", None)
    town.platform.settle()
    pending = clerk.get(path)
    decide(town, path.rpartition("/")[2], decision="approve")

    assert (sampled["status"], pending["external_review"]["result"]) == ("in_use", "pending")
    assert clerk.get(path)["external_review"]["result"] == "pass"
