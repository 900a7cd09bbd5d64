"""The forms of a host (办学点, 业务系统), a course and a class, and where their objects lie."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from otsp_portal.forms.fields import Group, Layout, contract_fields, layout
from otsp_portal.texts import text
from otsp_portal.views.records import Kind

Json = Any
NAV: Final = "courses"
HELP: Final = "courses"
LATEST_END: Final = {"site": "20:30", "system": "21:00"}
"""By national rule (TIM-001, TIM-002); a region's stricter hour is the self-check's business."""

_PARTS: Final = {
    "start": "start",
    "lessons": "lessons",
    "lesson_minutes": "minutes",
    "break_minutes": "pause",
}

SITE: Final = Kind(
    word="办学点",
    service="courses",
    path="/sites",
    nav=NAV,
    draft="site",
    help_chapter=HELP,
    layout=layout(
        "site",
        Group("基本信息", ("name", "status", "region_code", "address", "on_licence", "lat_e6",
                       "lng_e6")),
        Group("面积与教室", ("building_area_centi_m2", "teaching_area_centi_m2", "rooms")),
        Group("房屋", ("premises_type", "tenure", "lease_from", "lease_to", "floor",
                     "total_floors")),
        Group("消防与安全", ("fire_proof_file_id", "fire_cert_no", "fire_responsible",
                        "fire_check_on", "video_surveillance")),
        Group("联系", ("contact_name", "contact_tel")),
        hints={
            "/region_code": text("hint.region"),
            "/address": text("hint.major"),
            "/lat_e6": text("hint.degrees"),
            "/building_area_centi_m2": text("hint.area"),
            "/lease_from": text("hint.date"),
        },
    ),
)  # fmt: skip
SYSTEM: Final = Kind(
    word="业务系统",
    service="courses",
    path="/systems",
    nav=NAV,
    draft="system",
    help_chapter=HELP,
    layout=layout(
        "system",
        Group("基本信息", ("name", "kind", "url", "app_package", "complaint_url",
                       "service_agreement_file_id")),
        Group("备案与许可", ("app_filing_no", "icp_no", "icp_shot_file_id", "vat_licence_no",
                        "vat_shot_file_id", "psb_no")),
        Group("网络安全", ("mlps_level", "mlps_no", "mlps_tested_on", "mlps_report_file_id",
                       "security_officer", "server_location", "server_in_mainland")),
        Group("留存", ("content_retention_days", "live_video_retention_days",
                     "log_retention_days")),
        Group("未成年人保护", ("eye_protection", "parental_control", "guardian_consent",
                         "ads_or_games")),
        Group("个人信息", ("stored_persons", "pia_done", "pia_file_id")),
        hints={"/mlps_level": text("hint.mlps"), "/mlps_tested_on": text("hint.date")},
        changed={"/url": {"kind": "text"}, "/complaint_url": {"kind": "text"}},
    ),
)  # fmt: skip
HOSTS: Final[Mapping[str, Kind]] = {"site": SITE, "system": SYSTEM}

_EXISTING: Final = Group(
    "此前已经开办的", ("existing", "status"), note="新开办的不用填写，从草稿、计划开始。"
)
_COURSE_GROUPS: Final = (
    Group("教学安排", ("total_lessons", "lesson_minutes", "objective", "syllabus", "content")),
    Group("材料与收费", ("material_ids", "fee_item_id")),
    Group("其他", ("homework", "overseas_curriculum")),
)
_COURSE_HINTS: Final = {
    "/grades": text("hint.lines"),
    "/material_ids": text("hint.materials"),
    "/fee_item_id": text("hint.fee_item"),
}
_WHAT: Final = ("category", "subject_code", "stage", "grades")


def _course(name: str, first: tuple[str, ...], *more: Group, left_out: tuple[str, ...]) -> Layout:
    groups = (Group("培训课程", first), *_COURSE_GROUPS, *more)
    return layout(name, *groups, left_out=left_out, hints=_COURSE_HINTS)


COURSE: Final = _course("course", ("name", "host_id", "delivery", *_WHAT), left_out=())
"""A course by itself: it may move to another host."""

_AT_SITE: Final = ("host_id", "delivery")
STEP_LAYOUTS: Final[Mapping[tuple[str, bool], Layout]] = {
    ("site", True): _course("course_new", ("name", *_WHAT), _EXISTING, left_out=_AT_SITE),
    ("site", False): _course("course", ("name", *_WHAT), left_out=_AT_SITE),
    ("system", True): _course(
        "course_new", ("name", "delivery", *_WHAT), _EXISTING, left_out=("host_id",)
    ),
    ("system", False): _course("course", ("name", "delivery", *_WHAT), left_out=("host_id",)),
}
"""(part of the host, whether it is new) → the second step: the host is known, what is taught
at a site is taught offline."""

ONLINE: Final = (("online_live", "线上直播"), ("online_recorded", "线上录播"))


def _lessons(name: str, first: str) -> dict[str, Json]:
    """Rows of lessons, the day before the time, each part known to lessons.js."""
    rows = next(each for each in contract_fields("class") if each.name == name)
    parts = (replace(each, part=_PARTS.get(each.name, "")) for each in rows.fields)
    return {"fields": tuple(sorted(parts, key=lambda each: each.name != first))}


def _class(name: str, part: str, *more: Group) -> Layout:
    place = {"site": ("room_no",), "system": ()}[part]
    return layout(
        name,
        Group("班级", ("name", "capacity", "enrolled", "start_on", "end_on", *place)),
        Group("教师", ("teacher_ids", "assistant_ids")),
        Group("上课时间", ("slots", "skip_dates", "extra_sessions")),
        *more,
        left_out=() if place else ("room_no",),
        hints={
            "/enrolled": text("hint.nopupil"),
            "/start_on": text("hint.date"),
            "/skip_dates": text("hint.days"),
            "/room_no": text("hint.rooms"),
        },
        changed={
            "/slots": _lessons("slots", "weekday"),
            "/extra_sessions": _lessons("extra_sessions", "date"),
            "/room_no": {"kind": "reference"},
        },
    )


CLASS_LAYOUTS: Final[Mapping[tuple[str, bool], Layout]] = {
    (part, is_new): _class("class_new", part, _EXISTING) if is_new else _class("class", part)
    for part in HOSTS
    for is_new in (True, False)
}
"""(part of the host, whether it is new) → a class there; only a site has rooms."""

COURSES: Final = Kind(
    word="培训课程",
    service="courses",
    path="/courses",
    nav=NAV,
    draft="course",
    help_chapter=HELP,
    layout=COURSE,
)


def classes_of(course_id: str, part: str) -> Kind:
    """The classes of a course that is held at a host of that part."""
    return Kind(
        word="班级",
        service="courses",
        path=f"/courses/{course_id}/classes",
        nav=NAV,
        draft="class",
        help_chapter=HELP,
        layout=CLASS_LAYOUTS[part, False],
        new_layout=CLASS_LAYOUTS[part, True],
    )
