"""What the catalogue of rules (domain specification §4.3) would say of a row, told on entry.

Advice never refuses (D16). It covers what a row and the profile of its institution can tell, by
the national parameters; a region's stricter ones, empty fields, and rules over several owners'
data are the business of the self-check.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from otsp_contracts.values import FieldError, is_icp_no
from otsp_courses.rules.rest_days import is_restricted
from otsp_courses.rules.rows import (
    ClassRow,
    CourseRow,
    InstitutionRef,
    SiteRow,
    SystemRow,
    Teaching,
)
from otsp_courses.rules.states import OVER
from otsp_courses.rules.timetable import minute_of, span_of

BANNED_PREMISES = frozenset({"residential", "basement", "illegal", "self_built"})
SUBJECT_CODES = frozenset(
    {
        "morality_law",
        "chinese",
        "history",
        "geography",
        "math",
        "english",
        "japanese",
        "russian",
        "physics",
        "chemistry",
        "biology",
    }
)
DISGUISE = re.compile(
    "思维训练|幼小衔接|学前班|国学素养|大语文|奥数|培优|提分|同步|中考|高考"  # S3, S34, S9
)
END_OFFLINE, END_ONLINE = "20:30", "21:00"
ONLINE_LESSON_MAX, ONLINE_BREAK_MIN = 30, 10
SPORTS_CLASS_MAX = 35
_FIRE_CHECK_EVERY = timedelta(days=31)
_CENTI_M2_A_PERSON = 300


def capacity_of(site: SiteRow) -> int | None:
    """At 3 m² a person (S12)."""
    area = site.teaching_area_centi_m2
    return None if area is None else persons_within(area)


def persons_within(area_centi_m2: int) -> int:
    return area_centi_m2 // _CENTI_M2_A_PERSON


def size_band(capacity: int | None) -> str | None:
    """班型: small below 10, middle up to 35, large above (S17)."""
    if capacity is None:
        return None
    if capacity < 10:
        return "s"
    return "m" if capacity <= 35 else "l"


def advise_site(
    site: SiteRow, institution: InstitutionRef | None, today: date
) -> Iterator[FieldError]:
    if site.status == "closed":
        return
    if site.premises_type in BANNED_PREMISES:
        yield FieldError("/premises_type", "sit_003", "不得使用居民住宅、地下室等场所办学")
    if site.fire_check_on is not None and today - site.fire_check_on > _FIRE_CHECK_EVERY:
        yield FieldError("/fire_check_on", "sit_006", "每月至少组织1次防火检查，记录已超期")
    if institution is None or "offline" not in institution.delivery_modes:
        return
    if (site.floor or 0) > 3 and not {"preschool", "primary"}.isdisjoint(institution.stages):
        yield FieldError("/floor", "sit_004", "面向儿童的培训场所宜设在三层及以下")
    if site.region_code not in {None, institution.region_code}:
        yield FieldError(
            "/region_code", "lic_016", "跨县（市、区）办学点须在所在地单独申请办学许可"
        )


def advise_system(system: SystemRow, institution: InstitutionRef | None) -> Iterator[FieldError]:
    is_subject = institution is not None and "subject" in institution.categories
    if is_subject and system.mlps_level is not None and system.mlps_level < 3:
        yield FieldError("/mlps_level", "net_001", "业务系统网络安全等级保护未达到三级")
    if system.server_in_mainland is False:
        yield FieldError("/server_in_mainland", "net_002", "服务器须设置在中国内地")
    if system.icp_no is not None and not is_icp_no(system.icp_no):
        yield FieldError("/icp_no", "net_003", "ICP备案号缺失或格式错误")
    yield from _advise_retention(system)
    for name in ("eye_protection", "parental_control"):
        if getattr(system, name) is False:
            yield FieldError(f"/{name}", "net_007", "平台须具备护眼功能和家长监管功能")
    if (system.stored_persons or 0) > 1_000_000 and system.pia_done is False:
        detail = "储存100万人以上个人信息的平台须通过影响评估、认证或合规审计"
        yield FieldError("/pia_done", "net_008", detail)
    if system.guardian_consent is False:
        detail = "处理不满14周岁未成年人信息须取得监护人同意并有专门规则"
        yield FieldError("/guardian_consent", "net_009", detail)
    if system.ads_or_games:
        yield FieldError("/ads_or_games", "net_010", "在线教育产品不得插入网络游戏链接或推送广告")


def _advise_retention(system: SystemRow) -> Iterator[FieldError]:
    kept = "培训内容和数据须留存1年以上，直播影像须留存6个月以上"
    limits = (
        ("content_retention_days", 365, "net_005", kept),
        ("live_video_retention_days", 180, "net_005", kept),
        ("log_retention_days", 180, "net_006", "网络日志留存不得少于六个月"),
    )
    for name, days, code, detail in limits:
        value: int | None = getattr(system, name)
        if value is not None and value < days:
            yield FieldError(f"/{name}", code, detail)


def advise_course(course: CourseRow, institution: InstitutionRef | None) -> Iterator[FieldError]:
    if course.status == "closed":
        return
    if course.stage == "preschool" and (
        course.delivery in {"online_live", "online_recorded"} or course.category == "subject"
    ):
        detail = "不得面向学龄前儿童开展线上培训或学科类（含外语）培训"
        yield FieldError("/stage", "tim_007", detail)
    if course.homework and course.stage in {"primary", "junior"}:
        yield FieldError("/homework", "tim_008", "校外培训不得布置作业")
    if course.overseas_curriculum:
        yield FieldError("/overseas_curriculum", "crs_003", "严禁提供境外教育课程")
    if course.category == "nonsubject":
        yield from _advise_nonsubject(course)
    if institution is not None and course.category not in {None, *institution.categories}:
        detail = "严禁非学科类培训机构从事学科类培训（反之亦须另行许可）"
        yield FieldError("/category", "crs_002", detail)


def _advise_nonsubject(course: CourseRow) -> Iterator[FieldError]:
    if course.subject_code in SUBJECT_CODES:
        yield FieldError("/subject_code", "crs_001", "该课程属学科类，不得按非学科类填报")
    if course.name is not None and DISGUISE.search(course.name):
        detail = "课程名称疑似学科类隐形变异，请审核部门鉴别"
        yield FieldError("/name", "crs_004", detail)


def advise_class(
    a_class: ClassRow, course: CourseRow, institution: InstitutionRef | None
) -> Iterator[FieldError]:
    if a_class.status in OVER:
        return
    for index, slot in enumerate(a_class.slots):
        yield from _advise_times(f"/slots/{index}", slot, course)
        yield from _advise_weekend(f"/slots/{index}", slot, course)
    for index, extra in enumerate(a_class.extra_sessions):
        yield from _advise_times(f"/extra_sessions/{index}", extra, course)
    enrolled, capacity = a_class.enrolled, a_class.capacity
    if enrolled is not None and capacity is not None and enrolled > capacity:
        yield FieldError("/enrolled", "crs_009", "在班人数超过班级额定人数")
    is_sports = institution is not None and "sports" in institution.nonsubject_types
    if is_sports and (capacity or 0) > SPORTS_CLASS_MAX:
        yield FieldError("/capacity", "crs_007", "体育培训每班次学员一般不超过35人")


def _advise_times(pointer: str, teaching: Teaching, course: CourseRow) -> Iterator[FieldError]:
    span = span_of(teaching)
    end = span[1] if span else 0
    if course.delivery == "offline":
        if end > minute_of(END_OFFLINE):
            yield FieldError(pointer, "tim_001", "线下培训结束时间不得晚于20:30")
        return
    if course.delivery is None:
        return
    if course.delivery == "online_live" and end > minute_of(END_ONLINE):
        yield FieldError(pointer, "tim_002", "线上培训结束时间不得晚于21:00")
    if (teaching.get("lesson_minutes") or 0) > ONLINE_LESSON_MAX:
        yield FieldError(f"{pointer}/lesson_minutes", "tim_003", "线上培训每课时不得超过30分钟")
    pause = teaching.get("break_minutes")
    if (teaching.get("lessons") or 0) > 1 and pause is not None and pause < ONLINE_BREAK_MIN:
        yield FieldError(f"{pointer}/break_minutes", "tim_004", "线上课程间隔不得少于10分钟")


def _advise_weekend(pointer: str, slot: Teaching, course: CourseRow) -> Iterator[FieldError]:
    """Holidays need a calendar (`rest_days`); a weekly slot on a weekend is plain to see."""
    if is_restricted(course) and (slot.get("weekday") or 0) > 5:
        detail = "不得占用法定节假日、休息日及寒暑假组织学科类培训"
        yield FieldError(f"{pointer}/weekday", "tim_005", detail)
