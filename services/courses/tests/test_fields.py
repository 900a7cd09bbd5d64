"""Every field of domain specification §2.11 and §2.12: where it stands, who sees it."""

import pytest

from otsp_chassis.ids import new_id
from otsp_courses.model import Course, Site, System, TrainingClass
from otsp_courses.rules.labels import LABELS
from otsp_courses.rules.rows import Room, Teaching
from otsp_testkit.documents import picture
from otsp_testkit.fields import Field, Part
from otsp_testkit.specifications import specification_of


def part_of(kind, entity, entry, answer):
    return Part("courses", entry, answer, entity.__table__, LABELS[kind][1])


PARTS = {
    "site": part_of("site", Site, "SiteWrite", "Site"),
    "system": part_of("system", System, "SystemWrite", "System"),
    "course": part_of("course", Course, "CourseCreate", "Course"),
    "class": part_of("class", TrainingClass, "ClassCreate", "Class"),
}
EVER = frozenset({"offline", "online"})
OFFLINE, ONLINE = frozenset({"offline"}), frozenset({"online"})
LEASED, ASSESSED = frozenset({"leased"}), frozenset({"assessed"})
ID, FOUND = {"entered": None}, {"entered": None, "column": None}
IN_ROW = {"column": None}

SITE = [
    Field("/site_id", "", 0, **ID),
    Field("/name", "办学点名称", 0, EVER),
    Field("/region_code", "办学点区划", 0, EVER),
    Field("/address", "办学点地址", 0, EVER),
    Field("/lat_e6", "纬度", 0, by="D15; a map tells it, filing does not wait for one"),
    Field("/lng_e6", "经度", 0, by="D15; a map tells it, filing does not wait for one"),
    Field("/building_area_centi_m2", "建筑面积", 0, EVER, by="D15"),
    Field("/teaching_area_centi_m2", "培训用房面积", 0, EVER, by="D15"),
    Field("/rooms", "教室", 0),
    Field("/rooms/*/room_no", "", 0, **IN_ROW),
    Field("/rooms/*/area_centi_m2", "", 0, **IN_ROW, by="D15"),
    Field("/rooms/*/seats", "", 0, **IN_ROW),
    Field("/floor", "所在楼层", 1, EVER),
    Field("/total_floors", "总楼层", 1, EVER),
    Field("/premises_type", "房屋用途", 1, EVER),
    Field("/tenure", "房屋产权", 1, EVER),
    Field("/lease_from", "租赁起始日", 1, LEASED),
    Field("/lease_to", "租赁到期日", 1, LEASED),
    Field("/fire_proof_file_id", "消防证明", 1, OFFLINE, by="D24: here alone"),
    Field("/fire_cert_no", "消防证明编号", 1, EVER),
    Field("/fire_responsible", "消防安全责任人", 1, EVER),
    Field("/fire_check_on", "最近防火检查日期", 1, EVER),
    Field("/video_surveillance", "视频监控全覆盖", 0),
    Field("/capacity", "", 0, **FOUND, by="teaching area by 3 m² a person"),
    Field("/contact_name", "办学点联系人", 2, EVER),
    Field("/contact_tel", "办学点联系电话", 0, EVER, shown=False, by="§5.3: a mobile is class 2"),
    Field("/on_licence", "是否证载地址", 0),
    Field("/status", "办学点状态", 0),
]
SYSTEM = [
    Field("/system_id", "", 0, **ID),
    Field("/name", "业务系统名称", 0, ONLINE),
    Field("/kind", "业务系统形式", 0, ONLINE),
    Field("/url", "网址", 0),
    Field("/app_package", "应用包名", 0),
    Field("/app_filing_no", "教育APP备案号", 0),
    Field("/icp_no", "ICP备案号", 0, ONLINE),
    Field("/icp_shot_file_id", "ICP备案截图", 0, ONLINE),
    Field("/vat_licence_no", "增值电信业务经营许可证", 0, ONLINE),
    Field("/vat_shot_file_id", "增值电信业务经营许可证截图", 0, ONLINE),
    Field("/psb_no", "公安备案号", 0),
    Field("/mlps_level", "网络安全等级保护级别", 1, ONLINE),
    Field("/mlps_no", "等保备案证明编号", 1, ONLINE),
    Field("/mlps_tested_on", "等保测评日期", 1, ONLINE),
    Field("/mlps_report_file_id", "等保测评报告", 1, ONLINE),
    Field("/server_location", "服务器所在地", 1, ONLINE),
    Field("/server_in_mainland", "服务器是否在中国内地", 1, ONLINE),
    Field("/content_retention_days", "培训内容留存天数", 1, ONLINE),
    Field("/live_video_retention_days", "直播影像留存天数", 1, ONLINE),
    Field("/log_retention_days", "网络日志留存天数", 1, ONLINE),
    Field("/eye_protection", "护眼功能", 0, ONLINE),
    Field("/parental_control", "家长监管功能", 0, ONLINE),
    Field("/stored_persons", "存储个人信息人数", 1, ONLINE),
    Field("/pia_done", "是否完成个人信息保护影响评估", 1, ONLINE),
    Field("/pia_file_id", "个人信息保护影响评估报告", 1, ASSESSED),
    Field("/guardian_consent", "监护人同意机制与专门规则", 1, ONLINE),
    Field("/ads_or_games", "是否含广告或游戏", 1, ONLINE),
    Field("/complaint_url", "投诉举报链接", 0, ONLINE),
    Field("/service_agreement_file_id", "用户服务协议", 0, ONLINE),
    Field("/security_officer", "网络安全负责人", 2, ONLINE),
]
COURSE = [
    Field("/course_id", "", 0, **ID),
    Field("/name", "课程名称", 0, EVER),
    Field("/host_id", "办学点或业务系统", 0, EVER),
    Field("/category", "课程类别", 0, EVER),
    Field("/subject_code", "课程科目", 0, EVER),
    Field("/stage", "课程学段", 0, EVER),
    Field("/grades", "年级", 0, EVER),
    Field("/delivery", "授课方式", 0, EVER),
    Field("/syllabus", "课程大纲", 0, EVER),
    Field("/objective", "培训目标", 0, EVER),
    Field("/content", "培训内容", 0, EVER),
    Field("/total_lessons", "总课时", 0, EVER),
    Field("/lesson_minutes", "每课时分钟", 0, EVER),
    Field("/fee_item_id", "课程收费项目", 0, EVER),
    Field("/material_ids", "课程使用材料", 1, EVER),
    Field("/homework", "是否留作业", 1, EVER),
    Field("/overseas_curriculum", "是否境外课程", 1, EVER),
    Field("/status", "课程状态", 0),
]
TIMES = ("start", "lessons", "lesson_minutes", "break_minutes")
CLASS = [
    Field("/class_id", "", 0, **ID),
    Field("/course_id", "所属课程", 0, **ID),
    Field("/name", "班级名称", 0, EVER),
    Field("/teacher_ids", "授课教师", 0, EVER),
    Field("/assistant_ids", "助教", 1),
    Field("/capacity", "额定人数", 1, EVER),
    Field("/enrolled", "在班人数", 1, EVER),
    Field("/size_band", "", 0, **FOUND, by="by the capacity"),
    Field("/start_on", "开班日期", 0, EVER),
    Field("/end_on", "结班日期", 0, EVER),
    Field("/slots", "上课时间", 0, EVER),
    *(Field(f"/slots/*/{name}", "", 0, **IN_ROW) for name in ("weekday", *TIMES)),
    Field("/skip_dates", "停课日", 0),
    Field("/extra_sessions", "加课", 0, by="D12"),
    *(Field(f"/extra_sessions/*/{name}", "", 0, **IN_ROW) for name in ("date", *TIMES)),
    Field("/room_no", "上课教室", 1),
    Field("/status", "班级状态", 0),
]
PLACES = {"site": "/sites/0", "system": "/systems/0", "course": "/courses/0"}
PLACES |= {"class": "/courses/0/classes/0"}
TABLES = {"site": SITE, "system": SYSTEM, "course": COURSE, "class": CLASS}
EACH = [(kind, field) for kind, table in TABLES.items() for field in table]
STEPS = {"/steps/host/is_done", *(f"/steps/host/missing{end}" for end in ("", "/*/pointer"))}
STEPS |= {"/steps/host/missing/*/label_zh", "/steps/courses/drafts"}
STEPS |= {
    f"/steps/{step}/{name}" for step in ("courses", "classes") for name in ("is_done", "count")
}
STEPS |= {"/steps/classes/courses_without"}
OURS = {
    *("/existing", "/version", "/warnings", *STEPS),
    *("/warnings/*/code", "/warnings/*/pointer", "/warnings/*/detail"),
    *("institution_id", "version", "created_at", "updated_at", "deleted_at"),
    *("search_text", "search_terms"),
}
"""Beside the domain's fields: how rows are counted, found, completed and warned of."""
MORE = {
    "site": {
        "lat_e6": 30_310_000,
        "lng_e6": 120_140_000,
        "fire_cert_no": "消-1",
        "video_surveillance": True,
        "contact_tel": "13800000001",
    },
    "system": {
        "app_package": "cn.example.class",
        "app_filing_no": "教APP备-1",
        "psb_no": "京公网安备11010802000001号",
        "server_location": "北京",
    },
    "class": {
        "assistant_ids": [str(new_id())],
        "extra_sessions": [{"date": "2024-11-02", "start": "09:00", "lessons": 2}],
    },
}
MORE["class"]["extra_sessions"][0] |= {"lesson_minutes": 45, "break_minutes": 10}
"""What the examples of the contract leave out."""


@pytest.mark.parametrize(("kind", "field"), EACH, ids=lambda each: str(each).strip("/"))
def test_each_field_is_entered_told_kept_and_named(kind, field):
    assert PARTS[kind].lacks_of(field) == []


@pytest.mark.parametrize("kind", TABLES)
def test_what_stands_there_is_in_the_table(kind):
    assert PARTS[kind].beyond(TABLES[kind], besides=OURS) == set()


@pytest.mark.parametrize(
    ("table", "pointers", "row"),
    [(SITE, ["/rooms"], Room), (CLASS, ["/slots", "/extra_sessions"], Teaching)],
)
def test_a_row_of_json_has_the_fields_of_the_contract(table, pointers, row):
    named = [each.pointer.split("/*/") for each in table]

    assert {rest[0] for place, *rest in named if place in pointers and rest} == set(
        row.__annotations__
    )


@pytest.fixture
def whole(desk):
    """The place of one row of each kind, in which every field says something."""

    def upload():
        sent = {"raw": picture(20, 10), "content_type": "image/png", "query": {"name": "a"}}
        return desk.client.call("POST", f"{desk.base}/files", **sent).json["file_id"]

    def enter(kind, path, **changes):
        schema = specification_of("courses")["components"]["schemas"][PARTS[kind].entry]
        files = {name: upload() for name in schema["properties"] if name.endswith("_file_id")}
        body = schema["example"] | files | MORE.get(kind, {}) | changes
        entered = desk.client.post(f"{desk.base}/{path}", body)
        assert entered.status == 201, entered.json
        return entered.headers["Location"]

    desk.profile()
    site = enter("site", "sites")
    course = enter("course", "courses", host_id=site.rpartition("/")[2])
    class_path = f"{course.removeprefix(desk.base)[1:]}/classes"
    return {
        "site": site,
        "system": enter("system", "systems"),
        "course": course,
        "class": enter("class", class_path),
    }


@pytest.mark.parametrize("kind", TABLES)
def test_the_class_decides_what_an_authority_without_a_case_reads(desk, whole, kind):
    own, theirs = (who.get(whole[kind]).json for who in (desk.client, desk.reviewer()))

    for field in TABLES[kind]:
        mine, yours = value_at(own, field.told_at), value_at(theirs, field.told_at)
        assert mine is not None, f"{field}: nothing was entered that could be masked"
        assert (yours == mine) == field.is_shown, field


def value_at(row, pointer):
    """What stands there; of a list, in its first row."""
    for step in pointer.strip("/").replace("*", "0").split("/"):
        row = row[int(step)] if step.isdigit() else row[step]
    return row


GIVEN = {
    "offline": {},
    "online": {},
    "leased": {"tenure": "lease"},
    "assessed": {"pia_done": True},
}
"""What is entered of a site or system; the institution teaches in the one way or the other."""


@pytest.mark.parametrize("circumstance", GIVEN)
def test_filing_asks_for_the_fields_of_the_table(desk, circumstance):
    mode = "online" if circumstance in {"online", "assessed"} else "offline"
    desk.profile(delivery_modes=(mode,))
    for path in ("sites", "systems"):
        fits = (circumstance == "leased") == (path == "sites")
        given = GIVEN[circumstance] if fits else {}
        assert desk.client.post(f"{desk.base}/{path}", given).status == 201
    course = desk.client.post(f"{desk.base}/courses", {}).headers["Location"]
    desk.client.post(f"{course}/classes", {})

    sections = desk.client.get(f"{desk.base}/completeness").json["sections"]

    lacks = [each for part in sections for each in part["missing"]]
    asked = {
        f"{place}{field.pointer}"
        for (kind, field), place in ((each, PLACES[each[0]]) for each in EACH)
        if {circumstance, mode} & field.asked
    }
    given = {f"{PLACES[kind]}/{name}" for name in GIVEN[circumstance] for kind in PLACES}
    assert {each["pointer"] for each in lacks} == asked - given
    assert all(each["label_zh"] != "其他必填项" for each in lacks)
