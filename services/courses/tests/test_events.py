"""What the service hears and what it answers: twice, late and in any order."""

import pytest

from otsp_chassis.canonical import Packed, unpack
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import ReviewUnlocked
from otsp_contracts.courses import CoursesSnapshotProvided

LOCKED_ZH = "审核中，信息已锁定，可撤回申请后修改"


def provided(kit):
    """The sections sent so far (every request in these tests is delivered twice)."""
    return [
        CoursesSnapshotProvided.model_validate(envelope.data)
        for envelope in kit.published(CoursesSnapshotProvided)
    ]


def unlock(desk, application_id):
    desk.kit.deliver(
        ReviewUnlocked(institution_id=desk.institution_id, application_id=application_id)
    )


def test_a_request_is_answered_once_with_what_it_asked(desk, kit):
    site_id = desk.added("sites").rpartition("/")[2]

    asked = desk.request()

    [answer] = provided(kit)
    assert (answer.request_id, answer.application_id) == (asked.request_id, asked.application_id)
    assert (answer.institution_id, answer.purpose) == (desk.institution_id, "application")
    assert (answer.section, answer.version) == ("courses", 1)
    section = unpack(Packed(answer.sha256, answer.encoding, answer.data))
    assert [site["site_id"] for site in section["sites"]] == [site_id]


def test_a_section_asked_for_again_is_sent_again_with_a_higher_version(desk, kit):
    asked = desk.request()

    desk.request(request_id=asked.request_id, application_id=asked.application_id)

    first, second = provided(kit)
    assert first.request_id == second.request_id
    assert (first.version, second.version) == (1, 2)
    assert first.sha256 == second.sha256


def test_a_request_for_other_sections_is_not_answered(desk, kit):
    desk.request(sections=("staff", "materials"))

    assert provided(kit) == []
    assert desk.add("sites").status == 201


def test_a_self_check_locks_nothing(desk, kit):
    desk.request(purpose="self_check", application_id=None)

    [answer] = provided(kit)
    assert (answer.purpose, answer.application_id) == ("self_check", None)
    assert desk.add("sites").status == 201


def test_a_review_locks_until_its_own_end(desk):
    asked = desk.request()
    refused = desk.add("sites")
    assert (refused.status, refused.problem, refused.json["detail"]) == (423, "locked", LOCKED_ZH)

    unlock(desk, new_id())
    assert desk.add("sites").status == 423

    unlock(desk, asked.application_id)
    assert desk.add("sites").status == 201


def test_another_institution_goes_on_writing(desk, kit):
    desk.request(institution_id=new_id())

    assert desk.add("sites").status == 201


def test_a_request_that_comes_after_the_end_is_answered_and_locks_nothing(desk, kit):
    application_id = new_id()
    unlock(desk, application_id)

    desk.request(application_id=application_id)

    assert [answer.application_id for answer in provided(kit)] == [application_id]
    assert desk.add("sites").status == 201


def test_attendance_and_cancellation_go_on_during_a_review(desk):
    course = desk.added("courses", existing=True, status="active")
    running = {"name": "一班", "existing": True, "status": "in_session", "enrolled": 12}
    place = desk.client.post(f"{course}/classes", running).headers["Location"]
    desk.request()

    attended = desk.client.put(
        f"{place}/attendance", {"enrolled": 9, "skip_dates": ["2024-10-22"]}, if_match=1
    )
    assert (attended.status, attended.json["enrolled"]) == (200, 9)
    refused = desk.client.put(place, {"name": "二班"}, if_match=2)
    assert (refused.status, refused.json["detail"]) == (423, LOCKED_ZH)
    cancelled = desk.client.post(f"{place}/cancellation", {"reason": "场地停用"})
    assert (cancelled.status, cancelled.json["status"]) == (200, "cancelled")


def test_a_draft_may_be_begun_during_a_review_but_no_course_entered_as_existing(desk):
    desk.request()

    begun = desk.add("courses")
    existing = desk.add("courses", existing=True, status="draft")

    assert (begun.status, begun.json["status"]) == (201, "draft")
    assert (existing.status, existing.json["detail"]) == (423, LOCKED_ZH)


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_the_newest_profile_stands_in_whatever_order_they_come(desk, order):
    statuses = {1: "not_applied", 2: "under_review", 3: "compliant"}
    course = desk.added("courses", existing=True, status="active")
    place = desk.client.post(f"{course}/classes", {"name": "一班"}).headers["Location"]

    for version in order:
        desk.profile(statuses[version], version=version)

    moved = desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=1)
    assert (moved.status, moved.json["status"]) == (200, "enrolling")


def test_a_class_that_enrols_already_goes_on_when_compliance_is_lost(desk):
    desk.profile()
    course = desk.added("courses", existing=True, status="active")
    place = desk.client.post(f"{course}/classes", {"name": "一班"}).headers["Location"]
    desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=1)

    desk.profile("suspended", version=2)

    moved = desk.client.put(f"{place}/status", {"status": "in_session"}, if_match=2)
    assert moved.json["status"] == "in_session"
