"""Which sessions of a class fall on days on which nobody may be taught (TIM-005), told on entry.

By the calendar of statutory holidays; a region's vacations are the self-check's business.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from otsp_contracts.values import FieldError
from otsp_courses.rules.rows import ClassRow, CourseRow

SCHOOL_STAGES = frozenset({"primary", "junior", "senior"})
_MOST_NAMED = 5
_FORBIDDEN = "不得占用法定节假日、休息日及寒暑假组织学科类培训"


def is_restricted(course: CourseRow) -> bool:
    """Subject training of pupils; a non-subject course may well be held on Saturdays."""
    return course.category == "subject" and course.stage in SCHOOL_STAGES


def advise_rest_days(
    row: ClassRow, course: CourseRow, exceptions: Mapping[date, bool]
) -> Iterator[FieldError]:
    """`exceptions` are the days that are not what their weekday says: true for working ones.

    That a weekly slot lies on a weekend is plain to see and told without a calendar.
    """
    if not is_restricted(course):
        return
    holidays = sorted(day for day, is_working in exceptions.items() if not is_working)
    for index, slot in enumerate(row.slots):
        days = [day for day in holidays if _falls(row, day, slot.get("weekday"))]
        if days:
            named = "、".join(day.isoformat() for day in days[:_MOST_NAMED])
            more = "等" if len(days) > _MOST_NAMED else ""
            detail = f"{_FORBIDDEN}：{named}{more}放假，请登记为停课日"
            yield FieldError(f"/slots/{index}/weekday", "tim_005", detail)
    for index, extra in enumerate(row.extra_sessions):
        told = extra.get("date")
        on = None if told is None else date.fromisoformat(told)
        if on is not None and not exceptions.get(on, on.isoweekday() <= 5):
            detail = f"{_FORBIDDEN}：{on.isoformat()}为休息日，请改期"
            yield FieldError(f"/extra_sessions/{index}/date", "tim_005", detail)


def _falls(row: ClassRow, day: date, weekday: int | None) -> bool:
    if row.start_on is None or row.end_on is None or day.isoweekday() != weekday:
        return False
    return row.start_on <= day <= row.end_on and day not in row.skip_dates
