"""The states of courses and classes, and what they ask for."""

import pytest

from otsp_chassis.ids import new_id
from otsp_courses.model import Course, StateForbids, TrainingClass
from otsp_courses.rules.rows import CourseRow, InstitutionRef
from otsp_courses.rules.states import (
    CLASS_LABELS_ZH,
    CLASS_STEPS,
    COURSE_LABELS_ZH,
    COURSE_STEPS,
    is_compliant,
    opening_faults,
)


def institution(**changes):
    told = {
        "region_code": "330106",
        "categories": ["subject"],
        "nonsubject_types": [],
        "delivery_modes": ["offline"],
        "stages": ["junior"],
        "compliance_status": "compliant",
    }
    return InstitutionRef(**told | changes)


def course(**changes):
    empty = dict.fromkeys(CourseRow.__dataclass_fields__)
    whole = {
        "status": "ready",
        "delivery": "offline",
        "category": "subject",
        "stage": "junior",
        "material_ids": [new_id()],
        "fee_item_id": new_id(),
    }
    return CourseRow(**empty | whole | changes)


@pytest.mark.parametrize("before", COURSE_STEPS)
@pytest.mark.parametrize("after", COURSE_STEPS)
def test_course_moves_along_its_states_only(before, after):
    moved = Course(status=before)

    if (before, after) in {("draft", "ready"), ("ready", "active"), ("active", "closed")}:
        moved.move_to(after)
        assert moved.status == after
    else:
        with pytest.raises(StateForbids, match=COURSE_LABELS_ZH[before]):
            moved.move_to(after)


@pytest.mark.parametrize("before", CLASS_STEPS)
@pytest.mark.parametrize("after", CLASS_STEPS)
def test_class_moves_along_its_states_and_falls_through_before_its_end(before, after):
    moved = TrainingClass(status=before)
    steps = {("planned", "enrolling"), ("enrolling", "in_session"), ("in_session", "finished")}
    steps |= {(status, "cancelled") for status in ("planned", "enrolling", "in_session")}

    if (before, after) in steps:
        moved.move_to(after)
        assert moved.status == after
    else:
        with pytest.raises(StateForbids, match=CLASS_LABELS_ZH[before]):
            moved.move_to(after)


@pytest.mark.parametrize("status", CLASS_STEPS)
def test_only_a_planned_class_is_deleted_and_only_a_running_one_altered(status):
    a_class = TrainingClass(status=status)

    for act, allowed in (
        (a_class.require_deletable, {"planned"}),
        (a_class.require_alterable, {"planned", "enrolling", "in_session"}),
    ):
        if status in allowed:
            act()
        else:
            with pytest.raises(StateForbids):
                act()


@pytest.mark.parametrize("status", COURSE_STEPS)
def test_only_a_draft_course_is_deleted_and_a_closed_one_not_altered(status):
    a_course = Course(status=status)

    for act, allowed in (
        (a_course.require_deletable, {"draft"}),
        (a_course.require_alterable, {"draft", "ready", "active"}),
    ):
        if status in allowed:
            act()
        else:
            with pytest.raises(StateForbids):
                act()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("compliant", True),
        ("change_pending", True),
        ("not_applied", False),
        ("under_review", False),
        ("returned", False),
        ("suspended", False),
        ("expired", False),
        ("deregistered", False),
    ],
)
def test_only_a_compliant_institution_may_enrol(status, expected):
    assert is_compliant(institution(compliance_status=status)) is expected


def test_an_institution_nobody_told_of_may_not_enrol():
    assert not is_compliant(None)


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({}, []),
        ({"category": "nonsubject"}, ["/category"]),
        ({"stage": None}, ["/stage"]),
        ({"delivery": "online_live"}, ["/delivery"]),
        ({"material_ids": [], "fee_item_id": None}, ["/material_ids", "/fee_item_id"]),
    ],
)
def test_course_opens_when_it_is_within_scope_and_whole(changes, pointers):
    faults = opening_faults(course(**changes), institution())

    assert [fault.pointer for fault in faults] == pointers
