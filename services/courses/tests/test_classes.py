"""Classes over HTTP."""

import pytest

from otsp_chassis.ids import new_id

SLOT = {"weekday": 2, "start": "18:30", "lessons": 2, "lesson_minutes": 45, "break_minutes": 10}
CLASS = {
    "name": "初二数学周二班",
    "capacity": 12,
    "enrolled": 12,
    "teacher_ids": [str(new_id())],
    "assistant_ids": [str(new_id())],
    "start_on": "2024-10-08",
    "end_on": "2024-12-26",
    "slots": [SLOT, SLOT | {"weekday": 4}],
    "skip_dates": ["2024-10-29", "2024-10-31"],
    "extra_sessions": [
        {
            "date": "2024-11-05",
            "start": "08:00",
            "lessons": 1,
            "lesson_minutes": 45,
            "break_minutes": None,
        }
    ],
    "room_no": "301",
}


@pytest.fixture
def classes(desk):
    course = desk.added("courses", delivery="offline", existing=True, status="active")
    return f"{course.removeprefix(desk.base + '/')}/classes"


def test_every_field_is_kept_as_entered(desk, classes):
    created = desk.add(classes, **CLASS)

    assert (created.status, created.version, created.json["status"]) == (201, 1, "planned")
    assert {name: created.json[name] for name in CLASS} == CLASS
    assert created.json["size_band"] == "m"
    assert desk.client.get(created.headers["Location"]).json == created.json


def test_a_replacement_empties_what_it_leaves_out(desk, classes):
    place = desk.added(classes, **CLASS)

    changed = desk.client.put(place, {"name": None, "slots": None}, if_match=1)

    assert (changed.status, changed.version) == (200, 2)
    lists = ("teacher_ids", "assistant_ids", "slots", "skip_dates", "extra_sessions")
    emptied = dict.fromkeys(CLASS) | {name: [] for name in lists}
    assert {name: changed.json[name] for name in CLASS} == emptied


def test_an_incomplete_slot_may_be_stored(desk, classes):
    slots = [{"weekday": 2}, {"start": None, "lessons": 2}]

    assert desk.add(classes, slots=slots).json["slots"] == slots


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"slots": [SLOT, SLOT]}, {"/slots/1"}),
        ({"slots": [SLOT | {"start": "23:00"}]}, {"/slots/0"}),
        ({"slots": [SLOT | {"start": "8:30"}]}, {"/slots/0/start"}),
        ({"slots": [SLOT | {"weekday": 8}, SLOT, SLOT]}, {"/slots/0/weekday", "/slots/2"}),
        ({"start_on": "2024-12-26", "end_on": "2024-10-08"}, {"/end_on"}),
        ({"skip_dates": ["2024-10-08", "2024-02-30"]}, {"/skip_dates/1"}),
        ({"extra_sessions": [{"date": "2024-13-01"}]}, {"/extra_sessions/0/date"}),
        ({"enrolled": -1, "capacity": "12"}, {"/enrolled", "/capacity"}),
        ({"pupils": []}, {"/pupils"}),
        ({"status": "finished"}, {"/status"}),
    ],
)
def test_impossible_timetables_and_states_are_refused(desk, classes, fields, pointers):
    refused = desk.add(classes, **fields)

    assert (refused.status, refused.problem, refused.pointers) == (422, "invalid", pointers)


def test_v_rules_hold_for_a_replacement_too(desk, classes):
    place = desk.added(classes, **CLASS)

    refused = desk.client.put(place, CLASS | {"slots": [SLOT, SLOT]}, if_match=1)

    assert (refused.status, refused.pointers) == (422, {"/slots/1"})


def test_what_a_rule_judges_is_stored_and_advised(desk, classes):
    late = SLOT | {"start": "19:00"}

    created = desk.add(classes, capacity=10, enrolled=11, slots=[late])

    assert created.status == 201
    assert [(each["pointer"], each["code"]) for each in created.json["warnings"]] == [
        ("/slots/0", "tim_001"),
        ("/enrolled", "crs_009"),
    ]


@pytest.mark.parametrize(
    ("if_match", "status", "problem"),
    [(None, 428, "precondition-required"), (7, 412, "stale-version")],
)
def test_a_write_on_another_version_is_refused(desk, classes, if_match, status, problem):
    place = desk.added(classes, **CLASS)
    attendance = {"enrolled": 1, "skip_dates": []}

    for refused in (
        desk.client.put(place, CLASS, if_match=if_match),
        desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=if_match),
        desk.client.put(f"{place}/attendance", attendance, if_match=if_match),
        desk.client.delete(place, if_match=if_match),
    ):
        assert (refused.status, refused.problem) == (status, problem)
    assert desk.client.get(place).version == 1


@pytest.mark.parametrize("status", [None, "suspended"])
def test_enrolling_waits_for_compliance_while_planning_does_not(desk, classes, status):
    if status:
        desk.profile(status)
    place = desk.added(classes, **CLASS)

    refused = desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=1)

    assert (refused.status, refused.problem) == (422, "courses-institution-not-compliant")
    assert desk.client.get(place).json["status"] == "planned"


def test_a_class_goes_through_its_states(desk, classes):
    desk.profile()
    place = desk.added(classes, **CLASS)

    for version, status in enumerate(("enrolling", "in_session", "finished"), start=1):
        moved = desk.client.put(f"{place}/status", {"status": status}, if_match=version)
        assert (moved.status, moved.json["status"]) == (200, status)

    over = desk.client.put(place, CLASS, if_match=4)
    assert (over.status, over.problem) == (409, "courses-state-forbids")


def test_a_class_of_a_draft_course_does_not_enrol(desk):
    desk.profile()
    course = desk.added("courses")
    place = desk.client.post(f"{course}/classes", {"name": "一班"}).headers["Location"]

    refused = desk.client.put(f"{place}/status", {"status": "enrolling"}, if_match=1)

    assert (refused.status, refused.problem) == (409, "courses-state-forbids")


def test_an_existing_class_is_entered_in_session_whatever_the_status(desk, classes):
    created = desk.add(classes, **CLASS, existing=True, status="in_session")

    assert (created.status, created.json["status"]) == (201, "in_session")


def test_attendance_changes_heads_and_skipped_days_only(desk, classes):
    place = desk.added(classes, **CLASS)

    told = desk.client.put(
        f"{place}/attendance", {"enrolled": 7, "skip_dates": ["2024-11-05"]}, if_match=1
    )

    assert (told.status, told.version) == (200, 2)
    expected = CLASS | {"enrolled": 7, "skip_dates": ["2024-11-05"]}
    assert {name: told.json[name] for name in CLASS} == expected


def test_a_cancelled_class_stays_cancelled(desk, classes):
    place = desk.added(classes, **CLASS)

    cancelled = desk.client.post(f"{place}/cancellation", {"reason": "人数不足"})

    assert (cancelled.status, cancelled.json["status"]) == (200, "cancelled")
    again = desk.client.post(f"{place}/cancellation", {})
    assert (again.status, again.problem) == (409, "courses-state-forbids")
    attendance = {"enrolled": 1, "skip_dates": []}
    refused = desk.client.put(f"{place}/attendance", attendance, if_match=2)
    assert refused.problem == "courses-state-forbids"


def test_only_a_planned_class_is_removed(desk, classes):
    planned = desk.added(classes)
    running = desk.added(classes, existing=True, status="in_session")

    refused = desk.client.delete(running, if_match=1)

    assert (refused.status, refused.problem) == (409, "courses-state-forbids")
    assert desk.client.delete(planned, if_match=1).status == 204
    assert desk.client.get(planned).problem == "not-found"


def test_a_class_is_found_under_its_own_course_only(desk, classes):
    class_id = desk.added(classes).rpartition("/")[2]
    other = desk.added("courses")

    place = f"{other}/classes/{class_id}"

    assert desk.client.get(place).problem == "not-found"
    assert desk.client.put(place, CLASS, if_match=1).problem == "not-found"
    assert desk.client.post(f"{place}/cancellation", {}).problem == "not-found"
    missing = f"{desk.base}/courses/{new_id()}/classes"
    assert desk.client.get(missing).problem == "not-found"
    assert desk.client.post(missing, CLASS).problem == "not-found"


def test_lists_are_filtered_by_state_and_go_page_by_page(desk, classes):
    for number in range(3):
        desk.added(classes, name=f"{number}班")
    desk.added(classes, name="在上", existing=True, status="in_session")
    path = f"{desk.base}/{classes}"

    first = desk.client.get(path, query={"limit": 3}).json
    rest = desk.client.get(path, query={"limit": 3, "cursor": first["next"]}).json
    running = desk.client.get(path, query={"status": "in_session"}).json

    assert [each["name"] for each in first["items"]] == ["0班", "1班", "2班"]
    assert [each["name"] for each in rest["items"]] == ["在上"]
    assert rest["next"] is None
    assert [each["name"] for each in running["items"]] == ["在上"]
