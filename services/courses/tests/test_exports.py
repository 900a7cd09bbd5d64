"""导出办学点、业务系统、课程和班级: each list as a file, with the filters in force."""

import io
from datetime import datetime

import openpyxl
import pytest

from otsp_chassis.ids import new_id
from otsp_testkit.exported import exported, exported_rows, listed, place_of

SITE = {
    "name": "湖滨办学点",
    "status": "open",
    "region_code": "330106",
    "address": "示例路1号",
    "lat_e6": 30_250_000,
    "lng_e6": 120_130_000,
    "building_area_centi_m2": 35_050,
    "teaching_area_centi_m2": 30_000,
    "rooms": [{"room_no": "301", "area_centi_m2": 4_550, "seats": 30}, {"room_no": "302"}],
    "premises_type": "commercial",
    "tenure": "lease",
    "lease_from": "2023-01-01",
    "contact_name": "周示例",
    "contact_tel": "13800000001",
    "on_licence": True,
}
SYSTEM = {"name": "示例直播课堂", "kind": "mini_program", "mlps_level": 2, "eye_protection": True}
CLASS = {
    "name": "周二班",
    "capacity": 12,
    "enrolled": 3,
    "start_on": "2024-10-08",
    "end_on": "2024-12-26",
    "slots": [
        {"weekday": 2, "start": "18:30", "lessons": 2, "lesson_minutes": 45, "break_minutes": 10}
    ],
    "skip_dates": ["2024-10-15", "2024-10-22"],
    "extra_sessions": [{"date": "2024-10-19", "start": "09:00", "lessons": 1}],
    "room_no": "301",
}


def id_of(place):
    return place.rpartition("/")[2]


@pytest.fixture
def school(desk):
    """Two sites, a system, courses at two of them, and classes in several states."""
    sites = [id_of(desk.added("sites", **SITE)), id_of(desk.added("sites", name="关闭的"))]
    desk.client.put(
        f"{desk.base}/sites/{sites[1]}", {"name": "关闭的", "status": "closed"}, if_match=1
    )
    system = id_of(desk.added("systems", **SYSTEM))
    website = desk.added("systems", name="网站", kind="web")
    people = [desk.person(), desk.person()]
    course = desk.added(
        "courses", name="初二数学", host_id=sites[0], delivery="offline", category="subject",
        subject_code="math", stage="junior", grades=["八年级", "九年级"], homework=False,
        material_ids=[desk.material(title="数学讲义"), desk.material(title="数学练习")],
        fee_item_id=desk.fee_item(name="秋季班"),
    )  # fmt: skip
    online = desk.added("courses", name="书法", host_id=system, delivery="online_live")
    for place, fields in (
        (course, CLASS),
        (course, {"name": "周三班"}),
        (online, {"name": "线上班"}),
    ):
        answer = desk.client.post(f"{place}/classes", fields)
        assert answer.status == 201, answer.json
    told = CLASS | {"teacher_ids": people, "assistant_ids": [desk.person(staff_type="assistant")]}
    assert (
        desk.client.post(f"{course}/classes", told | {"name": "周四班", "capacity": 40}).status
        == 201
    )
    return {"sites": sites, "website": website, "course": id_of(course), "teacher": people[0]}


def book_of(kit, desk, name, of_list):
    book = openpyxl.load_workbook(
        io.BytesIO(exported(kit, desk.client, list=of_list, format="xlsx"))
    )
    titles, *rows = [[cell.value for cell in row] for row in book[name].iter_rows()]
    return [dict(zip(titles, row, strict=True)) for row in rows]


def test_sites_are_told_in_metres_and_degrees(kit, desk, school):
    site, closed = book_of(kit, desk, "办学点", "sites")

    assert (site["办学点名称"], site["办学点状态"], closed["办学点状态"]) == (
        "湖滨办学点",
        "启用",
        "停用",
    )
    assert (site["建筑面积（平方米）"], site["培训用房面积（平方米）"]) == (350.5, 300)
    assert site["最大容纳人数"] == 100
    assert (site["纬度"], site["经度"]) == ("30.250000", "120.130000")
    assert site["教室"] == "301（45.50平方米，30座）；302"
    assert (site["房屋用途"], site["房屋产权"], site["是否证载地址"]) == ("商业", "租赁", "是")
    assert site["租赁起始日"] == datetime(2023, 1, 1)  # noqa: DTZ001 - a cell knows no zone
    assert (site["办学点联系人"], site["办学点联系电话"]) == ("周示例", "13800000001")


def test_systems_are_told_in_words(kit, desk, school):
    system, _ = book_of(kit, desk, "业务系统", "systems")

    assert (system["业务系统名称"], system["业务系统形式"]) == ("示例直播课堂", "小程序")
    assert (system["网络安全等级保护级别"], system["护眼功能"]) == (2, "是")


def test_courses_tell_what_they_name_by_name(kit, desk, school):
    course, online = book_of(kit, desk, "培训课程", "courses")

    assert (course["课程名称"], course["课程状态"]) == ("初二数学", "草稿")
    assert (course["办学点或业务系统"], online["办学点或业务系统"]) == (
        "湖滨办学点",
        "示例直播课堂",
    )
    assert sorted(course["使用材料"].split("、")) == ["数学练习", "数学讲义"]
    assert (course["收费项目"], course["年级"]) == ("秋季班", "八年级、九年级")
    assert (course["课程科目"], course["是否留作业"]) == ("数学", "否")
    assert online["使用材料"] is None


def test_no_other_institutions_things_are_named(kit, desk):
    theirs = {"institution_id": new_id()}
    removed = desk.material(title="已删除的", removed=True)
    desk.added(
        "courses",
        material_ids=[desk.material(title="别人的讲义", **theirs), removed],
        fee_item_id=desk.fee_item(name="别人的收费", **theirs),
    )

    [course] = exported_rows(kit, desk.client, list="courses")

    assert (course["使用材料"], course["收费项目"]) == ("", "")


def test_classes_tell_course_host_and_timetable(kit, desk, school):
    first, second, third, fourth = book_of(kit, desk, "班级", "classes")

    assert (first["班级名称"], first["课程名称"]) == ("周二班", "初二数学")
    assert (first["办学点或业务系统"], third["办学点或业务系统"]) == ("湖滨办学点", "示例直播课堂")
    assert first["上课时间"] == "周二 18:30 2课时 每课时45分钟"
    assert first["加课"] == "2024-10-19 09:00 1课时"
    assert first["停课日"] == "2024-10-15、2024-10-22"
    assert (first["班型"], fourth["班型"], second["班型"]) == ("10—35人", "35人以上", None)
    assert (fourth["授课教师人数"], fourth["助教人数"], second["授课教师人数"]) == (2, 1, 0)
    assert first["班级状态"] == "计划"


LISTS = {
    "sites": "办学点名称",
    "systems": "业务系统名称",
    "courses": "课程名称",
    "classes": "班级名称",
}


@pytest.mark.parametrize(
    ("of_list", "filters", "count"),
    [
        ("sites", {}, 2),
        ("sites", {"status": "closed"}, 1),
        ("sites", {"q": "湖滨"}, 1),
        ("systems", {"kind": "web"}, 1),
        ("systems", {"q": "zhibo"}, 1),
        ("courses", {"delivery": "online_live"}, 1),
        ("courses", {"host_id": "site", "stage": "junior", "category": "subject"}, 1),
        ("courses", {"status": "closed"}, 0),
        ("courses", {"q": "shufa"}, 1),
        ("classes", {}, 4),
        ("classes", {"host_id": "site", "status": "planned"}, 3),
        ("classes", {"course_id": "course", "q": "周二"}, 1),
        ("classes", {"teacher_id": "teacher"}, 1),
    ],
)
def test_file_has_what_the_list_has(kit, desk, school, of_list, filters, count):
    ids = school | {"site": school["sites"][0]}
    asked = {name: ids.get(value, value) for name, value in filters.items()}

    rows = exported_rows(kit, desk.client, list=of_list, filters=asked)

    told = [each["name"] for each in listed(desk.client, f"{desk.base}/{of_list}", **asked)]
    assert [row[LISTS[of_list]] for row in rows] == told
    assert len(told) == count


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"format": "csv"}, "/list", "必填"),
        ({"list": "timetable", "format": "csv"}, "/list", "可选：sites、systems、courses、classes"),
        (
            {"list": "sites", "format": "csv", "filters": {"kind": "web"}},
            "/filters/kind",
            "“办学点”没有",
        ),
        (
            {"list": "sites", "format": "csv", "filters": {"status": "draft"}},
            "/filters/status",
            "open",
        ),
        (
            {"list": "courses", "format": "csv", "filters": {"status": "open"}},
            "/filters/status",
            "draft",
        ),
        (
            {"list": "classes", "format": "csv", "filters": {"host_id": "x"}},
            "/filters/host_id",
            "编号",
        ),
    ],
)
def test_filter_of_another_list_is_refused_in_words(desk, body, pointer, words):
    answer = desk.client.post(f"{desk.base}/exports", body)

    assert (answer.status, answer.pointers) == (422, {pointer})
    assert words in answer.json["errors"][0]["detail"]


def test_one_list_after_the_other(kit, desk, school):
    first = desk.client.post(f"{desk.base}/exports", {"list": "sites", "format": "csv"})
    second = desk.client.post(f"{desk.base}/exports", {"list": "classes", "format": "csv"})

    assert (first.status, second.status, second.problem) == (202, 409, "export-running")


def test_what_is_deleted_or_another_institutions_is_not_in_the_file(kit, desk, school):
    other = kit.as_institution(new_id())
    other.post(f"{place_of(kit, other)}/sites", {"name": "别人的"})
    assert desk.client.delete(school["website"], if_match=1).status == 204

    assert [row["办学点名称"] for row in exported_rows(kit, other, list="sites")] == ["别人的"]
    rows = exported_rows(kit, desk.client, list="systems")
    assert [row["业务系统名称"] for row in rows] == ["示例直播课堂"]


def test_file_of_an_export_is_no_proof(kit, desk):
    asked = desk.client.post(f"{desk.base}/exports", {"list": "sites", "format": "csv"})
    kit.run_job("make_exports")
    done = desk.client.get(asked.headers["Location"]).json

    answer = desk.add("sites", fire_proof_file_id=done["file_id"])

    assert (answer.status, answer.pointers) == (422, {"/fire_proof_file_id"})
