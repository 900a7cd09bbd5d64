"""An institution of 2,000 classes among many others: lists, searches and clashes use indexes."""

import re
from datetime import date
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Json

from otsp_chassis.ids import new_id
from otsp_chassis.search import terms, text_of
from otsp_courses.queries.beside import classes_beside
from otsp_courses.queries.classes import list_classes
from otsp_courses.rules.clashes import MOST_TOLD, Placed
from otsp_courses.rules.rows import ClassRow
from otsp_testkit.listening import statements_sent

CLASSES, TEACHERS, ROOMS = 2_000, 100, 40
OTHER_COURSES = """
INSERT INTO course SELECT (jsonb_populate_record(
  c, jsonb_build_object('course_id', i, 'institution_id', i))).*
FROM course c, (SELECT gen_random_uuid() AS i FROM generate_series(1, 300)) AS s
"""
OTHER_CLASSES = """
INSERT INTO class SELECT (jsonb_populate_record(k, jsonb_build_object(
  'class_id', gen_random_uuid(), 'course_id', c.course_id, 'institution_id', c.institution_id,
  'teacher_ids', jsonb_build_array(gen_random_uuid())))).*
FROM class k, course c
WHERE k.class_id IN (SELECT class_id FROM class LIMIT 20) AND c.institution_id <> %s
"""
TERM = (date(2026, 3, 2), date(2026, 6, 30))


@pytest.fixture(scope="module")
def desk(lasting_desk):
    return lasting_desk


@pytest.fixture(scope="module")
def busy(desk):
    """Classes of 100 teachers in 40 rooms, and three times as many of other institutions."""
    hall = desk.added("sites").rpartition("/")[2]
    course = desk.added(
        "courses", name="初二数学", host_id=hall, delivery="offline", existing=True, status="active"
    )
    teachers = [new_id() for _ in range(TEACHERS)]
    with psycopg.connect(desk.kit.owner_url) as connection:
        _fill(connection, desk.institution_id, UUID(course.rpartition("/")[2]), teachers)
        connection.execute(OTHER_COURSES)
        connection.execute(OTHER_CLASSES, [desk.institution_id])
    with psycopg.connect(desk.kit.owner_url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE class")
        connection.execute("ANALYZE course")
    return UUID(hall), course, teachers


def _fill(connection, institution_id, course_id, teachers):
    columns = (
        "class_id, institution_id, course_id, created_at, updated_at, version, status, name,"
        " teacher_ids, assistant_ids, start_on, end_on, slots, skip_dates, extra_sessions, room_no,"
        " search_text, search_terms"
    )
    with connection.cursor().copy(f"COPY class ({columns}) FROM STDIN") as copy:
        for number in range(CLASSES):
            name = f"{number}班{'围棋' if number % 100 == 0 else ''}"
            copy.write_row(_class(number, name, institution_id, course_id, teachers))


def _class(number, name, institution_id, course_id, teachers):
    weekday, hour = number % 5 + 1, 8 + number // 5 % 10
    slot = {"weekday": weekday, "start": f"{hour:02d}:00", "lessons": 1, "lesson_minutes": 45}
    moment = "2026-03-01T00:00:00Z"
    own = (new_id(), institution_id, course_id, moment, moment, 1, "in_session", name)
    taught = ([teachers[number % TEACHERS]], [], *TERM, Json([slot]), [], Json([]))
    return (*own, *taught, str(number % ROOMS), text_of(name), terms(name))


def planned(reader, sent):
    """How the statements would be executed."""
    plans = [reader.exec_driver_sql(f"EXPLAIN {sql}", parameters).all() for sql, parameters in sent]
    return "\n".join(row[0] for rows in plans for row in rows)


@pytest.fixture
def reader(desk):
    with desk.kit.active(), desk.kit.runtime.database.autocommit.connect() as reader:
        yield reader


def indexes(plans):
    found = re.findall(r"using (ix_\w+|pk_\w+)|on (ix_\w+)", plans)
    return {name for pair in found for name in pair if name}


@pytest.mark.parametrize(
    ("filters", "index", "count"),
    [
        ({}, "ix_class_institution_id_class_id", 20),
        ({"teacher_id": 0}, "ix_class_teacher_ids", 20),
        ({"q": "围棋"}, "ix_class_search_terms", 20),
        ({"q": "weiqi"}, "ix_class_search_terms", 20),
        ({"q": "wq"}, "ix_class_search_terms", 20),
    ],
)
def test_lists_and_searches_use_an_index(desk, busy, reader, filters, index, count):
    _, _, teachers = busy
    given = {
        name: str(teachers[value]) if name == "teacher_id" else value
        for name, value in filters.items()
    }

    with statements_sent() as sent:
        page = list_classes(reader, desk.institution_id, filters=given, cursor=None, limit=20)

    plans = planned(reader, sent)
    assert len(page.items) == count
    assert index in indexes(plans), plans
    assert "Seq Scan on class" not in plans


def test_pages_hold_every_class_once(desk, busy):
    seen, cursor = [], None
    while True:
        query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
        page = desk.client.get(f"{desk.base}/classes", query=query).json
        seen += [each["class_id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == CLASSES
    assert seen == sorted(seen)


def test_one_more_class_looks_at_its_teachers_and_its_rooms_classes_only(desk, busy, reader):
    hall, _, teachers = busy
    empty = dict.fromkeys(ClassRow.__dataclass_fields__) | {"skip_dates": [], "extra_sessions": []}
    own = {"class_id": new_id(), "teacher_ids": [teachers[0]], "room_no": "7", "slots": []}
    row = ClassRow(**empty | own | {"start_on": TERM[0], "end_on": TERM[1]})

    with statements_sent() as sent:
        beside = classes_beside(
            reader, desk.institution_id, Placed(row, "初二数学", hall, "offline")
        )

    plans = planned(reader, sent)
    assert len(beside) == CLASSES // TEACHERS + CLASSES // ROOMS
    assert {"ix_class_teacher_ids", "ix_class_institution_id_room_no"} <= indexes(plans)
    assert "Seq Scan on class" not in plans


def test_clashes_are_told_among_two_thousand(desk, busy):
    _, course, teachers = busy
    slot = {"weekday": 1, "start": "08:30", "lessons": 1, "lesson_minutes": 45}
    term = {"start_on": "2026-03-02", "end_on": "2026-06-30", "slots": [slot], "name": "新班"}

    added = desk.client.post(
        f"{course}/classes", term | {"teacher_ids": [str(teachers[0])], "room_no": "0"}
    )
    assert desk.client.delete(added.headers["Location"], if_match=1).status == 204

    codes = [each["code"] for each in added.json["warnings"]]
    told = codes.count("crs_008"), codes.count("room_taken")
    assert (sum(told), all(told)) == (MOST_TOLD, True)


def test_the_week_of_two_thousand_classes_is_one_answer(desk, busy):
    timetable = desk.client.get(f"{desk.base}/timetable", query={"week": "2026-W11"}).json

    assert [len(day["sessions"]) for day in timetable["days"]] == [400] * 5 + [0, 0]
    assert all(each["clashes"] for day in timetable["days"] for each in day["sessions"])


def test_more_sessions_than_an_answer_holds_are_refused(desk, busy):
    _, _, teachers = busy
    month = {"from": "2026-03-02", "to": "2026-03-31"}

    refused = desk.client.get(f"{desk.base}/timetable", query=month)
    narrowed = desk.client.get(
        f"{desk.base}/timetable", query=month | {"teacher_id": str(teachers[0])}
    )

    assert (refused.status, refused.problem) == (400, "bad-parameter")
    assert narrowed.status == 200
