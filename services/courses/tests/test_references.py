"""What a course or class names of others: told on entry, asked for when it is to open."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance.rectification import RectificationClosed
from otsp_contracts.courses import ClassChanged

SCOPE = {"category": "subject", "stage": "junior", "delivery": "offline"}


def told(answer):
    return {
        each["pointer"]: each["code"]
        for each in answer.json["warnings"]
        if each["code"] != "missing"
    }


@pytest.fixture
def course(desk):
    desk.profile()
    return desk.added("courses", delivery="offline", existing=True, status="active")


@pytest.fixture
def classes(desk, course):
    return f"{course.removeprefix(desk.base + '/')}/classes"


def test_what_is_fit_is_not_warned_of(desk, classes):
    course = desk.add("courses", material_ids=[desk.material()], fee_item_id=desk.fee_item())
    people = {
        "teacher_ids": [desk.person()],
        "assistant_ids": [desk.person(staff_type="assistant")],
    }

    assert (told(course), told(desk.add(classes, **people))) == ({}, {})


@pytest.mark.parametrize("how", ["never_told", "theirs", "removed"])
def test_what_the_institution_does_not_have_is_stored_and_told(desk, classes, how):
    changes = {
        "never_told": {"institution_id": new_id()},
        "theirs": {"institution_id": new_id()},
        "removed": {"removed": True},
    }[how]
    made_up = str(new_id())
    never = how == "never_told"
    material = made_up if never else desk.material(**changes)
    fee_item = made_up if never else desk.fee_item(**changes)
    teacher = made_up if never else desk.person(**changes)

    course = desk.add("courses", material_ids=[material], fee_item_id=fee_item)
    a_class = desk.add(classes, teacher_ids=[teacher], assistant_ids=[teacher])

    assert (course.status, a_class.status) == (201, 201)
    assert told(course) == {
        "/material_ids/0": "unknown_material",
        "/fee_item_id": "unknown_fee_item",
    }
    assert told(a_class) == {
        "/teacher_ids/0": "unknown_person",
        "/assistant_ids/0": "unknown_person",
    }


def test_what_is_unfit_is_stored_and_told_by_its_name(desk, classes):
    used, draft = desk.material(), desk.material(status="draft", title="初二数学讲义")
    fee_item = desk.fee_item(publicized=False)
    gone, manager = desk.person(status="departed"), desk.person(staff_type="management")

    course = desk.add("courses", material_ids=[used, draft], fee_item_id=fee_item)
    a_class = desk.add(classes, teacher_ids=[gone, manager], assistant_ids=[gone])

    assert told(course) == {
        "/material_ids/1": "material_not_in_use",
        "/fee_item_id": "fee_item_not_publicized",
    }
    details = " ".join(each["detail"] for each in course.json["warnings"])
    assert "材料“初二数学讲义”当前为“草稿”" in details
    assert "收费项目“秋季班”尚未公示" in details
    assert told(a_class) == {
        "/teacher_ids/0": "departed_person",
        "/teacher_ids/1": "not_teaching",
        "/assistant_ids/0": "departed_person",
    }


def test_warnings_follow_the_news(desk, classes):
    teacher = desk.person(version=1)
    place = desk.added(classes, teacher_ids=[teacher])

    desk.person(teacher, version=3, status="departed")
    desk.person(teacher, version=2)

    assert told(desk.client.get(place)) == {"/teacher_ids/0": "departed_person"}
    [listed] = desk.client.get(place.rpartition("/")[0]).json["items"]
    assert [each["code"] for each in listed["warnings"]] == ["departed_person"]


@pytest.mark.parametrize("staff_type", ["research", "assistant", "management", None])
def test_only_teaching_staff_may_teach(desk, classes, staff_type):
    other = desk.person(staff_type=staff_type)

    told_of = told(desk.add(classes, teacher_ids=[other], assistant_ids=[other]))

    assert told_of == {"/teacher_ids/0": "not_teaching"}


@pytest.mark.parametrize("status", ["finished", "cancelled"])
def test_a_class_that_is_over_is_not_warned_of(desk, classes, status):
    gone = desk.person(status="departed")

    assert told(desk.add(classes, existing=True, status=status, teacher_ids=[gone])) == {}


def test_a_closed_course_is_not_warned_of(desk):
    draft = desk.material(status="draft")

    assert told(desk.add("courses", existing=True, status="closed", material_ids=[draft])) == {}


@pytest.mark.parametrize(
    ("material", "fee_item", "pointers"),
    [
        ({}, {}, None),
        ({"status": "suspended"}, {}, {"/material_ids/0"}),
        ({}, {"publicized": False}, {"/fee_item_id"}),
        ({"removed": True}, {"institution_id": new_id()}, {"/material_ids/0", "/fee_item_id"}),
    ],
)
def test_a_course_opens_with_material_in_use_and_a_published_fee(
    desk, material, fee_item, pointers
):
    desk.profile()
    named = {"material_ids": [desk.material(**material)], "fee_item_id": desk.fee_item(**fee_item)}
    place = desk.added("courses", **SCOPE, **named)
    desk.client.put(f"{place}/status", {"status": "ready"}, if_match=1)

    answer = desk.client.put(f"{place}/status", {"status": "active"}, if_match=2)

    if pointers is None:
        assert (answer.status, answer.json["status"]) == (200, "active")
    else:
        assert (answer.status, answer.problem) == (422, "courses-course-not-whole")
        assert answer.pointers == pointers
        assert desk.client.get(place).json["status"] == "ready"


@pytest.mark.parametrize(
    ("kind", "zh"),
    [("for_profit_to_nonprofit", "营转非"), ("filing_to_approval", "备案转审批"), ("other", None)],
)
def test_enrolment_waits_for_the_two_rectifications_that_halt_it(desk, classes, kind, zh):
    place = desk.added(classes)
    desk.rectify(kind)

    answer = desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=1)

    if zh is None:
        assert answer.json["status"] == "enrolling"
    else:
        assert (answer.status, answer.problem) == (422, "courses-rectification-open")
        assert f"“{zh}”整改尚未办结" in answer.json["detail"]
        assert desk.client.get(place).json["status"] == "planned"


@pytest.mark.parametrize("to_state", ["closed", "waived"])
def test_enrolment_goes_on_once_the_rectification_is_over(desk, classes, to_state):
    place = desk.added(classes)
    task = {"rectification_id": desk.rectify(), "kind": "for_profit_to_nonprofit"}
    over = {"institution_id": desk.institution_id, "version": 3, "to_state": to_state}
    desk.kit.deliver(RectificationClosed(**task | over, closed_on="2024-10-15"))
    desk.rectify(rectification_id=task["rectification_id"], version=1)

    moved = desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=1)

    assert moved.json["status"] == "enrolling"


def test_while_enrolment_is_halted_nobody_comes_and_classes_may_finish(desk, classes):
    running = {"existing": True, "status": "in_session", "name": "一班", "enrolled": 7}
    place = desk.added(classes, **running)
    desk.rectify()

    more = desk.client.put(f"{place}/attendance", {"enrolled": 8, "skip_dates": []}, if_match=1)
    replaced = desk.client.put(place, {"name": "一班", "enrolled": 8}, if_match=1)
    planned = desk.add(classes, enrolled=1)
    for refused in (more, replaced, planned):
        assert (refused.status, refused.problem) == (422, "courses-rectification-open")
        assert refused.pointers == {"/enrolled"}

    assert desk.add(classes).status == 201
    less = desk.client.put(f"{place}/attendance", {"enrolled": 6, "skip_dates": []}, if_match=1)
    assert (less.status, less.json["enrolled"]) == (200, 6)
    done = desk.client.put(f"{place}/status", {"status": "finished"}, if_match=2)
    assert done.json["status"] == "finished"


def test_another_institutions_rectification_halts_nothing(desk, classes):
    place = desk.added(classes)
    desk.rectify(institution_id=new_id())

    moved = desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=1)

    assert moved.json["status"] == "enrolling"


def class_news(desk):
    return [ClassChanged.model_validate(each.data) for each in desk.kit.published(ClassChanged)]


def test_who_teaches_a_class_is_told_when_it_changes_and_only_then(desk, classes):
    teacher, new_one, manager = desk.person(), str(new_id()), desk.person(staff_type="management")
    teachers = [teacher, new_one, manager, desk.person(status="departed")]
    place = desk.added(classes, name="一班", teacher_ids=teachers)

    desk.client.put(place, {"name": "二班", "teacher_ids": teachers}, if_match=1)
    [first] = class_news(desk)
    assert [str(each) for each in first.teacher_ids] == teachers
    assert [str(each) for each in first.lead_teacher_ids] == [teacher, new_one]
    assert (first.status, first.version, first.removed) == ("planned", 1, False)

    desk.client.put(place, {"name": "二班", "teacher_ids": [teacher]}, if_match=2)
    desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=3)
    desk.client.post(f"{place}/cancellation", {})
    later = [(each.version, each.status, len(each.teacher_ids)) for each in class_news(desk)[1:]]
    assert later == [(3, "planned", 1), (4, "enrolling", 1), (5, "cancelled", 1)]


def test_a_removed_class_is_told_as_removed(desk, classes):
    place = desk.added(classes)
    desk.client.delete(place, if_match=1)

    assert [each.removed for each in class_news(desk)] == [False, True]
