"""Authorities read what lies in their jurisdiction, persons masked. Of writing they
suspend, and pick for spot checks.
"""

from datetime import datetime

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import CaseDecided, CaseRouted, SnapshotRequested
from otsp_contracts.institution import ProfileChanged
from otsp_contracts.materials import ExternalReviewRequested, MaterialSuspended

SIGNED = {"negative_list_ok": True, "negative_list_signer": "周示例"}
AUTHOR = {"name": "沈示例", "years": 6, "qual": "teacher_cert", "qual_no": "20191234567890901"}
MASKED = {"name": "沈**", "qual_no": "2019*********0901"}


@pytest.fixture
def route(kit, owner):
    """Lets a case of the institution lie with the caller's authority."""

    def _route(client, kind="compliance", subject_id=None, version=1, case_id=None):
        told = CaseRouted(
            case_id=case_id or new_id(),
            version=version,
            institution_id=owner.principal.institution_id,
            kind=kind,
            subject_id=subject_id or new_id(),
            authority_id=client.principal.authority.authority_id,
        )
        kit.deliver(told)
        return told

    return _route


def place(client):
    return f"/api/materials/v1/institutions/{client.principal.institution_id}/materials"


def persons(answer):
    [author] = answer.json["authors"]
    return {name: author[name] for name in MASKED}


def test_an_authority_lists_and_reads_what_left_its_draft(owner, enter, reviewer):
    used = enter(owner, existing=True, status="in_use")
    draft = enter(owner, title="草稿")

    listed = reviewer.get(place(owner))

    assert [each["material_id"] for each in listed.json["items"]] == [used["material_id"]]
    assert reviewer.get(used["url"]).json["title"] == "初中数学讲义"
    assert reviewer.get(draft["url"]).problem == "not-found"
    assert reviewer.get(place(owner), query={"status": "draft"}).json["items"] == []


def test_persons_are_masked_unless_a_case_of_the_institution_lies_here(
    kit, owner, enter, reviewer, route
):
    used = enter(owner, existing=True, status="in_use", authors=[AUTHOR])
    before = reviewer.get(used["url"])
    case = route(reviewer)
    during = reviewer.get(used["url"])
    elsewhere = kit.as_authority("reviewer", region="330106", department="sports")
    decided = CaseDecided(
        **case.model_dump(include={"case_id", "institution_id", "kind", "subject_id"}),
        version=2,
        decision="approved",
        decided_on="2024-10-15",
    )
    kit.deliver(decided)

    clear = {name: AUTHOR[name] for name in MASKED}
    assert (persons(before), persons(during)) == (MASKED, clear)
    assert persons(elsewhere.get(used["url"])) == MASKED
    assert persons(reviewer.get(used["url"])) == MASKED
    assert persons(owner.get(used["url"])) == clear


def test_the_review_of_one_material_names_its_own_authors_only(owner, enter, reviewer, route):
    one = enter(owner, existing=True, status="in_use", authors=[AUTHOR])
    other = enter(owner, existing=True, status="in_use", title="另一份", authors=[AUTHOR])

    route(reviewer, "external_review", subject_id=one["material_id"])

    listed = reviewer.get(place(owner)).json["items"]
    assert [each["authors"][0]["name"] for each in listed] == ["沈示例", "沈**"]
    assert persons(reviewer.get(other["url"])) == MASKED


def test_institution_whose_registration_is_a_draft_is_not_there_to_authorities(
    kit, owner, enter, reviewer
):
    used = enter(owner, existing=True, status="in_use")
    told = {"name": "示例学校", "region_code": "330106", "legal_nature": "nonprofit", "version": 2}
    told |= {"categories": ["subject"], "delivery_modes": ["offline"], "stages": ["junior"]}
    told |= {"registration_status": "draft", "compliance_status": "not_applied"}
    kit.deliver(ProfileChanged(**told, institution_id=owner.principal.institution_id))

    assert reviewer.get(place(owner)).status == 404
    assert reviewer.get(used["url"]).status == 404


def test_read_of_authors_in_a_case_leaves_an_entry_for_each_material(
    kit, owner, enter, reviewer, route
):
    entered = {"existing": True, "status": "in_use", "authors": [AUTHOR]}
    one, other = enter(owner, **entered), enter(owner, title="别的讲义", **entered)
    reviewer.get(place(owner))
    case = route(reviewer, "external_review", subject_id=one["material_id"])
    reviewer.get(place(owner))
    reviewer.get(one["url"])
    reviewer.get(other["url"])

    auditor = kit.as_authority("auditor", region="000000", level="national")
    query = {"action": "material.read_in_case"}
    entries = auditor.get("/api/materials/v1/audit-entries", query=query).json["items"]
    assert {(each["object_id"], each["reason"]) for each in entries} == {
        (one["material_id"], f"事项 {case.case_id}")
    }
    assert [each["pii_fields"] for each in entries] == [["authors"], ["authors"]]


def test_who_signed_the_promise_is_masked_unless_a_case_lies_here(owner, enter, reviewer, route):
    used = enter(owner, existing=True, status="in_use", **SIGNED)

    before = reviewer.get(used["url"]).json["negative_list_signer"]
    route(reviewer)

    assert before == "周**"
    assert reviewer.get(used["url"]).json["negative_list_signer"] == "周示例"
    assert owner.get(used["url"]).json["negative_list_signer"] == "周示例"


@pytest.mark.parametrize("kind", ["registration", "recovery"])
def test_a_case_of_another_kind_names_nobody(owner, enter, reviewer, route, kind):
    used = enter(owner, existing=True, status="in_use", authors=[AUTHOR])

    route(reviewer, kind)

    assert persons(reviewer.get(used["url"])) == MASKED


def test_an_author_who_is_known_by_id_alone_stays_as_told(owner, enter, reviewer):
    author = {"staff_id": str(new_id()), "years": 6, "qual": "teacher_cert"}
    used = enter(owner, existing=True, status="in_use", authors=[author])

    [told] = reviewer.get(used["url"]).json["authors"]

    assert told == author | {"name": None, "qual_no": None}


def test_other_authorities_and_roles_read_nothing(kit, owner, enter, reviewer):
    used = enter(owner, existing=True, status="in_use")

    for url in (place(owner), used["url"]):
        assert kit.as_authority("reviewer", region="110108").get(url).problem == (
            "outside-jurisdiction"
        )
        assert kit.as_institution(new_id()).get(url).problem == "other-institution"
        assert kit.as_authority("auditor").get(url).problem == "forbidden"
        province = kit.as_authority("reviewer", region="330000", level="province")
        assert province.get(url).status == 200


def test_an_institution_that_nobody_told_of_is_not_there(kit, owner, enter):
    used = enter(owner, existing=True, status="in_use")

    assert kit.as_authority("reviewer").get(used["url"]).problem == "not-found"


@pytest.mark.parametrize(
    "suffix",
    [
        "internal-review-submission",
        "internal-review-result",
        "external-review-request",
        "adoption",
        "archiving",
        "versions",
    ],
)
def test_an_authority_takes_no_step_of_the_institutions(owner, enter, reviewer, suffix):
    used = enter(owner, existing=True, status="in_use")

    refused = reviewer.post(f"{used['url']}/{suffix}", {})

    assert (refused.status, refused.problem) == (403, "forbidden")
    assert owner.get(used["url"]).version == 1


def test_an_authority_exports_nothing(owner, reviewer):
    url = place(owner).removesuffix("materials") + "exports"

    assert reviewer.post(url, {"format": "xlsx"}).problem == "other-institution"


def suspend(client, material, reason="现场检查发现超纲内容"):
    return client.post(f"{material['url']}/suspension", {"reason": reason})


def decided(owner, material, decision):
    """What compliance tells when the case on the material is over."""
    return CaseDecided(
        case_id=new_id(),
        version=2,
        institution_id=owner.principal.institution_id,
        kind="external_review",
        subject_id=material["material_id"],
        decision=decision,
        decided_on="2024-10-16",
    )


def sample(client, material):
    return client.post(f"{material['url']}/sampling")


def test_after_an_inspection_a_material_is_suspended_with_the_reason(kit, owner, enter, reviewer):
    used = enter(owner, existing=True, status="in_use", authors=[AUTHOR])

    with clock.frozen(datetime.fromisoformat("2024-10-15T10:00:00+08:00")):
        suspended = suspend(reviewer, used)

    authority_id = reviewer.principal.authority.authority_id
    assert (suspended.status, suspended.json["status"]) == (200, "suspended")
    assert persons(suspended) == MASKED
    assert owner.get(used["url"]).json["suspension"] == {
        "ordered_on": "2024-10-15",
        "reason": "现场检查发现超纲内容",
        "authority_id": str(authority_id),
    }
    [told] = [each.payload() for each in kit.published(MaterialSuspended)]
    assert (told.from_state, told.to_state) == ("in_use", "suspended")
    assert (told.authority_id, told.actor) == (authority_id, reviewer.principal.account_id)


def test_the_trail_tells_who_suspended_and_why(kit, owner, enter, reviewer):
    used = enter(owner, existing=True, status="in_use")
    suspend(reviewer, used)

    query = select(audit_entry.c.actor_id, audit_entry.c.reason)
    with kit.runtime.database.autocommit.connect() as reader:
        entry = reader.execute(query.where(audit_entry.c.action == "material.suspended")).one()

    assert tuple(entry) == (reviewer.principal.account_id, "现场检查发现超纲内容")


def test_there_is_no_way_back_from_a_suspension_but_archiving_and_a_new_version(
    owner, upload, enter, reviewer
):
    used = enter(owner, existing=True, status="in_use", category="nonsubject")
    suspend(reviewer, used)

    again = owner.post(f"{used['url']}/adoption", {"used_from": "2024-10-15"})
    version = owner.post(f"{used['url']}/versions", {"file_id": upload(owner, "改正")["file_id"]})
    archived = owner.post(f"{used['url']}/archiving", {"used_until": "2024-10-15"})

    assert again.problem == "material-wrong-status"
    assert (version.status, version.json["status"]) == (201, "draft")
    assert (archived.status, archived.json["status"]) == (200, "archived")


@pytest.mark.parametrize("status", ["internal_passed", "suspended", "archived", "purged"])
def test_only_what_is_in_use_is_suspended(owner, enter, reviewer, status):
    material = enter(owner, existing=True, status=status)

    refused = suspend(reviewer, material)

    assert (refused.status, refused.problem) == (409, "material-wrong-status")
    assert refused.json["material_status"] == status


def test_a_suspension_needs_a_reason_that_says_something(owner, enter, reviewer):
    used = enter(owner, existing=True, status="in_use")

    assert suspend(reviewer, used, reason="超纲").pointers == {"/reason"}
    assert owner.get(used["url"]).json["status"] == "in_use"


@pytest.mark.parametrize("take", [suspend, sample])
def test_nobody_else_suspends_or_samples(kit, owner, enter, reviewer, take):
    used = enter(owner, existing=True, status="in_use", category="nonsubject")
    draft = enter(owner, title="草稿")

    assert take(owner, used).problem == "forbidden"
    assert take(kit.as_authority("national_admin"), used).problem == "forbidden"
    elsewhere = kit.as_authority("reviewer", region="110108")
    assert take(elsewhere, used).problem == "outside-jurisdiction"
    assert take(reviewer, draft).problem == "not-found"
    assert owner.get(used["url"]).version == 1


@pytest.mark.parametrize("take", [suspend, sample])
def test_subject_materials_are_the_education_authoritys(kit, owner, enter, reviewer, take):
    subject = enter(owner, existing=True, status="in_use", form="video")
    dance = enter(owner, existing=True, status="in_use", title="舞蹈", category="nonsubject")
    sports = kit.as_authority("reviewer", region="330106", department="sports")

    refused = take(sports, subject)

    assert (refused.status, refused.problem) == (403, "material-other-department")
    assert "移交教育行政部门" in refused.json["detail"]
    assert take(sports, dance).status == 200
    assert take(reviewer, subject).status == 200


def test_a_sampled_material_waits_for_the_authority(kit, owner, upload, enter, reviewer):
    content = upload(owner, "甲")
    material = enter(
        owner,
        existing=True,
        status="internal_passed",
        category="nonsubject",
        file_id=content["file_id"],
    )

    sampled = sample(reviewer, material)

    assert (sampled.status, sampled.json["status"]) == (200, "external_pending")
    assert sampled.json["external_review"]["required"] is True
    [asked] = [each.payload() for each in kit.published(ExternalReviewRequested)]
    assert (asked.sampled, asked.from_state) == (True, "internal_passed")
    refused = owner.post(f"{material['url']}/adoption", {"used_from": "2024-10-15"})
    assert refused.problem == "material-wrong-status"


def test_a_material_in_use_is_sampled_and_used_meanwhile(owner, enter, reviewer):
    used = enter(owner, existing=True, status="in_use", category="nonsubject")

    sampled = sample(reviewer, used)

    assert (sampled.json["status"], sampled.json["external_review"]["result"]) == (
        "in_use",
        "pending",
    )
    assert sample(reviewer, used).problem == "material-under-external-review"


def test_what_an_authority_has_passed_is_not_sampled_again(kit, owner, enter, reviewer):
    used = enter(owner, existing=True, status="in_use")
    kit.deliver(decided(owner, used, "approved"))

    refused = sample(reviewer, used)

    assert (refused.status, refused.problem) == (409, "material-wrong-status")
    assert "已通过外部审核" in refused.json["detail"]


@pytest.mark.parametrize(
    ("decision", "result"), [("approved", "pass"), ("rejected", "fail"), ("withdrawn", None)]
)
def test_a_decision_on_a_suspended_material_is_recorded_and_it_stays_suspended(
    kit, owner, enter, reviewer, decision, result
):
    used = enter(owner, existing=True, status="in_use")
    suspend(reviewer, used)
    kit.deliver(decided(owner, used, decision))

    told = owner.get(used["url"]).json

    assert kit.set_aside() == []
    assert (told["status"], told["external_review"]["result"]) == ("suspended", result)


@pytest.mark.parametrize("take", [suspend, sample])
def test_a_review_of_the_institution_hinders_no_inspection(
    kit, owner, upload, enter, reviewer, take
):
    used = enter(
        owner,
        existing=True,
        status="in_use",
        category="nonsubject",
        file_id=upload(owner, "甲")["file_id"],
    )
    kit.deliver(
        SnapshotRequested(
            request_id=new_id(),
            institution_id=owner.principal.institution_id,
            application_id=new_id(),
            purpose="application",
            as_of="2024-10-15",
            sections=("materials",),
        )
    )

    assert take(reviewer, used).status == 200


def test_versions_of_a_title_are_told_the_last_first(owner, upload, enter, reviewer):
    first = enter(owner, existing=True, status="in_use", category="nonsubject")
    enter(owner, title="另一份")
    second, third = (
        owner.post(
            f"{first['url']}/versions", {"file_id": upload(owner, str(number))["file_id"]}
        ).json
        for number in (2, 3)
    )

    url = f"{first['url']}/versions"
    page = owner.get(url, query={"limit": 2}).json
    rest = owner.get(url, query={"cursor": page["next"]}).json

    told = [each["version_no"] for each in page["items"] + rest["items"]]
    assert (told, rest["next"]) == ([3, 2, 1], None)
    assert page["items"][0]["material_id"] == third["material_id"]
    assert [each["version_no"] for each in reviewer.get(url).json["items"]] == [1]
    drafts = url.replace(first["material_id"], second["material_id"])
    assert reviewer.get(drafts).problem == "not-found"


def test_a_material_without_a_title_is_its_only_version(owner, enter):
    one = enter(owner, title=None)
    enter(owner, title=None)

    [told] = owner.get(f"{one['url']}/versions").json["items"]

    assert told["material_id"] == one["material_id"]
