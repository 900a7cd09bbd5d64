"""The materials section, and the review lock that is set with it."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from otsp_chassis.canonical import Packed, unpack
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided, ReviewUnlocked, SnapshotRequested
from otsp_contracts.materials import MaterialsSnapshotProvided
from otsp_contracts.snapshots import MaterialsSection, parse_dossiers
from otsp_materials.snapshot import build_section
from otsp_testkit.listening import statements_sent

SAMPLES = Path(__file__).parents[3] / "docs" / "samples.yaml"
AS_OF = date(2024, 10, 15)
LOCKED_ZH = "审核中，信息已锁定，可撤回申请后修改"
NOT_SENT = {"material_id", "content_sha256", "reviewed_sha256", "authors"}
SHARED = ("title", "category", "form", "status", "stage", "overseas", "negative_list_ok", "filed")


def dossiers():
    samples = yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))
    return {each.sample: each for each in parse_dossiers(samples)}


def request(institution_id, *, purpose="self_check", application_id=None, sections=("materials",)):
    return SnapshotRequested(
        request_id=new_id(),
        institution_id=institution_id,
        purpose=purpose,
        application_id=application_id,
        as_of=AS_OF,
        sections=sections,
    )


def provided(kit):
    payloads = [each.payload() for each in kit.published(MaterialsSnapshotProvided)]
    return payloads, [
        MaterialsSection.model_validate(unpack(Packed(one.sha256, one.encoding, one.data)))
        for one in payloads
    ]


def under_review(kit, owner):
    application_id = new_id()
    institution_id = owner.principal.institution_id
    kit.deliver(request(institution_id, purpose="application", application_id=application_id))
    return ReviewUnlocked(institution_id=institution_id, application_id=application_id)


def body_of(material, staff, file_id):
    """What a client sends for a material of a dossier."""
    body = material.model_dump(mode="json", exclude_unset=True, exclude=NOT_SENT)
    body["file_id"] = body["reviewed_file_id"] = file_id
    body["authors"] = [
        author.model_dump(exclude_unset=True) | {"staff_id": staff[author.staff_id]}
        for author in material.authors
    ]
    reviewers = body["internal_review"]["reviewer_ids"]
    body["internal_review"]["reviewer_ids"] = [staff[reviewer] for reviewer in reviewers]
    body["external_review"] = {"required": material.external_review.required}
    return body | {"existing": True}


def decide(kit, owner, material_id, decided_on):
    kit.deliver(
        CaseDecided(
            case_id=new_id(),
            version=2,
            institution_id=owner.principal.institution_id,
            kind="external_review",
            subject_id=material_id,
            decision="approved",
            decided_on=decided_on,
            authority_id=new_id(),
        )
    )


@pytest.mark.parametrize("sample", ["A", "B", "C"])
def test_the_section_of_a_sample_says_what_the_dossier_says(kit, owner, upload, sample):
    dossier = dossiers()[sample]
    staff = {person.staff_id: str(new_id()) for person in dossier.staff}
    place = f"/api/materials/v1/institutions/{owner.principal.institution_id}/materials"
    for material in dossier.materials:
        file_id = upload(owner, material.title)["file_id"]
        created = owner.post(place, body_of(material, staff, file_id))
        assert created.status == 201, created.json
        if material.external_review.result == "pass":
            material_id = created.json["material_id"]
            decide(kit, owner, material_id, material.external_review.reviewed_on)

    kit.deliver(request(owner.principal.institution_id))

    (_,), (section,) = provided(kit)
    assert len(section.materials) == len(dossier.materials)
    for fact, material in zip(section.materials, dossier.materials, strict=True):
        assert {name: getattr(fact, name) for name in SHARED} == {
            name: getattr(material, name) for name in SHARED
        }
        assert fact.content_sha256 == fact.reviewed_sha256 is not None
        assert [(one.staff_id, one.years, one.qual) for one in fact.authors] == [
            (staff[one.staff_id], one.years, one.qual) for one in material.authors
        ]
        inside, outside = material.internal_review, material.external_review
        assert fact.internal_review.result == inside.result
        assert fact.internal_review.reviewed_on == inside.reviewed_on
        assert list(fact.internal_review.reviewer_ids) == [
            staff[one] for one in inside.reviewer_ids
        ]
        assert fact.external_review.required == outside.required
        assert fact.external_review.result == outside.result
        assert fact.external_review.reviewed_on == outside.reviewed_on
    assert {(each.code, each.pointer) for each in section.field_warnings} == {
        ("missing", "/copyright_note"),
        ("missing", "/delivery"),
        ("missing", "/edition"),
        ("missing", "/filed_on"),
        ("missing", "/negative_list_signer"),
    }


def test_drafts_and_hidden_materials_stand_in_no_section(kit, owner, enter):
    enter(owner)
    hidden = enter(owner, existing=True, status="internal_failed", title="乙")
    owner.delete(hidden["url"], if_match=1)
    kept = enter(owner, existing=True, status="archived", title="丙", used_until="2024-01-01")

    kit.deliver(request(owner.principal.institution_id))

    (_,), (section,) = provided(kit)
    assert [fact.material_id for fact in section.materials] == [kept["material_id"]]
    assert section.materials[0].used_until == date(2024, 1, 1)


def test_an_institution_without_materials_gives_an_empty_section_once(kit):
    asked = request(new_id())

    kit.deliver(asked, times=3)

    (payload,), (section,) = provided(kit)
    assert section == MaterialsSection()
    assert (payload.request_id, payload.section, payload.version) == (
        asked.request_id,
        "materials",
        1,
    )


def test_a_request_that_does_not_ask_for_materials_is_not_answered(kit):
    kit.deliver(request(new_id(), sections=("staff",)))

    assert kit.published(MaterialsSnapshotProvided) == []


def test_asked_again_the_section_is_sent_again_with_a_higher_version(kit):
    asked = request(new_id())

    kit.deliver(asked)
    kit.deliver(asked)

    assert [one.version for one in provided(kit)[0]] == [1, 2]


def test_a_self_check_locks_nothing(kit, owner, enter):
    kit.deliver(request(owner.principal.institution_id))

    assert owner.get(enter(owner, existing=True, status="in_use")["url"]).status == 200


def test_under_review_what_the_snapshot_shows_is_read_only(kit, owner, enter):
    used = enter(owner, existing=True, status="in_use")
    draft = enter(owner, title="乙")
    unlocked = under_review(kit, owner)
    reviewed = {
        "result": "pass",
        "reviewer_ids": [str(new_id())],
        "reviewed_on": "2024-08-10",
    }

    calls = [
        owner.post(used["url"].rpartition("/")[0], {"existing": True}),
        owner.put(used["url"], {}, if_match=1),
        owner.delete(used["url"], if_match=1),
        owner.post(f"{draft['url']}/internal-review-submission"),
        owner.post(f"{used['url']}/internal-review-result", reviewed),
        owner.post(f"{used['url']}/external-review-request"),
        owner.post(f"{used['url']}/adoption", {"used_from": "2024-01-01"}),
        owner.post(f"{used['url']}/archiving", {"used_until": "2024-01-01"}),
    ]

    assert {(call.status, call.json["detail"]) for call in calls} == {(423, LOCKED_ZH)}
    assert owner.get(used["url"]).version == 1
    kit.deliver(unlocked)
    assert owner.put(used["url"], {}, if_match=1).status == 200


def test_under_review_drafts_are_begun_changed_versioned_and_hidden(kit, owner, upload, enter):
    used = enter(owner, existing=True, status="in_use")
    under_review(kit, owner)

    draft = enter(owner, title="乙")
    changed = owner.put(draft["url"], {"title": "丙"}, if_match=1)
    content = upload(owner, "甲")["file_id"]
    version = owner.post(f"{used['url']}/versions", {"file_id": content})

    assert (changed.status, version.status) == (200, 201)
    assert owner.delete(draft["url"], if_match=2).status == 204


def test_under_review_the_authority_still_decides(kit, owner, upload, enter):
    content = upload(owner, "甲")["file_id"]
    material = enter(owner, existing=True, status="in_use", file_id=content)
    under_review(kit, owner)

    decide(kit, owner, material["material_id"], date(2024, 8, 28))

    assert owner.get(material["url"]).json["external_review"]["result"] == "pass"
    assert kit.set_aside() == []


def test_a_section_takes_one_statement_however_many_materials(kit, owner, enter):
    for number in range(1, 6):
        enter(owner, existing=True, status="in_use", version_no=number)
    with kit.active(), transaction() as tx, statements_sent() as sent:
        section = build_section(tx, owner.principal.institution_id, AS_OF)

    assert len(section.materials) == 5
    assert len(sent) == 1
