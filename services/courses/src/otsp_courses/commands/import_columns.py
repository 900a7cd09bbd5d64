"""The columns of the workbooks that courses and classes are imported from.

Materials and fee items are chosen singly. Teachers are called by their number in the list of
people: their names are not told to this service.
"""

from collections.abc import Mapping

from otsp_chassis.imports.fields import Cell, Field, Kind
from otsp_contracts.values.teaching import (
    CATEGORIES_ZH,
    DELIVERIES_ZH,
    STAGES_ZH,
    SUBJECTS_ZH,
)
from otsp_courses.rules.states import CLASS_LABELS_ZH, COURSE_LABELS_ZH

_WEEKDAYS_ZH = {
    1: "周一",
    2: "周二",
    3: "周三",
    4: "周四",
    5: "周五",
    6: "周六",
    7: "周日",
}
_HOST = Field(
    "办学点或业务系统",
    "/names/host",
    is_required=True,
    hint="填写已登记的名称：线下课程为办学点，线上课程为业务系统。",
    width=26,
)

COURSE_FIELDS = (
    Field(
        "课程名称",
        "/name",
        is_required=True,
        hint="同一办学点或业务系统的同名课程已登记的，更新其信息；没有登记的，新增课程。",
        width=26,
    ),
    _HOST,
    Field("授课方式", "/delivery", Kind.CODE, DELIVERIES_ZH),
    Field("类别", "/category", Kind.CODE, CATEGORIES_ZH, width=10),
    Field("科目", "/subject_code", Kind.CODE, SUBJECTS_ZH, is_open=True),
    Field("学段", "/stage", Kind.CODE, STAGES_ZH, width=10),
    Field("年级", "/grades", Kind.CODES, {}, is_open=True),
    Field("课程大纲", "/syllabus", width=30),
    Field("培训目标", "/objective", width=30),
    Field("培训内容", "/content", width=30),
    Field("总课时", "/total_lessons", Kind.INTEGER, width=10),
    Field("每课时分钟数", "/lesson_minutes", Kind.INTEGER),
    Field("是否布置作业", "/homework", Kind.YES_NO),
    Field("是否境外课程", "/overseas_curriculum", Kind.YES_NO),
    Field(
        "课程状态",
        "/status",
        Kind.CODE,
        COURSE_LABELS_ZH,
        hint="留空为草稿；已有的课程填写目前的状态。状态的变更请在课程管理中办理。",
    ),
)

COURSE_EXAMPLES: tuple[Mapping[str, Cell], ...] = (
    {
        "/name": "初二数学（示例）",
        "/names/host": "示例办学点",
        "/delivery": "线下",
        "/category": "学科类",
        "/subject_code": "数学",
        "/stage": "初中",
        "/grades": "八年级",
        "/syllabus": "按教材同步讲解与练习",
        "/objective": "掌握本学期内容",
        "/content": "一次函数、全等三角形",
        "/total_lessons": 48,
        "/lesson_minutes": 45,
        "/homework": "否",
        "/overseas_curriculum": "否",
    },
)
"""Of a fictitious course."""


def _slot(number: int) -> tuple[Field, ...]:
    title, pointer = f"上课时间{number}", f"/slots/{number - 1}"
    return (
        Field(f"{title}星期", f"{pointer}/weekday", Kind.CODE, _WEEKDAYS_ZH),
        Field(f"{title}开始", f"{pointer}/start", Kind.TIME, hint="24 小时制，如 18:30。"),
        Field(f"{title}课时数", f"{pointer}/lessons", Kind.INTEGER),
        Field(f"{title}每课时分钟数", f"{pointer}/lesson_minutes", Kind.INTEGER, width=18),
        Field(f"{title}课间分钟数", f"{pointer}/break_minutes", Kind.INTEGER, width=18),
    )


def _extra(number: int) -> tuple[Field, ...]:
    title, pointer = f"加课{number}", f"/extra_sessions/{number - 1}"
    return (
        Field(f"{title}日期", f"{pointer}/date", Kind.DATE),
        Field(f"{title}开始", f"{pointer}/start", Kind.TIME, hint="24 小时制，如 18:30。"),
        Field(f"{title}课时数", f"{pointer}/lessons", Kind.INTEGER),
        Field(f"{title}每课时分钟数", f"{pointer}/lesson_minutes", Kind.INTEGER, width=18),
        Field(f"{title}课间分钟数", f"{pointer}/break_minutes", Kind.INTEGER, width=18),
    )


def _people(title: str, pointer: str) -> Field:
    hint = "填写“人员编号”：在从业人员中导出名单，从该列复制。"
    return Field(title, pointer, Kind.CODES, {}, is_open=True, hint=hint, width=40)


CLASS_FIELDS = (
    Field("课程名称", "/names/course", is_required=True, hint="填写已登记的课程名称。", width=26),
    _HOST,
    Field(
        "班级名称",
        "/name",
        is_required=True,
        hint="同一课程的同名班级已登记的，更新其信息；没有登记的，新增班级。",
        width=26,
    ),
    Field("班级容量", "/capacity", Kind.INTEGER, width=10),
    Field("在班人数", "/enrolled", Kind.INTEGER, width=10),
    Field("开班日期", "/start_on", Kind.DATE),
    Field("结班日期", "/end_on", Kind.DATE),
    Field("教室", "/room_no", width=10),
    *_slot(1),
    *_slot(2),
    *_slot(3),
    *_slot(4),
    *_slot(5),
    Field("停课日期", "/skip_dates", Kind.DAYS, width=24),
    *_extra(1),
    *_extra(2),
    *_extra(3),
    _people("授课教师", "/teacher_ids"),
    _people("助教", "/assistant_ids"),
    Field(
        "班级状态",
        "/status",
        Kind.CODE,
        CLASS_LABELS_ZH,
        hint="留空为计划；已有的班级填写目前的状态。状态的变更请在课程管理中办理。",
    ),
)

CLASS_EXAMPLES: tuple[Mapping[str, Cell], ...] = (
    {
        "/names/course": "初二数学（示例）",
        "/names/host": "示例办学点",
        "/name": "初二数学周二班",
        "/capacity": 12,
        "/enrolled": 0,
        "/start_on": "2024-10-08",
        "/end_on": "2024-12-26",
        "/room_no": "301",
        "/slots/0/weekday": "周二",
        "/slots/0/start": "18:30",
        "/slots/0/lessons": 2,
        "/slots/0/lesson_minutes": 45,
        "/slots/0/break_minutes": 10,
        "/skip_dates": "2024-10-29、2024-11-05",
        "/extra_sessions/0/date": "2024-11-09",
        "/extra_sessions/0/start": "09:00",
        "/extra_sessions/0/lessons": 2,
        "/extra_sessions/0/lesson_minutes": 45,
        "/extra_sessions/0/break_minutes": 10,
    },
)
"""Of a fictitious class."""
