"""Materials over HTTP: entered, corrected, versioned, hidden."""

import hashlib

import pytest
from sqlalchemy import select

from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.materials import ExternalReviewRequested


def base_of(client):
    return f"/api/materials/v1/institutions/{client.principal.institution_id}"


def test_a_new_material_is_a_draft_of_version_one(owner, upload, enter):
    content = upload(owner, "甲")

    material = enter(owner, file_id=content["file_id"])

    assert (material["status"], material["version_no"]) == ("draft", 1)
    assert material["content_sha256"] == content["sha256"]
    assert material["reviewed_sha256"] is None
    assert material["external_review"]["required"] is True
    assert owner.get(material["url"]).version == 1


def test_what_a_rule_judges_is_stored_even_when_missing(owner, enter):
    material = enter(owner, existing=True, status="in_use", title=None, version_no=None, form=None)

    assert (material["title"], material["version_no"], material["authors"]) == (None, None, [])
    missing = {each["pointer"] for each in material["warnings"]}
    assert missing == {"/edition", "/delivery", "/copyright_note"}


def test_an_unknown_code_and_a_history_are_refused_together(owner):
    body = {"form": "stone", "status": "in_use", "used_from": "2024-01-01"}

    refused = owner.post(f"{base_of(owner)}/materials", body)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {"/form", "/status", "/used_from"}


def test_a_file_that_is_not_the_institutions_own_is_refused(kit, owner, upload):
    foreign = upload(kit.as_institution(new_id()), "甲")

    refused = owner.post(f"{base_of(owner)}/materials", {"file_id": foreign["file_id"]})

    assert (refused.status, refused.pointers) == (422, {"/file_id"})
    assert owner.get(f"{base_of(owner)}/materials").json["items"] == []


def test_the_same_title_and_version_twice_are_refused(kit, owner, enter):
    enter(owner)

    refused = owner.post(f"{base_of(owner)}/materials", {"title": "初中数学讲义"})

    assert (refused.status, refused.problem) == (409, "material-version-exists")
    enter(owner, version_no=2)
    enter(kit.as_institution(new_id()))


def test_a_hidden_material_frees_its_title(owner, enter):
    material = enter(owner)
    assert owner.delete(material["url"]).problem == "precondition-required"
    assert owner.delete(material["url"], if_match=1).status == 204

    assert owner.get(material["url"]).problem == "not-found"
    enter(owner)


def test_renaming_onto_another_version_is_refused(owner, enter):
    enter(owner, title="甲")
    other = enter(owner, title="乙")

    refused = owner.put(other["url"], {"title": "甲"}, if_match=1)

    assert refused.problem == "material-version-exists"
    assert owner.get(other["url"]).json["title"] == "乙"


def test_a_draft_is_replaced_as_a_whole(owner, upload, enter):
    first, second = upload(owner, "甲"), upload(owner, "乙")
    material = enter(owner, file_id=first["file_id"], version_no=3, edition="第一版")

    body = {"title": "新名", "category": "nonsubject", "file_id": second["file_id"]}
    replaced = owner.put(material["url"], body, if_match=1)

    assert (replaced.status, replaced.version) == (200, 2)
    assert replaced.json["content_sha256"] == second["sha256"]
    assert (replaced.json["edition"], replaced.json["version_no"]) == (None, 3)
    assert replaced.json["external_review"]["required"] is False


def test_new_content_undoes_the_review_of_a_draft(owner, upload, enter):
    first, second = upload(owner, "甲"), upload(owner, "乙")
    review = {"result": "pass", "reviewer_ids": [str(new_id())], "reviewed_on": "2024-08-10"}
    material = enter(
        owner,
        existing=True,
        file_id=first["file_id"],
        reviewed_file_id=first["file_id"],
        internal_review=review,
    )
    assert material["reviewed_sha256"] == first["sha256"]

    replaced = owner.put(material["url"], {"file_id": second["file_id"]}, if_match=1)

    assert replaced.json["reviewed_sha256"] is None
    assert replaced.json["internal_review"]["result"] is None
    assert replaced.json["internal_review"]["reviewer_ids"] == []


def test_beyond_a_draft_the_description_is_corrected_and_the_content_is_not(owner, upload, enter):
    first, second = upload(owner, "甲"), upload(owner, "乙")
    material = enter(
        owner, existing=True, status="in_use", category="nonsubject", file_id=first["file_id"]
    )

    refused = owner.put(material["url"], {"file_id": second["file_id"]}, if_match=1)
    corrected = owner.put(
        material["url"], {"file_id": first["file_id"], "negative_list_ok": True}, if_match=1
    )

    assert (refused.status, refused.problem) == (409, "material-content-reviewed")
    assert corrected.json["negative_list_ok"] is True
    assert corrected.json["content_sha256"] == first["sha256"]


@pytest.mark.parametrize("status", ["archived", "purged"])
def test_what_is_stored_away_is_not_edited(owner, enter, status):
    material = enter(owner, existing=True, status=status)

    refused = owner.put(material["url"], {}, if_match=1)

    assert (refused.status, refused.problem) == (409, "material-wrong-status")


def test_replacing_needs_the_version_that_was_read(owner, enter):
    material = enter(owner)

    assert owner.put(material["url"], {}).problem == "precondition-required"
    assert owner.put(material["url"], {}, if_match=9).problem == "stale-version"


def test_changed_content_becomes_the_next_version(owner, upload, enter):
    first, second = upload(owner, "甲"), upload(owner, "乙")
    writer = {"staff_id": str(new_id()), "years": 6, "qual": "teacher_cert"}
    material = enter(
        owner,
        existing=True,
        status="in_use",
        category="nonsubject",
        file_id=first["file_id"],
        authors=[writer],
        negative_list_ok=True,
        negative_list_signer="沈示例",
        filed=True,
    )
    enter(owner, version_no=4)

    added = owner.post(f"{material['url']}/versions", {"file_id": second["file_id"]})
    promised = {"negative_list_ok": True, "negative_list_signer": "周示例"}
    promising = owner.post(f"{material['url']}/versions", {"file_id": second["file_id"]} | promised)

    assert added.status == 201
    assert {name: promising.json[name] for name in promised} == promised
    assert (material["negative_list_signer"], added.json["negative_list_signer"]) == (
        "沈示例",
        None,
    )
    assert (added.json["status"], added.json["version_no"]) == ("draft", 5)
    assert added.json["content_sha256"] == second["sha256"]
    assert added.json["authors"][0]["staff_id"] == writer["staff_id"]
    assert (added.json["negative_list_ok"], added.json["filed"]) == (None, False)
    former = owner.get(material["url"])
    assert (former.json["status"], former.version) == ("in_use", 1)


def test_an_existing_material_in_use_goes_to_the_authority_at_once(kit, owner, upload, enter):
    content = upload(owner, "甲")

    material = enter(owner, existing=True, status="in_use", file_id=content["file_id"])

    assert material["status"] == "in_use"
    outside = material["external_review"]
    assert (outside["required"], outside["result"], outside["reviewed_on"]) == (
        True,
        "pending",
        None,
    )
    (event,) = kit.published(ExternalReviewRequested)
    asked = event.payload()
    assert str(asked.material_id) == material["material_id"]
    assert asked.institution_id == owner.principal.institution_id
    assert (asked.title, asked.category, asked.form) == ("初中数学讲义", "subject", "basic")
    assert (asked.content_sha256, asked.sampled) == (content["sha256"], False)
    assert (asked.from_state, asked.to_state, asked.version) == (None, "in_use", 1)
    assert asked.actor == owner.principal.account_id


@pytest.mark.parametrize(
    "changes",
    [
        {"category": "nonsubject"},
        {"form": "library"},
        {"form": "video", "external_review": {"required": False}},
        {"status": "archived"},
        {"status": "internal_passed"},
    ],
)
def test_no_other_existing_material_is_asked_for(kit, owner, upload, enter, changes):
    fields = {"existing": True, "status": "in_use", "file_id": upload(owner, "甲")["file_id"]}

    material = enter(owner, **(fields | changes))

    assert kit.published(ExternalReviewRequested) == []
    assert material["external_review"]["result"] is None


def test_an_existing_material_that_lacks_something_is_asked_for_all_the_same(kit, owner, enter):
    material = enter(owner, existing=True, status="in_use", title=None)

    (event,) = kit.published(ExternalReviewRequested)
    assert (event.payload().title, event.payload().content_sha256) == ("", "")
    assert material["external_review"]["result"] == "pending"


def test_a_sampled_existing_material_is_asked_for_as_a_sample(kit, owner, upload, enter):
    enter(
        owner,
        existing=True,
        status="in_use",
        form="library",
        external_review={"required": True},
        file_id=upload(owner, "甲")["file_id"],
    )

    (event,) = kit.published(ExternalReviewRequested)
    assert event.payload().sampled is True


def test_whether_the_authority_is_required_stays_unknown_when_told_so(owner, enter):
    material = enter(owner, existing=True, status="in_use", external_review={"required": None})

    assert material["external_review"]["required"] is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [("absent", "first"), ("second", "second"), (None, None)],
)
def test_the_reviewed_content_of_an_existing_material_may_differ(
    owner, upload, enter, given, expected
):
    files = {"first": upload(owner, "甲"), "second": upload(owner, "乙"), None: {}}
    fields = {} if given == "absent" else {"reviewed_file_id": files[given].get("file_id")}

    material = enter(
        owner,
        existing=True,
        status="in_use",
        file_id=files["first"]["file_id"],
        **fields,
    )

    assert material["reviewed_sha256"] == files[expected].get("sha256")


def test_an_existing_material_out_of_use_is_kept_three_years(owner, enter):
    material = enter(owner, existing=True, status="archived", used_until="2024-06-30")

    assert material["retain_until"] == "2027-06-30"


def test_a_file_is_told_to_its_own_institution_only(kit, owner, upload):
    content = upload(owner, "甲")
    other = kit.as_institution(new_id())

    assert owner.get(f"{base_of(owner)}/files/{content['file_id']}").json == content
    assert other.get(f"{base_of(other)}/files/{content['file_id']}").problem == "not-found"
    assert other.get(f"{base_of(owner)}/files/{content['file_id']}").problem == "other-institution"


def test_a_file_is_sent_to_its_own_institution_only(kit, owner, upload):
    content = upload(owner, "甲")
    place = f"{base_of(owner)}/files/{content['file_id']}/content"

    sent = owner.get(place)

    assert hashlib.sha256(sent.content).hexdigest() == content["sha256"]
    assert kit.as_institution(new_id()).get(place).problem == "other-institution"


def test_pages_are_filtered_and_continue(owner, enter):
    for number in range(1, 4):
        enter(owner, version_no=number)
    enter(owner, existing=True, status="in_use", title="乙")

    query = {"limit": 2, "status": "draft"}
    first = owner.get(f"{base_of(owner)}/materials", query=query).json
    second = owner.get(f"{base_of(owner)}/materials", query=query | {"cursor": first["next"]}).json

    assert [each["version_no"] for each in first["items"] + second["items"]] == [1, 2, 3]
    assert second["next"] is None


def test_another_institution_reaches_nothing(kit, owner, upload, enter):
    material = enter(owner)
    other = kit.as_institution(new_id())
    there = f"{base_of(other)}/materials/{material['material_id']}"
    mine = upload(other, "甲")["file_id"]

    calls = [
        other.get(f"{base_of(owner)}/materials"),
        other.post(f"{base_of(owner)}/materials", {}),
        other.get(material["url"]),
        other.put(material["url"], {}, if_match=1),
        other.delete(material["url"], if_match=1),
        other.post(f"{material['url']}/versions", {"file_id": mine}),
        other.post(f"{material['url']}/internal-review-submission"),
        other.post(f"{material['url']}/external-review-request"),
        other.post(f"{material['url']}/adoption", {"used_from": "2024-01-01"}),
        other.post(f"{material['url']}/archiving", {"used_until": "2024-01-01"}),
    ]

    assert {call.problem for call in calls} == {"other-institution"}
    assert other.get(there).problem == "not-found"
    assert other.post(f"{there}/internal-review-submission").problem == "not-found"
    assert owner.get(material["url"]).version == 1


@pytest.mark.parametrize("role", ["national_admin", "auditor", "operator"])
def test_no_other_role_reads_or_writes_materials(kit, owner, enter, role):
    material = enter(owner)
    caller = kit.as_authority(role)

    assert caller.get(material["url"]).problem == "forbidden"
    assert caller.post(f"{base_of(owner)}/materials", {}).problem == "forbidden"


def test_every_change_leaves_its_entry_in_the_trail(kit, owner, enter):
    material = enter(owner)
    owner.put(material["url"], {"title": "新名"}, if_match=1)
    owner.delete(material["url"], if_match=2)

    with kit.runtime.database.autocommit.connect() as reader:
        actions = reader.execute(
            select(audit_entry.c.action).order_by(audit_entry.c.sequence)
        ).scalars()
        assert list(actions) == ["material.registered", "material.changed", "material.deleted"]
