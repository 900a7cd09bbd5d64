"""Courses and classes from workbooks; the mechanism itself is tried with people."""

import io
from datetime import date

import openpyxl
import pytest

from otsp_chassis.ids import new_id
from otsp_chassis.sheets import XLSX

SHEETS = {"courses": "培训课程", "classes": "班级"}
COURSE = {
    "课程名称": "初二数学",
    "办学点或业务系统": "东校区",
    "授课方式": "线下",
    "类别": "学科类",
}
CLASS = {
    "课程名称": "初二数学",
    "办学点或业务系统": "东校区",
    "班级名称": "周二班",
    "班级容量": 12,
    "开班日期": date(2024, 10, 8),
    "结班日期": date(2024, 12, 26),
    "上课时间1星期": "周二",
    "上课时间1开始": "18:30",
    "上课时间1课时数": 2,
}


@pytest.fixture
def imports(kit, desk):
    """Hands in rows of a list and has them checked, then entered."""
    return Imports(kit, desk)


class Imports:
    def __init__(self, kit, desk):
        self.kit, self.desk, self.place = kit, desk, f"{desk.base}/imports"

    def template(self, kind):
        answer = self.desk.client.get(f"{self.place}/template", query={"kind": kind})
        return openpyxl.load_workbook(io.BytesIO(answer.content))

    def check(self, kind, *rows):
        book = self.template(kind)
        sheet = book[SHEETS[kind]]
        titles = [cell.value for cell in sheet[1]]
        for number, row in enumerate(rows, start=2):
            for title, value in row.items():
                sheet.cell(number, titles.index(title) + 1, value)
        saved = io.BytesIO()
        book.save(saved)
        asked = self.desk.client.call(
            "POST",
            self.place,
            raw=saved.getvalue(),
            content_type=XLSX,
            query={"name": "a.xlsx", "kind": kind},
        )
        assert asked.status == 202, asked.json
        self.kit.run_job("check_imports")
        return self.desk.client.get(asked.headers["Location"]).json

    def apply(self, kind, *rows):
        checked = self.check(kind, *rows)
        assert checked["faults"] == []
        url = f"{self.place}/{checked['import_id']}"
        asked = self.desk.client.post(f"{url}/application", {"skip_faulty": False})
        assert asked.status == 202, asked.json
        self.kit.run_job("apply_imports")
        return self.desk.client.get(url).json


def listed(desk, path):
    return desk.client.get(f"{desk.base}/{path}").json["items"]


@pytest.fixture
def site(desk):
    return desk.added("sites", name="东校区").rpartition("/")[2]


def test_examples_are_good_rows_where_what_they_name_is_there(desk, imports):
    desk.added("sites", name="示例办学点")

    for kind in ("courses", "classes"):
        titles, row = imports.template(kind)["填写示例"].iter_rows(values_only=True)
        given = {title: cell for title, cell in zip(titles, row, strict=True) if cell is not None}
        assert imports.apply(kind, given)["counts"]["added"] == 1


def test_course_is_held_at_what_its_row_names(desk, site, imports):
    applied = imports.apply("courses", COURSE | {"年级": "七年级、八年级"})

    [course] = listed(desk, "courses")
    assert applied["counts"]["added"] == 1
    assert (course["host_id"], course["status"]) == (site, "draft")
    assert course["grades"] == ["七年级", "八年级"]


def test_name_that_is_unknown_or_of_several_is_told(desk, site, imports):
    desk.added("sites", name="西校区")
    desk.added("systems", name="西校区")

    checked = imports.check(
        "courses", COURSE | {"办学点或业务系统": "北校区"}, COURSE | {"办学点或业务系统": "西校区"}
    )

    assert [fault["code"] for fault in checked["faults"]] == ["unknown_name", "ambiguous_name"]
    assert "B列（办学点或业务系统）" in checked["faults"][0]["detail"]


def test_online_course_at_a_site_is_refused_as_in_single_entry(site, imports):
    checked = imports.check("courses", COURSE | {"授课方式": "线上直播"})

    assert checked["faults"][0]["code"] == "wrong_host"
    assert "应选择业务系统" in checked["faults"][0]["detail"]


def test_class_comes_to_its_course_with_its_timetable(desk, site, imports):
    imports.apply("courses", COURSE)

    applied = imports.apply("classes", CLASS | {"班级状态": "上课中", "在班人数": 10})

    [a_class] = listed(desk, "classes")
    assert applied["counts"]["added"] == 1
    assert (a_class["status"], a_class["enrolled"]) == ("in_session", 10)
    [slot] = a_class["slots"]
    assert (slot["weekday"], slot["start"], slot["lessons"]) == (2, "18:30", 2)


def test_class_of_an_unknown_course_is_told(site, imports):
    checked = imports.check("classes", CLASS)

    assert checked["faults"][0]["code"] == "unknown_name"
    assert "A列（课程名称）" in checked["faults"][0]["detail"]


@pytest.mark.parametrize("kind", ["courses", "classes"])
def test_same_rows_again_change_nothing(desk, site, imports, kind):
    imports.apply("courses", COURSE)
    imports.apply("classes", CLASS)
    before = listed(desk, kind)

    again = imports.apply(kind, COURSE if kind == "courses" else CLASS)

    assert again["counts"]["unchanged"] == 1
    assert listed(desk, kind) == before


def test_row_of_a_course_that_is_there_keeps_what_it_does_not_say(desk, site, imports):
    material_ids = [str(new_id())]
    desk.add(
        "courses", name="初二数学", host_id=site, delivery="offline", material_ids=material_ids
    )

    applied = imports.apply(
        "courses", {"课程名称": "初二数学", "办学点或业务系统": "东校区", "总课时": 48}
    )

    [course] = listed(desk, "courses")
    assert applied["counts"]["changed"] == 1
    assert (course["total_lessons"], course["delivery"]) == (48, "offline")
    assert course["material_ids"] == material_ids


def test_row_of_a_class_that_is_there_keeps_its_teachers(desk, site, imports):
    imports.apply("courses", COURSE)
    [course] = listed(desk, "courses")
    teacher = desk.person()
    desk.add(f"courses/{course['course_id']}/classes", name="周二班", teacher_ids=[teacher])

    applied = imports.apply("classes", CLASS)

    [a_class] = listed(desk, "classes")
    assert applied["counts"]["changed"] == 1
    assert (a_class["teacher_ids"], a_class["capacity"]) == ([teacher], 12)


def test_state_is_no_matter_of_a_row(desk, site, imports):
    imports.apply("courses", COURSE)

    checked = imports.check("courses", COURSE | {"课程状态": "开课中"})

    assert checked["faults"][0]["code"] == "other_status"


def test_closed_course_is_a_record(desk, site, imports):
    imports.apply("courses", COURSE | {"课程状态": "已停开"})

    changed = imports.check("courses", COURSE | {"总课时": 48})
    joined = imports.check("classes", CLASS)

    assert changed["faults"][0]["code"] == "not_alterable"
    assert joined["faults"][0]["code"] == "course_closed"


def test_advice_stands_apart(desk, site, imports):
    desk.profile(categories=("nonsubject",))

    checked = imports.check("courses", COURSE)

    assert checked["counts"] == {"added": 1, "warned": 1}


def test_both_lists_are_handed_in_beside_each_other_and_locked_by_a_review(desk, site, imports):
    checked = imports.check("courses", COURSE)
    desk.request()

    refused = desk.client.post(
        f"{imports.place}/{checked['import_id']}/application", {"skip_faulty": False}
    )

    assert imports.check("classes", CLASS)["kind"] == "classes"
    assert refused.status == 423


def only(desk):
    [a_class] = listed(desk, "classes")
    return a_class


def test_teachers_and_assistants_are_called_by_their_numbers(desk, site, imports):
    teacher, other, helper = desk.person(), desk.person(), desk.person(staff_type="assistant")
    imports.apply("courses", COURSE)

    people = {"授课教师": f"{teacher.upper()}、{other}", "助教": helper}
    applied = imports.apply("classes", CLASS | people)

    assert applied["counts"] == {"added": 1}
    assert (only(desk)["teacher_ids"], only(desk)["assistant_ids"]) == ([teacher, other], [helper])
    assert imports.check("classes", CLASS | people)["counts"] == {"unchanged": 1}


def test_row_that_leaves_out_teachers_and_sessions_keeps_them(desk, site, imports):
    teacher = desk.person()
    imports.apply("courses", COURSE)
    given = {"授课教师": teacher, "停课日期": "2024-10-15", "加课1日期": date(2024, 10, 19)}
    imports.apply("classes", CLASS | given)

    changed = imports.apply("classes", CLASS | {"班级容量": 20})

    assert changed["counts"] == {"changed": 1}
    kept = only(desk)
    assert (kept["capacity"], kept["teacher_ids"]) == (20, [teacher])
    assert (kept["skip_dates"], kept["extra_sessions"][0]["date"]) == (["2024-10-15"], "2024-10-19")


def test_teacher_who_is_unknown_or_elsewhere_is_told_at_the_column(kit, desk, site, imports):
    imports.apply("courses", COURSE)
    elsewhere = desk.person(institution_id=new_id())

    checked = imports.check(
        "classes",
        CLASS | {"授课教师": elsewhere},
        CLASS | {"班级名称": "周三班", "助教": str(new_id())},
        CLASS | {"班级名称": "周四班", "授课教师": "周老师"},
    )

    assert [fault["row"] for fault in checked["faults"]] == [2, 3, 4]
    assert [fault["code"] for fault in checked["faults"][:2]] == ["unknown_person"] * 2
    assert "（授课教师）" in checked["faults"][0]["detail"]
    assert "（助教）" in checked["faults"][1]["detail"]


def test_teacher_who_may_not_teach_is_a_warning(desk, site, imports):
    imports.apply("courses", COURSE)
    given = {"授课教师": desk.person(staff_type="finance"), "助教": desk.person(status="departed")}

    assert imports.check("classes", CLASS | given)["counts"] == {"added": 1, "warned": 1}


def test_days_without_teaching_and_extra_sessions_come_with_the_class(desk, site, imports):
    imports.apply("courses", COURSE)
    sessions = {"停课日期": "2024-10-15，2024/10/22", "加课1日期": date(2024, 10, 19)}
    sessions |= {"加课1开始": "09:00", "加课1课时数": 2, "加课2日期": date(2024, 10, 26)}
    fifth = {
        f"上课时间{n}星期": day for n, day in ((2, "周三"), (3, "周四"), (4, "周五"), (5, "周六"))
    }

    imports.apply("classes", CLASS | sessions | fifth)

    told = only(desk)
    assert told["skip_dates"] == ["2024-10-15", "2024-10-22"]
    assert [each["date"] for each in told["extra_sessions"]] == ["2024-10-19", "2024-10-26"]
    assert [each["weekday"] for each in told["slots"]] == [2, 3, 4, 5, 6]


def test_single_day_without_teaching_may_be_a_date_to_the_workbook(desk, site, imports):
    imports.apply("courses", COURSE)

    imports.apply("classes", CLASS | {"停课日期": date(2024, 10, 15)})

    assert only(desk)["skip_dates"] == ["2024-10-15"]
