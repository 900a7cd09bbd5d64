"""The lists of sites, systems, courses and classes as files: their columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from otsp_chassis.exports.listed import ExportedList, Filters
from otsp_chassis.sheets import Column, Kind
from otsp_contracts.values.teaching import CATEGORIES_ZH, DELIVERIES_ZH, STAGES_ZH, SUBJECTS_ZH
from otsp_courses.queries import exports as queries
from otsp_courses.queries.persons import PERSONAL
from otsp_courses.rules import codes
from otsp_courses.rules.advice import persons_within, size_band
from otsp_courses.rules.labels import LABELS
from otsp_courses.rules.rows import Room, Teaching
from otsp_courses.rules.states import CLASS_LABELS_ZH, COURSE_LABELS_ZH

Named = tuple[str, Column]
Query = Callable[[UUID, Filters, Sequence[str]], Select[Any]]


def _of(part: str, name: str, kind: Kind = Kind.TEXT, **more: Any) -> Named:  # noqa: ANN401
    """Under the title that the form has for the field."""
    return name, Column(LABELS[part][1][f"/{name}"], kind, **more)


def _degrees(millionths: int) -> str:
    return f"{millionths / 1_000_000:.6f}"


def _rooms(rooms: Sequence[Room]) -> str | None:
    return "；".join(_room(each) for each in rooms) or None


def _room(room: Room) -> str:
    area, seats = room.get("area_centi_m2"), room.get("seats")
    told = [
        None if area is None else f"{area / 100:.2f}平方米",
        None if seats is None else f"{seats}座",
    ]
    facts = "，".join(filter(None, told))
    return f"{room['room_no']}（{facts}）" if facts else room["room_no"]


def _sessions(sessions: Sequence[Teaching]) -> str | None:
    return "；".join(_session(each) for each in sessions) or None


def _session(session: Teaching) -> str:
    weekday, lessons = session.get("weekday"), session.get("lessons")
    minutes = session.get("lesson_minutes")
    told = [
        session.get("date") or codes.WEEKDAYS_ZH.get(weekday or 0),
        session.get("start"),
        None if lessons is None else f"{lessons}课时",
        None if minutes is None else f"每课时{minutes}分钟",
    ]
    return " ".join(filter(None, told))


SITE_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("site", "name", width=26),
        _of("site", "status", labels=codes.SITE_STATUSES_ZH),
        _of("site", "region_code"),
        _of("site", "address", width=36),
        _of("site", "lat_e6", tell=_degrees),
        _of("site", "lng_e6", tell=_degrees),
        ("building_area_centi_m2", Column("建筑面积（平方米）", Kind.HUNDREDTHS, width=18)),
        ("teaching_area_centi_m2", Column("培训用房面积（平方米）", Kind.HUNDREDTHS, width=22)),
        ("capacity", Column("最大容纳人数", Kind.INTEGER, tell=persons_within)),
        _of("site", "rooms", width=40, tell=_rooms),
        _of("site", "floor", Kind.INTEGER),
        _of("site", "total_floors", Kind.INTEGER),
        _of("site", "premises_type", labels=codes.PREMISES_ZH),
        _of("site", "tenure", labels=codes.TENURES_ZH),
        _of("site", "lease_from", Kind.DATE),
        _of("site", "lease_to", Kind.DATE),
        _of("site", "fire_cert_no", width=18),
        _of("site", "fire_responsible"),
        _of("site", "fire_check_on", Kind.DATE),
        _of("site", "video_surveillance", Kind.YES_NO),
        _of("site", "contact_name"),
        _of("site", "contact_tel", width=14),
        _of("site", "on_licence", Kind.YES_NO),
    ]
)

SYSTEM_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("system", "name", width=26),
        _of("system", "kind", labels=codes.SYSTEM_KINDS_ZH),
        _of("system", "url", width=30),
        _of("system", "app_package", width=22),
        _of("system", "app_filing_no", width=22),
        _of("system", "icp_no", width=22),
        _of("system", "vat_licence_no", width=22),
        _of("system", "psb_no", width=22),
        _of("system", "mlps_level", Kind.INTEGER),
        _of("system", "mlps_no", width=22),
        _of("system", "mlps_tested_on", Kind.DATE),
        _of("system", "server_location", width=22),
        _of("system", "server_in_mainland", Kind.YES_NO),
        _of("system", "content_retention_days", Kind.INTEGER),
        _of("system", "live_video_retention_days", Kind.INTEGER),
        _of("system", "log_retention_days", Kind.INTEGER),
        _of("system", "eye_protection", Kind.YES_NO),
        _of("system", "parental_control", Kind.YES_NO),
        _of("system", "stored_persons", Kind.INTEGER),
        _of("system", "pia_done", Kind.YES_NO),
        _of("system", "guardian_consent", Kind.YES_NO),
        _of("system", "ads_or_games", Kind.YES_NO),
        _of("system", "complaint_url", width=30),
        _of("system", "security_officer"),
    ]
)

COURSE_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("course", "name", width=26),
        _of("course", "status", labels=COURSE_LABELS_ZH),
        ("host_name", Column("办学点或业务系统", width=26)),
        _of("course", "delivery", labels=DELIVERIES_ZH),
        _of("course", "category", labels=CATEGORIES_ZH),
        _of("course", "subject_code", labels=SUBJECTS_ZH),
        _of("course", "stage", labels=STAGES_ZH),
        _of("course", "grades", Kind.CODES, width=18),
        _of("course", "syllabus", width=30),
        _of("course", "objective", width=30),
        _of("course", "content", width=30),
        _of("course", "total_lessons", Kind.INTEGER),
        _of("course", "lesson_minutes", Kind.INTEGER),
        ("material_titles", Column("使用材料", Kind.CODES, width=30)),
        ("fee_item_name", Column("收费项目", width=22)),
        _of("course", "homework", Kind.YES_NO),
        _of("course", "overseas_curriculum", Kind.YES_NO),
    ]
)

CLASS_COLUMNS: Mapping[str, Column] = dict(
    [
        _of("class", "name", width=26),
        _of("class", "status", labels=CLASS_LABELS_ZH),
        ("course_name", Column("课程名称", width=26)),
        ("host_name", Column("办学点或业务系统", width=26)),
        _of("class", "room_no"),
        _of("class", "capacity", Kind.INTEGER),
        ("size_band", Column("班型", labels=codes.SIZE_BANDS_ZH, tell=size_band)),
        _of("class", "enrolled", Kind.INTEGER),
        ("teachers", Column("授课教师人数", Kind.INTEGER)),
        ("assistants", Column("助教人数", Kind.INTEGER)),
        _of("class", "start_on", Kind.DATE),
        _of("class", "end_on", Kind.DATE),
        _of("class", "slots", width=40, tell=_sessions),
        _of("class", "skip_dates", Kind.CODES, width=24),
        _of("class", "extra_sessions", width=40, tell=_sessions),
    ]
)


def _list(
    name_zh: str, *, part: str, operation: str, columns: Mapping[str, Column], query: Query
) -> ExportedList[UUID]:
    """For an authority its persons are masked as the list masks them."""
    own = ExportedList(
        name_zh=name_zh,
        part=part,
        operation=f"otsp_courses.api.{operation}",
        columns=columns,
        query=query,
    )
    seen = {
        name: replace(column, tell=PERSONAL[name]) if name in PERSONAL else column
        for name, column in columns.items()
    }
    return replace(own, masked=replace(own, columns=seen))


EXPORTED = {
    "sites": _list(
        "办学点",
        part="site",
        operation="sites.list_sites",
        columns=SITE_COLUMNS,
        query=queries.sites,
    ),
    "systems": _list(
        "业务系统",
        part="system",
        operation="systems.list_systems",
        columns=SYSTEM_COLUMNS,
        query=queries.systems,
    ),
    "courses": _list(
        "培训课程",
        part="course",
        operation="courses.list_courses",
        columns=COURSE_COLUMNS,
        query=queries.courses,
    ),
    "classes": _list(
        "班级",
        part="class",
        operation="classes.list_all_classes",
        columns=CLASS_COLUMNS,
        query=queries.classes,
    ),
}
