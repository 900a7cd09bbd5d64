"""Courses over HTTP."""

import pytest

from otsp_chassis.ids import new_id

COURSE = {
    "name": "初二数学",
    "delivery": "offline",
    "category": "subject",
    "subject_code": "math",
    "stage": "junior",
    "grades": ["八年级"],
    "syllabus": "讲解与练习",
    "objective": "掌握本学期内容",
    "content": "一次函数",
    "total_lessons": 48,
    "lesson_minutes": 45,
    "material_ids": [str(new_id()), str(new_id())],
    "fee_item_id": str(new_id()),
    "homework": False,
    "overseas_curriculum": False,
}


def rules_told(answer):
    return [each["code"] for each in answer.json["warnings"] if each["code"] != "missing"]


def id_of(place):
    return place.rpartition("/")[2]


@pytest.fixture
def whole(desk):
    return COURSE | {"host_id": id_of(desk.added("sites"))}


def test_every_field_is_kept_as_entered(desk, whole):
    created = desk.add("courses", **whole)

    assert (created.status, created.version, created.json["status"]) == (201, 1, "draft")
    assert {name: created.json[name] for name in whole} == whole
    assert desk.client.get(created.headers["Location"]).json == created.json


def test_a_replacement_empties_what_it_leaves_out(desk, whole):
    place = desk.added("courses", **whole)

    changed = desk.client.put(place, {"name": None, "grades": None}, if_match=1)

    assert (changed.status, changed.version) == (200, 2)
    emptied = {name: changed.json[name] for name in whole}
    lists = {"grades": [], "material_ids": []}
    assert emptied == dict.fromkeys(whole) | lists


@pytest.mark.parametrize(
    ("delivery", "host", "accepted"),
    [
        ("offline", "sites", True),
        ("offline", "systems", False),
        ("online_live", "systems", True),
        ("online_recorded", "sites", False),
    ],
)
def test_a_course_is_held_where_its_delivery_asks(desk, delivery, host, accepted):
    host_id = id_of(desk.added(host))
    place = desk.added("courses")

    added = desk.add("courses", host_id=host_id, delivery=delivery)
    changed = desk.client.put(
        place, {"name": "示例", "host_id": host_id, "delivery": delivery}, if_match=1
    )

    if accepted:
        assert (added.status, changed.status) == (201, 200)
    else:
        assert (added.status, added.problem, added.pointers) == (422, "invalid", {"/host_id"})
        assert (changed.status, changed.pointers) == (422, {"/host_id"})


def test_another_institutions_host_does_not_exist(desk, kit):
    theirs = type(desk)(kit.as_institution(other := new_id()), other, kit)

    refused = desk.add("courses", host_id=id_of(theirs.added("sites")), delivery="offline")

    assert (refused.problem, refused.json["errors"][0]["code"]) == ("invalid", "unknown_host")


def test_an_existing_course_is_entered_in_the_state_it_has(desk, whole):
    assert desk.add("courses", **whole, existing=True, status="active").json["status"] == "active"

    refused = desk.add("courses", **whole, status="active")

    assert (refused.status, refused.pointers) == (422, {"/status"})


def test_lists_are_filtered_by_state_and_host(desk, whole):
    desk.added("courses", **whole)
    desk.added("courses", name="无处")
    desk.added("courses", name="在开", existing=True, status="active")

    def names(**query):
        return [
            course["name"]
            for course in desk.client.get(f"{desk.base}/courses", query=query).json["items"]
        ]

    assert names() == ["初二数学", "无处", "在开"]
    assert names(status="active") == ["在开"]
    assert names(host_id=whole["host_id"]) == ["初二数学"]
    assert names(status="active", host_id=whole["host_id"]) == []


def test_a_course_opens_step_by_step_once_the_institution_is_compliant(desk, whole):
    for material_id in whole["material_ids"]:
        desk.material(material_id)
    desk.fee_item(whole["fee_item_id"])
    place = desk.added("courses", **whole)
    assert desk.client.put(f"{place}/status", {"status": "ready"}, if_match=1).version == 2

    desk.profile("under_review")
    refused = desk.client.put(f"{place}/status", {"status": "active"}, if_match=2)
    assert (refused.status, refused.problem) == (422, "courses-institution-not-compliant")

    desk.profile(version=2)
    opened = desk.client.put(f"{place}/status", {"status": "active"}, if_match=2)
    assert (opened.status, opened.json["status"], opened.version) == (200, "active", 3)


def test_a_course_that_lacks_something_is_told_what(desk):
    desk.profile()
    place = desk.added("courses", category="nonsubject", stage="junior", delivery="offline")
    desk.client.put(f"{place}/status", {"status": "ready"}, if_match=1)

    refused = desk.client.put(f"{place}/status", {"status": "active"}, if_match=2)

    assert (refused.status, refused.problem) == (422, "courses-course-not-whole")
    assert refused.pointers == {"/category", "/material_ids", "/fee_item_id"}
    assert desk.client.get(place).json["status"] == "ready"


def test_a_step_that_does_not_exist_is_refused(desk):
    place = desk.added("courses")

    refused = desk.client.put(f"{place}/status", {"status": "active"}, if_match=1)

    assert (refused.status, refused.problem) == (409, "courses-state-forbids")
    assert refused.json["status"] == 409
    assert desk.client.put(f"{place}/status", {"status": "draft"}, if_match=1).status == 422


def test_a_closed_course_is_a_record(desk):
    place = desk.added("courses", existing=True, status="closed")

    assert desk.client.put(place, {"name": "新"}, if_match=1).problem == "courses-state-forbids"
    assert desk.client.delete(place, if_match=1).problem == "courses-state-forbids"
    refused = desk.client.post(f"{place}/classes", {"name": "一班"})
    assert (refused.status, refused.problem) == (409, "courses-state-forbids")


def test_a_course_with_running_classes_is_not_closed(desk):
    place = desk.added("courses", existing=True, status="active")
    a_class = desk.client.post(
        f"{place}/classes", {"name": "一班", "existing": True, "status": "in_session"}
    )

    refused = desk.client.put(f"{place}/status", {"status": "closed"}, if_match=1)
    assert (refused.status, refused.problem) == (409, "courses-course-has-classes")

    desk.client.put(f"{a_class.headers['Location']}/status", {"status": "finished"}, if_match=1)
    assert desk.client.put(f"{place}/status", {"status": "closed"}, if_match=1).status == 200


def test_only_a_draft_without_classes_is_removed(desk):
    draft, ready = desk.added("courses"), desk.added("courses", existing=True, status="ready")
    a_class = desk.client.post(f"{draft}/classes", {"name": "一班"}).headers["Location"]

    assert desk.client.delete(ready, if_match=1).problem == "courses-state-forbids"
    assert desk.client.delete(draft, if_match=1).problem == "courses-course-has-classes"
    assert desk.client.delete(a_class, if_match=1).status == 204
    assert desk.client.delete(draft, if_match=1).status == 204
    assert desk.client.get(draft).problem == "not-found"


def test_faults_of_a_course_are_told_at_once(desk):
    refused = desk.add("courses", stage="kindergarten", homework="no", host_id="1", status="open")

    assert (refused.status, refused.problem) == (422, "invalid")
    assert refused.pointers == {"/stage", "/homework", "/host_id", "/status"}


def test_what_a_rule_judges_is_stored_and_advised(desk):
    desk.profile()

    course = desk.add("courses", category="nonsubject", stage="junior", homework=True)

    assert course.status == 201
    assert rules_told(course) == ["tim_008", "crs_002"]
