"""Materials are kept until three years after their use; then their content is destroyed (§3.6)."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.retention import apply, count_due
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import ReviewUnlocked, SnapshotRequested
from otsp_contracts.materials import PurgeDue
from otsp_materials.app import service
from otsp_materials.queries.retention import Kept

USED_UNTIL, KEPT_UNTIL = "2024-10-15", "2027-10-15"
LAST_DAY, DAY_AFTER = date(2027, 10, 15), date(2027, 10, 16)
ARCHIVED = {
    "existing": True,
    "status": "archived",
    "used_from": "2023-09-01",
    "used_until": USED_UNTIL,
}


def on(day, hour=10):
    return clock.frozen(datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00"))


def place(client):
    return f"/api/materials/v1/institutions/{client.principal.institution_id}"


@pytest.fixture
def archived(owner, upload, enter):
    """A material with content that need not be kept after 15 October 2027."""

    def make(**fields):
        content = upload(owner, fields.get("title", "甲"))
        return enter(owner, **ARCHIVED | {"file_id": content["file_id"]} | fields)

    return make


def purge(client, material):
    return client.post(f"{material['url']}/purge")


def is_there(client, file_id):
    return client.get(f"{place(client)}/files/{file_id}/content").status == 200


def lock(kit, owner):
    asked = SnapshotRequested(
        request_id=new_id(),
        institution_id=owner.principal.institution_id,
        application_id=new_id(),
        purpose="application",
        as_of=LAST_DAY,
        sections=("materials",),
    )
    kit.deliver(asked)
    return asked


def test_on_the_last_day_of_keeping_nothing_is_destroyed(kit, owner, archived):
    material = archived()

    with on(LAST_DAY, hour=23):
        refused = purge(owner, material)
        kit.run_job("let_go_of_what_is_past_its_time")

    assert (refused.status, refused.problem) == (409, "material-must-be-kept")
    assert "保管至2027年10月15日，2027年10月16日起" in refused.json["detail"]
    assert refused.json["retain_until"] == KEPT_UNTIL
    assert owner.get(material["url"]).json["status"] == "archived"
    assert is_there(owner, material["file_id"])


def test_the_day_after_the_institution_destroys_the_content_and_the_row_stays(owner, archived):
    material = archived()

    with on(DAY_AFTER):
        purged = purge(owner, material)

    assert (purged.status, purged.json["status"]) == (200, "purged")
    assert (purged.json["purged_on"], purged.json["file_id"]) == ("2027-10-16", None)
    assert purged.json["content_sha256"] == material["content_sha256"]
    assert not is_there(owner, material["file_id"])
    assert owner.get(material["url"]).json["status"] == "purged"


def test_bytes_of_a_destroyed_content_are_gone_from_the_store(kit, owner, archived):
    material = archived()

    with on(DAY_AFTER):
        purge(owner, material)

    with kit.active(), pytest.raises(FileNotFoundError):
        kit.runtime.blobs.open(material["file_id"].replace("-", "")[::-1])


def test_the_job_destroys_what_is_over_and_leaves_the_rest(kit, owner, archived, enter):
    over, later = archived(), archived(title="乙", used_until="2024-10-16")
    used = enter(owner, existing=True, status="in_use", title="丙", retain_until=KEPT_UNTIL)

    with on(DAY_AFTER):
        kit.run_job("let_go_of_what_is_past_its_time")
        kit.run_job("let_go_of_what_is_past_its_time")

    statuses = [owner.get(each["url"]).json["status"] for each in (over, later, used)]
    assert statuses == ["purged", "archived", "in_use"]
    assert is_there(owner, later["file_id"])


def test_nights_that_were_missed_are_caught_up(kit, owner, archived):
    material = archived()

    with on(DAY_AFTER + timedelta(days=40)):
        kit.run_job("let_go_of_what_is_past_its_time")

    assert owner.get(material["url"]).json["purged_on"] == "2027-11-25"


def test_more_than_one_page_is_destroyed_in_one_run(kit, owner, archived, monkeypatch):
    monkeypatch.setattr("otsp_chassis.retention._BATCH", 2)
    many = [archived(title=f"讲义{number}") for number in range(5)]

    with on(DAY_AFTER):
        kit.run_job("let_go_of_what_is_past_its_time")

    assert {owner.get(each["url"]).json["status"] for each in many} == {"purged"}


def test_what_a_review_locks_waits_until_the_review_is_over(kit, owner, archived):
    material, asked = archived(), lock(kit, owner)

    with on(DAY_AFTER):
        refused = purge(owner, material)
        kit.run_job("let_go_of_what_is_past_its_time")
        waiting = owner.get(material["url"]).json["status"]
        kit.deliver(
            ReviewUnlocked(institution_id=asked.institution_id, application_id=asked.application_id)
        )
        kit.run_job("let_go_of_what_is_past_its_time")

    assert refused.problem == "locked"
    assert waiting == "archived"
    assert owner.get(material["url"]).json["status"] == "purged"


def test_a_dry_run_counts_what_is_due_and_destroys_nothing(kit, owner, archived):
    material = archived()
    archived(title="乙", used_until="2024-10-16")

    with on(DAY_AFTER):
        [told] = count_due(kit.runtime.database, service.retention_terms())

    assert (told.term.name, told.due, told.let_go) == ("archived_materials", 1, 0)
    assert owner.get(material["url"]).json["status"] == "archived"
    assert is_there(owner, material["file_id"])


def test_a_run_by_hand_tells_what_a_review_left_over(kit, owner, archived, enter):
    archived()
    lock(kit, owner)
    elsewhere = enter(kit.as_institution(new_id()), **ARCHIVED)

    with on(DAY_AFTER):
        [told] = apply(kit.runtime, service.retention_terms(), "张示例")

    assert (told.due, told.let_go) == (2, 1)
    assert elsewhere["status"] == "archived"


def test_what_is_locked_does_not_hold_up_what_is_not(kit, owner, archived, enter, monkeypatch):
    monkeypatch.setattr("otsp_chassis.retention._BATCH", 1)
    archived(used_until="2024-01-01")
    lock(kit, owner)
    other = kit.as_institution(new_id())
    elsewhere = enter(other, **ARCHIVED)

    with on(DAY_AFTER):
        kit.run_job("let_go_of_what_is_past_its_time")

    assert other.get(elsewhere["url"]).json["status"] == "purged"


def test_a_review_that_locks_at_the_last_moment_is_waited_for(kit, owner, archived, monkeypatch):
    material = archived()
    lock(kit, owner)
    [kept] = [Kept(LAST_DAY, UUID(material["material_id"]), owner.principal.institution_id)]
    monkeypatch.setattr("otsp_materials.queries.retention.purgeable", lambda *_, **__: [kept])

    with on(DAY_AFTER):
        kit.run_job("let_go_of_what_is_past_its_time")

    assert owner.get(material["url"]).json["status"] == "archived"


def test_a_file_that_another_material_has_is_kept_for_it(kit, owner, archived):
    material = archived()
    other = archived(title="乙", used_until="2024-12-31", file_id=material["file_id"])

    with on(DAY_AFTER):
        purge(owner, material)
    stays = is_there(owner, material["file_id"])
    with on("2028-01-01"):
        purge(owner, other)

    assert stays
    assert not is_there(owner, material["file_id"])


@pytest.mark.parametrize("status", ["draft", "in_use", "suspended", "internal_failed", "purged"])
def test_only_what_is_archived_is_destroyed(owner, archived, status):
    material = archived(status=status)

    with on(DAY_AFTER):
        refused = purge(owner, material)

    assert (refused.status, refused.problem) == (409, "material-wrong-status")
    assert is_there(owner, material["file_id"])


def test_without_a_last_day_of_use_the_way_out_is_told(kit, owner, archived):
    material = archived(used_until=None)

    with on("2099-01-01"):
        refused = purge(owner, material)
        kit.run_job("let_go_of_what_is_past_its_time")

    assert refused.problem == "material-must-be-kept"
    assert "删除后按实际停用日期重新登记" in refused.json["detail"]
    assert owner.get(material["url"]).json["status"] == "archived"


def test_a_hidden_material_is_not_destroyed(kit, owner, archived):
    material = archived()
    assert owner.delete(material["url"], if_match=1).status == 204

    with on(DAY_AFTER):
        assert purge(owner, material).problem == "not-found"
        kit.run_job("let_go_of_what_is_past_its_time")

    assert is_there(owner, material["file_id"])


def test_the_trail_tells_who_destroyed_what(kit, owner, archived):
    by_hand, by_time = archived(), archived(title="乙")
    with on(DAY_AFTER):
        purge(owner, by_hand)
        kit.run_job("let_go_of_what_is_past_its_time")

    query = select(audit_entry.c.object_id, audit_entry.c.actor_id)
    with kit.runtime.database.autocommit.connect() as reader:
        told = dict(reader.execute(query.where(audit_entry.c.action == "material.purged")).all())

    assert told == {
        by_hand["material_id"]: owner.principal.account_id,
        by_time["material_id"]: None,
    }


def test_the_institution_is_reminded_once_some_weeks_before(kit, archived):
    material = archived()
    archived(title="乙", used_until="2024-12-31")

    with on("2027-09-14"):
        kit.run_job("remind_of_purges")
        early = kit.published(PurgeDue)
    with on("2027-09-15"):
        kit.run_job("remind_of_purges")
        kit.run_job("remind_of_purges")

    assert early == []
    [told] = [each.payload() for each in kit.published(PurgeDue)]
    assert str(told.material_id) == material["material_id"]
    assert told.retain_until == LAST_DAY


def test_a_reminder_leaves_the_version_as_it_was(kit, owner, archived):
    material = archived()

    with on(DAY_AFTER):
        kit.run_job("remind_of_purges")

    assert owner.get(material["url"]).version == 1


def test_the_list_shows_what_is_due_by_a_day(owner, archived):
    material = archived()
    archived(title="乙", used_until="2024-10-16")

    listed = owner.get(f"{place(owner)}/materials", query={"retention_due_by": KEPT_UNTIL})

    assert [each["material_id"] for each in listed.json["items"]] == [material["material_id"]]
