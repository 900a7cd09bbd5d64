"""The week as a wall calendar has it, and clashes told at entry."""

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import WorkingYearEntered

SLOT = {"weekday": 2, "start": "18:30", "lessons": 2, "lesson_minutes": 45, "break_minutes": 10}
TERM = {"start_on": "2026-03-02", "end_on": "2026-06-30", "slots": [SLOT]}


@pytest.fixture
def hall(desk):
    rooms = [{"room_no": "301", "seats": 15}, {"room_no": "302"}]
    return desk.added("sites", name="西湖教学点", rooms=rooms).rpartition("/")[2]


@pytest.fixture
def classes(desk, hall):
    return opened(desk, hall)


def opened(desk, host_id, name="初二数学", **fields):
    told = {"name": name, "host_id": host_id, "delivery": "offline", "existing": True}
    course = desk.added("courses", **told | {"status": "active"} | fields)
    return f"{course.removeprefix(desk.base + '/')}/classes"


def id_of(place):
    return place.rpartition("/")[2]


def told(answer):
    kept = {"crs_008", "room_taken", "over_seats", "unknown_room", "tim_005"}
    return [
        (each["pointer"], each["code"]) for each in answer.json["warnings"] if each["code"] in kept
    ]


def week(desk, week="2026-W11", **query):
    answer = desk.client.get(f"{desk.base}/timetable", query={"week": week} | query)
    assert answer.status == 200, answer.json
    return answer.json


def sessions(timetable):
    return [
        (day["date"], session["class_name"], session["start"])
        for day in timetable["days"]
        for session in day["sessions"]
    ]


def test_a_session_tells_what_hangs_on_the_wall(desk, hall, classes):
    teacher, assistant = str(new_id()), str(new_id())
    people = {"teacher_ids": [teacher], "assistant_ids": [assistant], "room_no": "301"}
    place = desk.added(classes, name="一班", **TERM, **people)

    timetable = week(desk)

    assert (timetable["from"], timetable["to"]) == ("2026-03-09", "2026-03-15")
    assert [day["weekday"] for day in timetable["days"]] == [1, 2, 3, 4, 5, 6, 7]
    [session] = timetable["days"][1]["sessions"]
    assert session == {
        "class_id": id_of(place),
        "class_name": "一班",
        "class_status": "planned",
        "course_id": classes.split("/")[1],
        "course_name": "初二数学",
        "host_id": hall,
        "host_name": "西湖教学点",
        "room_no": "301",
        "teacher_ids": [teacher],
        "assistant_ids": [assistant],
        "start": "18:30",
        "end": "20:10",
        "minutes": 90,
        "clashes": [],
    }


def test_days_without_teaching_are_left_out_and_extra_sessions_put_in(desk, classes):
    extra = SLOT | {"date": "2026-03-12", "start": "08:00"}
    del extra["weekday"]
    desk.added(classes, name="一班", **TERM, skip_dates=["2026-03-10"], extra_sessions=[extra])

    assert sessions(week(desk)) == [("2026-03-12", "一班", "08:00")]
    assert sessions(week(desk, "2026-W12")) == [("2026-03-17", "一班", "18:30")]
    assert sessions(week(desk, "2026-W09")) == []


@pytest.mark.parametrize(("status", "is_held"), [("finished", True), ("cancelled", False)])
def test_what_was_taught_stays_on_the_calendar_and_what_fell_through_does_not(
    desk, classes, status, is_held
):
    desk.added(classes, name="一班", **TERM, existing=True, status=status)

    assert bool(sessions(week(desk))) is is_held


def test_the_timetable_is_filtered_by_host_teacher_and_course(desk, hall, classes):
    teacher, hall_2 = str(new_id()), id_of(desk.added("sites", name="滨江教学点"))
    others = opened(desk, hall_2, "初三物理")
    desk.added(classes, name="一班", **TERM, teacher_ids=[teacher])
    desk.added(others, name="二班", **TERM)

    def shown(**query):
        return [name for _, name, _ in sessions(week(desk, **query))]

    assert shown() == ["一班", "二班"]
    assert shown(host_id=hall_2) == ["二班"]
    assert shown(teacher_id=teacher) == ["一班"]
    assert shown(course_id=others.split("/")[1]) == ["二班"]
    assert shown(teacher_id=str(new_id())) == []


def test_clashes_are_marked_even_with_what_is_not_shown(desk, hall, classes):
    teacher = str(new_id())
    one = desk.added(classes, name="一班", **TERM, teacher_ids=[teacher], room_no="301")
    others = opened(desk, hall, "初三物理")
    late = [SLOT | {"start": "19:00"}]
    two = desk.added(others, name="二班", **TERM | {"slots": late}, teacher_ids=[teacher])
    three = desk.added(others, name="三班", **TERM | {"slots": late}, room_no="301")

    shown = week(desk, course_id=classes.split("/")[1])

    [session] = shown["days"][1]["sessions"]
    assert sorted(session["clashes"], key=lambda each: each["kind"]) == [
        {"kind": "room", "class_id": id_of(three), "staff_id": None},
        {"kind": "teacher", "class_id": id_of(two), "staff_id": teacher},
    ]
    assert session["class_id"] == id_of(one)


def test_a_class_does_not_clash_with_itself_nor_with_one_that_begins_as_it_ends(desk, classes):
    teacher = str(new_id())
    extra = {name: value for name, value in SLOT.items() if name != "weekday"}
    doubled = TERM | {"extra_sessions": [extra | {"date": "2026-03-10"}]}
    desk.added(classes, name="一班", **doubled, teacher_ids=[teacher])
    later = TERM | {"slots": [SLOT | {"start": "20:10"}]}
    desk.added(classes, name="二班", **later, teacher_ids=[teacher])

    held = week(desk)["days"][1]["sessions"]

    assert [session["start"] for session in held] == ["18:30", "18:30", "20:10"]
    assert [session["clashes"] for session in held] == [[], [], []]


def test_holidays_and_make_up_days_are_marked_where_the_calendar_knows_them(desk):
    spring = desk.client.get(
        f"{desk.base}/timetable", query={"from": "2026-02-14", "to": "2026-02-18"}
    ).json

    assert [day["kind"] for day in spring["days"]] == [
        "make_up",
        "weekend",
        "holiday",
        "holiday",
        "holiday",
    ]
    beyond = week(desk, "2099-W10")
    assert {day["kind"] for day in beyond["days"]} == {None}


def test_a_year_that_compliance_entered_is_marked_by_it(desk):
    year = {"year_id": new_id(), "version": 1, "year": 2099, "working_weekends": ()}
    desk.kit.deliver(WorkingYearEntered(**year, rest_weekdays=("2099-03-03",)))

    kinds = {day["date"]: day["kind"] for day in week(desk, "2099-W10")["days"]}

    assert (kinds["2099-03-02"], kinds["2099-03-03"]) == ("working", "holiday")


def test_without_a_span_it_is_this_week(desk, classes):
    desk.added(classes, name="一班", **TERM)

    this = desk.client.get(f"{desk.base}/timetable").json

    assert this["from"] <= clock.today().isoformat() <= this["to"]
    assert len(this["days"]) == 7


@pytest.mark.parametrize(
    "query",
    [
        {"week": "2026-W54"},
        {"week": "2026-W10", "from": "2026-03-01"},
        {"from": "2026-03-01"},
        {"to": "2026-03-01"},
        {"from": "2026-03-01", "to": "2026-02-28"},
        {"from": "2026-03-01", "to": "2026-04-01"},
    ],
)
def test_a_span_that_is_none_is_refused(desk, query):
    refused = desk.client.get(f"{desk.base}/timetable", query=query)

    assert (refused.status, refused.problem) == (400, "bad-parameter")


def test_thirty_one_days_are_one_answer(desk):
    query = {"from": "2026-03-01", "to": "2026-03-31"}

    assert len(desk.client.get(f"{desk.base}/timetable", query=query).json["days"]) == 31


def test_clashes_are_told_at_entry_and_hinder_nothing(desk, hall, classes):
    teacher = desk.person()
    desk.added(classes, name="一班", **TERM, teacher_ids=[teacher], room_no="301")

    second = desk.add(classes, name="二班", **TERM, teacher_ids=[teacher], room_no="301")

    assert second.status == 201
    assert told(second) == [("/teacher_ids/0", "crs_008"), ("/room_no", "room_taken")]
    moved = TERM | {"slots": [SLOT | {"start": "20:10"}]}
    place = second.headers["Location"]
    body = {"name": "二班", "teacher_ids": [teacher], "room_no": "301"}
    assert told(desk.client.put(place, moved | body, if_match=1)) == []


@pytest.mark.parametrize("status", ["finished", "cancelled"])
def test_a_class_that_is_over_clashes_with_nothing(desk, classes, status):
    teacher = desk.person()
    over = desk.add(classes, **TERM, teacher_ids=[teacher], existing=True, status=status)

    running = desk.add(classes, **TERM, teacher_ids=[teacher])

    assert (told(over), told(running)) == ([], [])
    assert told(desk.client.get(over.headers["Location"])) == []


def test_a_removed_class_clashes_with_nothing(desk, classes):
    teacher = desk.person()
    desk.client.delete(desk.added(classes, **TERM, teacher_ids=[teacher]), if_match=1)

    assert told(desk.add(classes, **TERM, teacher_ids=[teacher])) == []


def test_another_institutions_classes_clash_with_nothing(desk, kit, classes):
    other = type(desk)(kit.as_institution(other_id := new_id()), other_id, kit)
    teacher = str(new_id())
    theirs = opened(other, id_of(other.added("sites")))
    other.added(theirs, **TERM, teacher_ids=[teacher])

    assert told(desk.add(classes, **TERM, teacher_ids=[teacher])) == []


def test_more_people_than_seats_and_rooms_that_the_site_does_not_have_are_told(desk, classes):
    assert told(desk.add(classes, room_no="301", capacity=16)) == [("/capacity", "over_seats")]
    assert told(desk.add(classes, room_no="404")) == [("/room_no", "unknown_room")]


def test_a_subject_class_on_a_holiday_is_told(desk, hall):
    subject = opened(desk, hall, category="subject", stage="junior")
    labour_day = TERM | {"slots": [SLOT | {"weekday": 5}]}

    [warning] = [
        each
        for each in desk.add(subject, **labour_day).json["warnings"]
        if each["code"] == "tim_005"
    ]

    assert (warning["pointer"], "2026-05-01" in warning["detail"]) == ("/slots/0/weekday", True)
    assert "2026-06-19" in warning["detail"]
    rested = desk.add(subject, **labour_day, skip_dates=["2026-05-01", "2026-06-19"])
    assert told(rested) == []


def test_rooms_are_told_apart_by_their_number(desk):
    twice = [{"room_no": "301"}, {"room_no": "302"}, {"room_no": "301"}]

    refused = desk.add("sites", rooms=twice)

    assert (refused.status, refused.pointers) == (422, {"/rooms/2/room_no"})
