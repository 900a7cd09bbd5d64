"""What the statistics are told of courses, classes, sites and systems."""

from datetime import date

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_contracts.courses import CoursesCountersChanged
from otsp_courses.model import Course, Site, System, TrainingClass

TODAY = date(2024, 10, 15)
SLOT = {"weekday": 3, "start": "18:00", "lessons": 2, "lesson_minutes": 40, "break_minutes": 10}


@pytest.fixture
def enter(kit, monkeypatch):
    """Rows of one institution; a class is of the course before it."""
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    institution_id = new_id()

    def _enter(kind, **fields):
        key = f"{'class' if kind is TrainingClass else kind.__tablename__}_id"
        lists = {
            Course: ("grades", "material_ids"),
            TrainingClass: ("teacher_ids", "assistant_ids", "skip_dates", "extra_sessions"),
            Site: ("rooms",),
            System: (),
        }[kind]
        known = {key: new_id(), "institution_id": institution_id}
        row = {name: [] for name in lists} | known | fields
        with kit.active(), transaction() as tx:
            tx.add(kind(**row))
        return row[key]

    return _enter


@pytest.fixture
def open_class(enter):
    def _open(slot=SLOT, *, course=None, **fields):
        course_id = enter(Course, status="active", **(course or {"category": "subject"}))
        known = {"status": "in_session", "capacity": 20, "enrolled": 15, "slots": [slot]}
        enter(TrainingClass, course_id=course_id, **known | fields)

    return _open


@pytest.fixture
def counted(kit):
    def _counted():
        kit.run_job("tell_counters")
        news = kit.published(CoursesCountersChanged)[-1].payload()
        return {name: value for name, value in news.counters.model_dump().items() if value}

    return _counted


def test_pupils_and_sizes_are_those_of_open_classes(open_class, counted):
    open_class(capacity=9, enrolled=8)
    open_class(capacity=10, status="enrolling", enrolled=1)
    open_class(capacity=35)
    open_class(capacity=36)
    open_class(status="finished")
    open_class(status="planned", capacity=50)

    told = counted()

    assert (told["courses_active"], told["capacity"], told["enrolled"]) == (6, 90, 39)
    assert [told[f"size_{band}"] for band in "sml"] == [1, 2, 1]
    assert (told["classes_in_session"], told["classes_enrolling"]) == (3, 1)
    assert (told["classes_finished"], told["classes_planned"]) == (1, 1)


@pytest.mark.parametrize(
    ("slot", "name"),
    [
        ({"start": "16:30"}, "ends_by_1800"),
        ({"start": "16:31"}, "ends_by_2030"),
        ({"start": "19:00"}, "ends_by_2030"),
        ({"start": "19:00", "break_minutes": 11}, "ends_by_2100"),
        ({"start": "19:30"}, "ends_by_2100"),
        ({"start": "19:31"}, "ends_later"),
        ({"start": "20:00", "lessons": 1, "break_minutes": None}, "ends_by_2100"),
    ],
)
def test_a_class_ends_when_its_last_lesson_does(open_class, counted, slot, name):
    open_class(SLOT | slot)

    assert [each for each in counted() if each.startswith("ends_")] == [name]


@pytest.mark.parametrize(
    ("fields", "sessions"),
    [
        ({}, 0),
        ({"slot": SLOT | {"weekday": 6}}, 1),
        ({"extra_sessions": [SLOT | {"weekday": None, "date": "2024-10-20"}]}, 1),
        ({"slot": SLOT | {"weekday": 7}, "course": {"category": "nonsubject"}}, 0),
        ({"slot": SLOT | {"weekday": 7}, "status": "finished"}, 0),
    ],
)
def test_weekend_sessions_are_those_of_open_subject_classes(open_class, counted, fields, sessions):
    open_class(**fields)

    assert counted().get("weekend_subject_sessions", 0) == sessions


@pytest.mark.parametrize(
    ("area", "enrolled", "name"),
    [
        (299, 1, "area_below_3"),
        (900, 3, "area_3_to_5"),
        (500, 1, "area_5_to_10"),
        (1000, 1, "area_above_10"),
        (1000, 0, "area_unknown"),
        (None, 1, "area_unknown"),
    ],
)
def test_area_is_told_by_pupil(enter, open_class, counted, area, enrolled, name):
    site = enter(Site, status="open", teaching_area_centi_m2=area, fire_check_on=TODAY)
    open_class(course={"host_id": site}, enrolled=enrolled)

    assert [each for each in counted() if each.startswith("area_")] == [name]


def test_fire_checks_are_overdue_after_a_month(enter, counted):
    for checked_on in (date(2024, 9, 14), date(2024, 9, 13), None):
        enter(Site, status="open", fire_check_on=checked_on)
    enter(Site, status="closed")

    told = counted()

    assert (told["sites"], told["fire_checks_overdue"]) == (3, 2)


def test_systems_are_told_by_level_and_by_how_long_they_keep_what(enter, counted):
    enter(System, mlps_level=3, content_retention_days=365, log_retention_days=179)
    enter(System, live_video_retention_days=179, content_retention_days=364)

    assert counted() == {
        "systems": 2,
        "mlps_3": 1,
        "mlps_none": 1,
        "content_kept_too_short": 1,
        "video_kept_too_short": 1,
        "logs_kept_too_short": 1,
    }
