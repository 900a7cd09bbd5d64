"""The staff section, and the review lock that is set with it."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from otsp_chassis.canonical import Packed, unpack
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_chassis.tables import audit_entry
from otsp_contracts.compliance import ReviewUnlocked, SnapshotRequested
from otsp_contracts.snapshots import StaffSection, parse_dossiers
from otsp_contracts.staff import StaffSnapshotProvided
from otsp_staff.snapshot import build_section
from otsp_testkit.documents import picture
from otsp_testkit.listening import statements_sent

SAMPLES = Path(__file__).parents[3] / "docs" / "samples.yaml"
AS_OF = date(2024, 10, 15)
BROUGHT_ABOUT = {"staff_id", "blacklisted", "other_full_time"}
LOCKED_ZH = "审核中，信息已锁定，可撤回申请后修改"
SHARED = (
    "name",
    "nationality",
    "in_china",
    "staff_type",
    "employment",
    "status",
    "hired_on",
    "contract_signed",
    "precheck_on",
    "precheck_clear",
    "annual_check_on",
    "inducted",
    "publicized",
    "in_service_teacher",
    "prohibited",
    "blacklisted",
    "work_permit_to",
)


def dossiers():
    samples = yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))
    return {each.sample: each for each in parse_dossiers(samples)}


def request(institution_id, *, purpose="self_check", application_id=None, sections=("staff",)):
    return SnapshotRequested(
        request_id=new_id(),
        institution_id=institution_id,
        purpose=purpose,
        application_id=application_id,
        as_of=AS_OF,
        sections=sections,
    )


def provided(kit):
    payloads = [each.payload() for each in kit.published(StaffSnapshotProvided)]
    return payloads, [
        StaffSection.model_validate(unpack(Packed(one.sha256, one.encoding, one.data)))
        for one in payloads
    ]


def under_review(kit, owner):
    application_id = new_id()
    institution_id = owner.principal.institution_id
    kit.deliver(request(institution_id, purpose="application", application_id=application_id))
    return ReviewUnlocked(institution_id=institution_id, application_id=application_id)


@pytest.mark.parametrize("sample", ["A", "B", "C"])
def test_the_section_of_a_sample_says_what_the_dossier_says(kit, owner, sample):
    people = dossiers()[sample].staff
    base = f"/api/staff/v1/institutions/{owner.principal.institution_id}/staff"
    for person in people:
        body = person.model_dump(mode="json", exclude_unset=True, exclude=BROUGHT_ABOUT)
        assert owner.post(base, body | {"existing": True}).status == 201

    kit.deliver(request(owner.principal.institution_id))

    (_,), (section,) = provided(kit)
    assert len(section.staff) == len(people)
    for fact, person in zip(section.staff, people, strict=True):
        assert {name: getattr(fact, name) for name in SHARED} == {
            name: getattr(person, name) for name in SHARED
        }
        assert fact.id_valid == (person.nationality == "CN")
        assert fact.id_type == ("cnid" if person.nationality == "CN" else "passport")
        assert fact.work_permit_held == (person.work_permit_no is not None)
        assert [(qual.type, qual.stage, qual.subject) for qual in fact.quals] == [
            (qual.type, qual.stage, qual.subject) for qual in person.quals
        ]
    assert len({fact.id_hmac for fact in section.staff}) == len(people)
    assert {warning.code for warning in section.field_warnings} == {"missing"}


def test_no_number_travels(kit, owner, register):
    register(owner, work_permit_no="11000000099999")

    kit.deliver(request(owner.principal.institution_id))

    (envelope,) = kit.published(StaffSnapshotProvided)
    raw = envelope.to_bytes()
    for secret in (b"330199198506079917", b"13800000001", b"11000000099999"):
        assert secret not in raw


def test_flags_and_doubts_travel_by_place(kit, owner, register):
    register(kit.as_institution(new_id()))
    kit.as_authority("region_admin").post(
        "/api/staff/v1/blacklist-entries",
        {
            "id_type": "cnid",
            "id_no": "330199198506079917",
            "name": "周甲",
            "reason": "cult",
            "decided_on": "2024-06-30",
            "basis_doc": "示例1号",
        },
    )
    cert = {"type": "teacher_cert", "cert_no": "20193300141000901", "stage": "primary"}
    person = register(owner, sex=None, quals=[cert])

    kit.deliver(request(owner.principal.institution_id))

    (_,), (section,) = provided(kit)
    assert section.staff[0].blacklisted is True
    assert section.staff[0].other_full_time is True
    assert {(each.code, each.object_id, each.pointer) for each in section.field_warnings} == {
        ("missing", person["staff_id"], "/sex"),
        ("missing", person["staff_id"], "/contract_file_id"),
        ("missing", person["staff_id"], "/precheck_proof_file_id"),
        ("v_09", person["staff_id"], "/quals/0/cert_no"),
    }


def test_only_the_employed_stand_in_the_section(kit, owner, register):
    register(owner, existing=True, status="departed", departed_on="2023-01-01")
    deleted = register(owner)
    owner.delete(deleted["url"], if_match=1)
    kept = register(owner)

    kit.deliver(request(owner.principal.institution_id))

    (_,), (section,) = provided(kit)
    assert [fact.staff_id for fact in section.staff] == [kept["staff_id"]]


def test_an_institution_without_people_gives_an_empty_section_once(kit):
    asked = request(new_id())

    kit.deliver(asked, times=3)

    (payload,), (section,) = provided(kit)
    assert section == StaffSection()
    assert (payload.request_id, payload.purpose, payload.version) == (
        asked.request_id,
        "self_check",
        1,
    )


def test_a_request_that_does_not_ask_for_staff_is_not_answered(kit):
    kit.deliver(request(new_id(), sections=("courses",)))

    assert kit.published(StaffSnapshotProvided) == []


def test_asked_again_the_section_is_sent_again_with_a_higher_version(kit):
    asked = request(new_id())

    kit.deliver(asked)
    kit.deliver(asked)

    assert [one.version for one in provided(kit)[0]] == [1, 2]


def test_a_self_check_locks_nothing(kit, owner, register):
    kit.deliver(request(owner.principal.institution_id))

    assert owner.get(register(owner)["url"]).status == 200


def test_under_review_people_are_read_only_except_for_departures(kit, owner, register):
    person = register(owner)
    leaver = register(owner, id_no="330199199001019921")
    unlocked = under_review(kit, owner)

    calls = [
        owner.post(person["url"].rpartition("/")[0], {}),
        owner.put(person["url"], {}, if_match=1),
        owner.delete(person["url"], if_match=1),
        owner.post(
            f"{person['url']}/reinstatement",
            {
                "hired_on": "2024-09-01",
                "contract_signed": True,
                "precheck_on": "2024-08-20",
                "precheck_clear": True,
            },
        ),
    ]
    departed = owner.post(
        f"{leaver['url']}/departure", {"departed_on": "2024-06-30", "reason": "prohibited"}
    )

    assert {(call.status, call.json["detail"]) for call in calls} == {(423, LOCKED_ZH)}
    assert departed.status == 200
    assert owner.get(person["url"]).version == 1

    kit.deliver(unlocked)
    assert owner.put(person["url"], {}, if_match=1).status == 200


def test_a_departure_under_review_is_told_as_later_than_the_snapshot(kit, owner, register):
    person = register(owner)
    unlocked = under_review(kit, owner)

    owner.post(f"{person['url']}/departure", {"departed_on": "2024-06-30", "reason": "other"})

    entry = select(audit_entry.c.reason).where(audit_entry.c.action == "staff.departed")
    with kit.runtime.database.autocommit.connect() as reader:
        assert str(unlocked.application_id) in reader.execute(entry).scalar_one()


def test_the_lock_of_a_newer_application_outlives_the_end_of_an_older_one(kit, owner, register):
    older = under_review(kit, owner)
    newer = under_review(kit, owner)

    kit.deliver(older)

    base = f"/api/staff/v1/institutions/{owner.principal.institution_id}/staff"
    assert owner.post(base, {}).problem == "locked"
    kit.deliver(newer)
    register(owner)


def test_a_section_takes_one_statement_however_many_people(kit, owner, register):
    for _ in range(5):
        register(owner)
    with kit.active(), transaction() as tx, statements_sent() as sent:
        section = build_section(tx, owner.principal.institution_id, AS_OF)

    assert len(section.staff) == 5
    assert len(sent) == 1


def test_photos_travel_of_who_teaches_or_researches(kit, owner, register):
    place = f"/api/staff/v1/institutions/{owner.principal.institution_id}/files"
    sent = {"raw": picture(8, 8), "content_type": "image/png", "query": {"name": "1"}}
    photo = owner.call("POST", place, **sent).json["file_id"]
    for post in ("teaching", "research", "management"):
        register(owner, id_no=None, staff_type=post, photo_file_id=photo)

    kit.deliver(request(owner.principal.institution_id))

    (_,), (section,) = provided(kit)
    told = {person.staff_type: person.photo_file_id for person in section.staff}
    assert told == {"teaching": photo, "research": photo, "management": None}


def test_experience_travels_of_who_teaches_and_numbers_of_certificates_as_masks(
    kit, owner, register
):
    post = {"from": "2015-09-01", "to": None, "org": "示例中学", "post": "教师"}
    qual = {"type": "teacher_cert", "cert_no": "20193301100000901", "stage": "junior"}
    told = {"teach_experience": [post], "quals": [qual]}
    register(owner, staff_type="teaching", **told)
    register(owner, staff_type="finance", id_no=None, name="赵示例", **told)

    kit.deliver(request(owner.principal.institution_id))

    (_,), (section,) = provided(kit)
    by_post = {person.staff_type: person for person in section.staff}
    [experience] = by_post["teaching"].teach_experience
    assert (experience.from_on, experience.org) == (date(2015, 9, 1), "示例中学")
    assert by_post["finance"].teach_experience == ()
    assert {qual.cert_no_masked for person in section.staff for qual in person.quals} == {
        "2019*********0901"
    }
