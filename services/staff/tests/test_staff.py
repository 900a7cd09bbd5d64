"""People over HTTP: registered, read, replaced, hidden; told masked, kept from others."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_staff.model import Staff

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def stored(kit, staff_id):
    with kit.runtime.database.autocommit.connect() as reader:
        return reader.execute(
            select(Staff.__table__).where(Staff.__table__.c.staff_id == staff_id)
        ).one()


SCANS = {("missing", "/contract_file_id"), ("missing", "/precheck_proof_file_id")}
"""What somebody lacks who is registered without a file."""


def doubts(person):
    return {(each["code"], each["pointer"]) for each in person["warnings"]}


def base_of(client):
    return f"/api/staff/v1/institutions/{client.principal.institution_id}"


def test_a_registered_person_is_answered_with_place_and_version(owner, register):
    person = register(owner)

    read = owner.get(person["url"])

    assert read.status == 200
    assert read.version == 1
    assert read.json["name"] == "周甲"
    assert read.json["status"] == "employed"
    assert doubts(read.json) == SCANS


def test_numbers_are_stored_sealed_and_told_masked(kit, owner, register):
    person = register(owner, work_permit_no="11000000099999", political_status="league")

    row = stored(kit, person["staff_id"])
    everything = b"".join(value for value in row if isinstance(value, bytes))

    assert person["id_masked"] == "330***********9917"
    assert person["mobile_masked"] == "138****0001"
    assert person["work_permit_masked"] == "110*******9999"
    assert person["birth_date"] == "1985-06-07"
    assert not {"id_no", "work_permit_no", "political_status"} & person.keys()
    assert person["mobile"] is None
    for secret in (b"330199198506079917", b"13800000001", b"11000000099999", b"league"):
        assert secret not in everything
    assert len(row.id_index) == 32


def test_an_unsound_citizen_number_is_refused_together_with_other_faults(owner):
    body = {"id_type": "cnid", "id_no": "330199198506079918", "sex": "X", "mobile": "123"}

    refused = owner.post(f"{base_of(owner)}/staff", body)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {"/id_no", "/sex", "/mobile"}


def test_a_passport_is_taken_as_it_is(owner, register):
    person = register(owner, nationality="US", id_type="passport", id_no="X0000001")

    assert person["id_masked"] == "X00*0001"
    assert person["id_valid"] is False
    assert person["birth_date"] is None


def test_what_a_rule_judges_is_stored_even_when_missing(owner):
    created = owner.post(f"{base_of(owner)}/staff", {"name": None, "quals": None})

    assert created.status == 201
    missing = {each["pointer"] for each in created.json["warnings"]}
    assert missing == {"/sex", "/mobile", "/education", "/precheck_proof_file_id"}


def test_a_second_person_with_the_same_number_is_stored_and_told(owner, register):
    register(owner)

    twin = register(owner, name="周乙")

    assert doubts(twin) - SCANS == {("stf_015", "/id_no")}
    assert twin["registered_twice"] is True


def test_a_departed_namesake_is_no_duplicate(owner, register):
    register(owner, existing=True, status="departed", departed_on="2023-01-01")

    assert register(owner)["registered_twice"] is False


def test_an_existing_person_may_have_departed(owner, register):
    person = register(
        owner,
        existing=True,
        status="departed",
        departed_on="2023-01-01",
        depart_reason="resigned",
    )

    assert (person["status"], person["departed_on"]) == ("departed", "2023-01-01")


def test_a_new_person_may_not_have_departed(owner):
    refused = owner.post(f"{base_of(owner)}/staff", {"status": "departed"})

    assert (refused.status, refused.pointers) == (422, {"/status"})


def test_a_check_to_come_is_stored_and_told_until_that_business_day(owner, register):
    with clock.frozen(datetime(2024, 10, 15, 15, 59, tzinfo=UTC)):
        person = register(owner, precheck_on="2024-10-16")
    with clock.frozen(datetime(2024, 10, 15, 16, 1, tzinfo=UTC)):
        after_midnight = owner.get(person["url"]).json

    assert doubts(person) - doubts(after_midnight) == {("v_14", "/precheck_on")}
    assert doubts(after_midnight) == SCANS


def test_replacing_keeps_what_answers_only_mask(owner, register):
    person = register(owner, work_permit_no="W1234567890")

    replaced = owner.put(person["url"], {"name": "周甲", "nationality": "CN"}, if_match=1)

    assert (replaced.status, replaced.version) == (200, 2)
    assert replaced.json["id_masked"] == person["id_masked"]
    assert replaced.json["id_type"] == "cnid"
    assert replaced.json["mobile_masked"] == person["mobile_masked"]
    assert replaced.json["work_permit_held"] is True
    assert replaced.json["staff_type"] is None


def test_null_erases_a_masked_field(kit, owner, register):
    person = register(owner)

    replaced = owner.put(person["url"], {"id_no": None, "mobile": None}, if_match=1)

    assert replaced.json["id_masked"] is None
    row = stored(kit, person["staff_id"])
    assert (row.id_no_sealed, row.id_index, row.mobile_sealed) == (None, None, None)


def test_a_kind_of_prohibition_makes_prohibited_and_falls_with_it(kit, owner, register):
    person = register(owner, prohibited=False, prohibited_kind=["intentional_crime"])
    assert person["prohibited"] is True
    assert "prohibited_kind" not in person

    kept = owner.put(person["url"], {"prohibited": True}, if_match=1)
    assert kept.json["prohibited"] is True
    assert stored(kit, person["staff_id"]).prohibited_kind_sealed is not None

    owner.put(person["url"], {"prohibited": False}, if_match=2)
    assert stored(kit, person["staff_id"]).prohibited_kind_sealed is None


def test_replacing_needs_the_version_that_was_read(owner, register):
    person = register(owner)

    assert owner.put(person["url"], {}).problem == "precondition-required"
    assert owner.put(person["url"], {}, if_match=7).problem == "stale-version"
    assert owner.get(person["url"]).version == 1


def test_status_is_not_replaced(owner, register):
    person = register(owner)

    refused = owner.put(person["url"], {"status": "departed"}, if_match=1)

    assert (refused.status, refused.pointers) == (422, {"/status"})


def test_a_deleted_person_is_hidden_but_kept(kit, owner, register):
    person = register(owner)

    assert owner.delete(person["url"]).problem == "precondition-required"
    assert owner.delete(person["url"], if_match=1).status == 204

    assert owner.get(person["url"]).problem == "not-found"
    assert owner.get(f"{base_of(owner)}/staff").json["items"] == []
    assert stored(kit, person["staff_id"]).deleted_at is not None


def test_pages_are_filtered_and_continue(owner, register):
    names = ["甲", "乙", "丙"]
    for name in names:
        register(owner, name=name, staff_type="teaching")
    register(owner, name="丁", staff_type="finance")
    register(owner, name="戊", existing=True, status="departed", departed_on="2023-01-01")

    query = {"limit": 2, "staff_type": "teaching", "status": "employed"}
    first = owner.get(f"{base_of(owner)}/staff", query=query).json
    second = owner.get(f"{base_of(owner)}/staff", query=query | {"cursor": first["next"]}).json

    assert [each["name"] for each in first["items"] + second["items"]] == names
    assert second["next"] is None


def test_files_are_stored_and_named_in_fields(owner, register):
    uploaded = owner.call(
        "POST",
        f"{base_of(owner)}/files",
        raw=PNG,
        content_type="image/png",
        query={"name": "a.png"},
    )
    assert uploaded.status == 201

    person = register(owner, photo_file_id=uploaded.json["file_id"])

    assert person["photo_file_id"] == uploaded.json["file_id"]
    place = f"{base_of(owner)}/files/{uploaded.json['file_id']}"
    assert owner.get(place).json["sha256"] == uploaded.json["sha256"]
    assert owner.get(f"{place}/content").content == PNG


def test_a_file_that_is_not_the_institutions_own_is_refused(kit, owner):
    other = kit.as_institution(new_id())
    uploaded = other.call(
        "POST",
        f"{base_of(other)}/files",
        raw=PNG,
        content_type="image/png",
        query={"name": "a.png"},
    )
    body = {
        "photo_file_id": uploaded.json["file_id"],
        "quals": [{"type": "art_title", "scan_file_id": str(new_id())}],
    }

    refused = owner.post(f"{base_of(owner)}/staff", body)

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {"/photo_file_id", "/quals/0/scan_file_id"}
    place = f"{base_of(owner)}/files/{uploaded.json['file_id']}"
    assert owner.get(place).problem == "not-found"


def test_another_institution_reaches_nothing(kit, owner, register):
    person = register(owner)
    other = kit.as_institution(new_id())
    there = f"{base_of(other)}/staff/{person['staff_id']}"

    calls = [
        other.get(f"{base_of(owner)}/staff"),
        other.post(f"{base_of(owner)}/staff", {}),
        other.get(person["url"]),
        other.put(person["url"], {}, if_match=1),
        other.delete(person["url"], if_match=1),
        other.post(f"{person['url']}/departure", {"departed_on": "2024-01-01", "reason": "other"}),
        other.call(
            "POST",
            f"{base_of(owner)}/files",
            raw=PNG,
            content_type="image/png",
            query={"name": "a.png"},
        ),
    ]

    assert {call.problem for call in calls} == {"other-institution"}
    assert other.get(there).problem == "not-found"
    assert other.put(there, {}, if_match=1).problem == "not-found"
    assert owner.get(person["url"]).version == 1


@pytest.mark.parametrize("role", ["national_admin", "auditor", "operator"])
def test_no_other_role_reads_people(kit, owner, register, role):
    person = register(owner)

    assert kit.as_authority(role).get(person["url"]).problem == "forbidden"


@pytest.mark.parametrize(
    "role", ["reviewer", "region_admin", "national_admin", "auditor", "operator"]
)
def test_no_authority_writes_people(kit, owner, role):
    caller = kit.as_authority(role)

    assert caller.post(f"{base_of(owner)}/staff", {}).problem == "forbidden"


def test_a_repeated_key_registers_once(owner):
    first = owner.post(f"{base_of(owner)}/staff", {"name": "周甲"}, key="key-00000001")
    again = owner.post(f"{base_of(owner)}/staff", {"name": "周甲"}, key="key-00000001")

    assert again.json == first.json
    assert len(owner.get(f"{base_of(owner)}/staff").json["items"]) == 1


def test_every_change_leaves_its_entry_in_the_trail_without_values(kit, owner, register):
    person = register(owner)
    owner.put(person["url"], {"name": "周乙"}, if_match=1)
    owner.delete(person["url"], if_match=2)

    with kit.runtime.database.autocommit.connect() as reader:
        actions = reader.execute(
            select(audit_entry.c.action).order_by(audit_entry.c.sequence)
        ).scalars()
        assert list(actions) == ["staff.registered", "staff.changed", "staff.deleted"]
        whole = reader.execute(text("SELECT string_agg(audit_entry::text, '') FROM audit_entry"))
        assert "周" not in whole.scalar_one()
