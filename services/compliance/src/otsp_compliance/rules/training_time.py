"""TIM: when is taught (培训时间). Every rule of hours runs on dated sessions."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from otsp_compliance.rules.facts import COMPULSORY_STAGES, Facts, delivery_family
from otsp_compliance.rules.outcome import Datum, Fault, need
from otsp_compliance.rules.registry import Severity, each_class, each_course, rule
from otsp_compliance.rules.scopes import OFFLINE, ONLINE, PRESCHOOL, SUBJECT
from otsp_compliance.rules.sources import (
    DOUBLE_REDUCTION,
    INSTITUTIONS_2018,
    MINORS_LAW,
    NONSUBJECT_OPINION,
    ONLINE_2019,
    OWN,
    PRESCHOOL_LAW,
    SLEEP,
    Standing,
)
from otsp_compliance.rules.timetable import OpenClass, Session, clock_of, minute_of
from otsp_contracts.snapshots import CourseFacts

_ONLINE_OPINION: Final = date(2019, 7, 15)
_DOUBLE_REDUCTION: Final = date(2021, 7, 24)
_SERVICE_HEADING: Final = "“规范培训服务行为”"
_LESSON_LIMIT_BEFORE_DOUBLE_REDUCTION: Final = 40

Broken = Callable[[Session], bool]


def _is_offline(taught: OpenClass) -> bool:
    return need(taught.course.delivery, taught.of_course("delivery")) == "offline"


def _is_online(taught: OpenClass) -> bool:
    return delivery_family(need(taught.course.delivery, taught.of_course("delivery"))) == "online"


def _faults(facts: Facts, taught: OpenClass, *, broken: Broken, required: Datum) -> Iterator[Fault]:
    """One fault for the class, quoting its first offending session and their number."""
    offending = [session for session in facts.sessions(taught) if broken(session)]
    if offending:
        first = offending[0]
        quoted: Datum = {
            "date": first.day.isoformat(),
            "start": clock_of(first.start),
            "end": clock_of(first.end),
            "lesson_minutes": first.lesson_minutes,
            "break_minutes": first.break_minutes,
            "sessions": len(offending),
        }
        yield Fault("slots", found=quoted, required=required)


@rule(
    id="TIM-001",
    severity=Severity.BLOCKING,
    message_zh="线下培训结束时间不得晚于20:30",
    remedy_zh="将上课时间提前，使每次课在20:30前结束",
    basis=(
        SLEEP.at(),
        NONSUBJECT_OPINION.at(),
        INSTITUTIONS_2018.at(standing=Standing.RECALLED),
    ),
    effective_from=date(2021, 4, 2),
    applies=OFFLINE,
    parameters=("end_offline",),
)
@each_class
def offline_ends_in_the_evening(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    limit = facts.parameters.end_offline
    if _is_offline(taught):
        latest = minute_of(limit)
        yield from _faults(
            facts, taught, broken=lambda one: one.end > latest, required={"end_by": limit}
        )


@rule(
    id="TIM-002",
    severity=Severity.BLOCKING,
    message_zh="线上培训结束时间不得晚于21:00",
    remedy_zh="将直播时间提前，使每次课在21:00前结束",
    basis=(ONLINE_2019.at(), SLEEP.at(), DOUBLE_REDUCTION.at(), NONSUBJECT_OPINION.at()),
    effective_from=_ONLINE_OPINION,
    applies=ONLINE,
    parameters=("end_online",),
)
@each_class
def live_online_ends_in_the_evening(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    limit = facts.parameters.end_online
    if need(taught.course.delivery, taught.of_course("delivery")) == "online_live":
        latest = minute_of(limit)
        yield from _faults(
            facts, taught, broken=lambda one: one.end > latest, required={"end_by": limit}
        )


def _long_lessons(facts: Facts, taught: OpenClass, most: int) -> Iterator[Fault]:
    if _is_online(taught):
        yield from _faults(
            facts,
            taught,
            broken=lambda one: one.lesson_minutes > most,
            required={"lesson_minutes_max": most},
        )


@rule(
    id="TIM-003",
    version=1,
    severity=Severity.BLOCKING,
    message_zh="线上培训每课时不得超过40分钟",
    remedy_zh="将每课时时长调整为40分钟以内",
    basis=(ONLINE_2019.at(),),
    effective_from=_ONLINE_OPINION,
    effective_to=_DOUBLE_REDUCTION,
    applies=ONLINE,
)
@each_class
def online_lesson_is_short_since_2019(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    yield from _long_lessons(facts, taught, _LESSON_LIMIT_BEFORE_DOUBLE_REDUCTION)


@rule(
    id="TIM-003",
    version=2,
    severity=Severity.BLOCKING,
    message_zh="线上培训每课时不得超过30分钟",
    remedy_zh="将每课时时长调整为30分钟以内",
    basis=(DOUBLE_REDUCTION.at(_SERVICE_HEADING),),
    effective_from=_DOUBLE_REDUCTION,
    applies=ONLINE,
    parameters=("online_lesson_max",),
)
@each_class
def online_lesson_is_short(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    yield from _long_lessons(facts, taught, facts.parameters.online_lesson_max)


@rule(
    id="TIM-004",
    severity=Severity.BLOCKING,
    message_zh="线上课程间隔不得少于10分钟",
    remedy_zh="将课间休息调整为10分钟以上",
    basis=(DOUBLE_REDUCTION.at(_SERVICE_HEADING), ONLINE_2019.at()),
    effective_from=_ONLINE_OPINION,
    applies=ONLINE,
    parameters=("online_break_min",),
)
@each_class
def online_lessons_have_breaks(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    least = facts.parameters.online_break_min
    if _is_online(taught):
        yield from _faults(
            facts,
            taught,
            broken=lambda one: one.lessons > 1 and one.break_minutes < least,
            required={"break_minutes_min": least},
        )


@rule(
    id="TIM-005",
    severity=Severity.BLOCKING,
    message_zh="不得占用法定节假日、休息日及寒暑假组织学科类培训",
    remedy_zh="将上课时间调整到工作日，遇节假日和寒暑假的登记停课日",
    basis=(
        DOUBLE_REDUCTION.at(_SERVICE_HEADING),
        DOUBLE_REDUCTION.at("高中阶段参照执行", Standing.RECALLED),
    ),
    effective_from=_DOUBLE_REDUCTION,
    applies=SUBJECT,
    parameters=("restday_stages", "vacations", "holidays"),
)
@each_class
def no_subject_training_on_rest_days(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    category = need(taught.course.category, taught.of_course("category"))
    stage = need(taught.course.stage, taught.of_course("stage"))
    if category == "subject" and stage in facts.parameters.restday_stages:
        yield from _faults(
            facts, taught, broken=lambda one: facts.is_rest(one.day), required={"rest_day": False}
        )


@rule(
    id="TIM-006",
    severity=Severity.BLOCKING,
    message_zh="培训时间与当地中小学教学时间冲突",
    remedy_zh="将上课时间移出当地中小学教学时间；遇调休上学日的登记停课日",
    basis=(NONSUBJECT_OPINION.at(), ONLINE_2019.at()),
    effective_from=_ONLINE_OPINION,
    parameters=("school_hours", "vacations", "holidays"),
)
@each_class
def no_training_in_school_hours(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    stage = need(taught.course.stage, taught.of_course("stage"))
    hours = facts.region.school_hours.get(stage)
    if hours is not None:
        opens, closes = minute_of(hours[0]), minute_of(hours[1])
        yield from _faults(
            facts,
            taught,
            broken=lambda one: (
                one.start < closes and one.end > opens and not facts.is_rest(one.day)
            ),
            required={"school_hours": hours},
        )


@rule(
    id="TIM-007",
    severity=Severity.BLOCKING,
    message_zh="不得面向学龄前儿童开展线上培训或学科类（含外语）培训",
    remedy_zh="停开该课程",
    basis=(DOUBLE_REDUCTION.at(), MINORS_LAW.at("第33条")),
    effective_from=_DOUBLE_REDUCTION,
)
@each_course
def preschool_is_neither_online_nor_subject(_: Facts, course: CourseFacts) -> Iterator[Fault]:
    if need(course.stage, "stage") != "preschool":
        return
    if need(course.delivery, "delivery") != "offline":
        yield Fault("delivery", found=course.delivery, required="offline")
    if need(course.category, "category") == "subject":
        yield Fault("category", found="subject", required="nonsubject")


@rule(
    id="TIM-008",
    severity=Severity.BLOCKING,
    message_zh="校外培训不得布置作业",
    remedy_zh="取消课程作业后更新填报",
    basis=(SLEEP.at(),),
    effective_from=date(2021, 4, 2),
)
@each_course
def no_homework(_: Facts, course: CourseFacts) -> Iterator[Fault]:
    if need(course.stage, "stage") in COMPULSORY_STAGES and need(course.homework, "homework"):
        yield Fault("homework", found=True, required=False)


@rule(
    id="TIM-009",
    severity=Severity.OVERRIDABLE,
    message_zh="不得对学前儿童开展半日制或全日制培训",
    remedy_zh="缩短每日培训时长至半日以下（默认180分钟）",
    basis=(PRESCHOOL_LAW.at("第59条"), OWN),
    effective_from=date(2025, 6, 1),
    applies=PRESCHOOL,
    parameters=("half_day_minutes",),
)
@each_class
def preschool_is_not_taught_half_days(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    if need(taught.course.stage, taught.of_course("stage")) != "preschool":
        return
    minutes: dict[date, int] = defaultdict(int)
    for session in facts.sessions(taught):
        minutes[session.day] += session.end - session.start
    limit = facts.parameters.half_day_minutes
    longest = max(minutes.values(), default=0)
    if longest >= limit:
        yield Fault("slots", found={"day_minutes": longest}, required={"day_minutes_below": limit})
