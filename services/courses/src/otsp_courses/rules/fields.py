"""What is refused at the field (domain specification §4.6); what a rule judges never is (D16).

The checks receive a request body less the fields that its schema refused, so any may be absent.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from otsp_contracts.values import FieldError
from otsp_courses.rules.rows import Teaching
from otsp_courses.rules.timetable import MIDNIGHT, overlapping, span_of

Value = Any
"""A part of a request body: its schema knows the type."""

Fields = Mapping[str, Value]
"""A request body."""


def check_site(fields: Fields) -> Iterator[FieldError]:
    """V-02, and rooms that could not be told apart."""
    yield from _in_order(fields, "lease_from", "lease_to", detail="租赁止期不能早于租赁起期。")
    rooms = [room.get("room_no") if room else None for room in fields.get("rooms") or []]
    for index, room_no in enumerate(rooms):
        if room_no is not None and room_no in rooms[:index]:
            detail = f"教室“{room_no}”重复，请合并或修改教室编号。"
            yield FieldError(f"/rooms/{index}/room_no", "repeated", detail)


def check_new_course(fields: Fields) -> Iterator[FieldError]:
    yield from _initial_state(fields, "draft")


def check_class(fields: Fields) -> Iterator[FieldError]:
    """V-04, and days that cannot be."""
    yield from _in_order(fields, "start_on", "end_on", detail="结班日期不能早于开班日期。")
    yield from _within_the_day(fields, "slots", "weekday")
    yield from _within_the_day(fields, "extra_sessions", "date")


def check_new_class(fields: Fields) -> Iterator[FieldError]:
    yield from check_class(fields)
    yield from _initial_state(fields, "planned")


def days_to_come(fields: Fields, names: Sequence[str], today: date) -> Iterator[FieldError]:
    """V-14: what is said to have happened lies not in the future."""
    for name in names:
        day = fields.get(name)
        if day is not None and date.fromisoformat(day) > today:
            yield FieldError(f"/{name}", "in_the_future", "日期不能晚于今天。")


def host_mismatch(delivery: str | None, *, is_site: bool, is_system: bool) -> Iterator[FieldError]:
    """V-05: offline teaching has a site, online teaching a system."""
    if not is_site and not is_system:
        yield FieldError("/host_id", "unknown_host", "没有这个办学点或业务系统，请先添加。")
    elif delivery == "offline" and not is_site:
        yield FieldError("/host_id", "wrong_host", "线下课程应选择办学点，不能选择业务系统。")
    elif delivery in {"online_live", "online_recorded"} and not is_system:
        yield FieldError("/host_id", "wrong_host", "线上课程应选择业务系统，不能选择办学点。")


def _initial_state(fields: Fields, initial: str) -> Iterator[FieldError]:
    """Only what exists already may be entered in another state than the first."""
    if fields.get("status") not in {None, initial} and not fields.get("existing"):
        detail = "新增时不能指定此状态；登记已有的课程或班级请标明 existing。"
        yield FieldError("/status", "not_initial", detail)


def _in_order(fields: Fields, first: str, last: str, *, detail: str) -> Iterator[FieldError]:
    begins, ends = fields.get(first), fields.get(last)
    if begins and ends and date.fromisoformat(ends) < date.fromisoformat(begins):
        yield FieldError(f"/{last}", "before_start", detail)


def _within_the_day(fields: Fields, name: str, day: str) -> Iterator[FieldError]:
    teachings: list[Teaching | None] = fields.get(name) or []
    spans = [span_of(teaching) if teaching else None for teaching in teachings]
    placed = []
    for index, (teaching, span) in enumerate(zip(teachings, spans, strict=True)):
        if span is None or teaching is None:
            continue
        if span[1] >= MIDNIGHT:
            yield FieldError(f"/{name}/{index}", "ends_past_midnight", "上课须在当日24:00前结束。")
        if teaching.get(day) is not None:
            placed.append((teaching[day], index, span))  # type: ignore[literal-required]
    for index in overlapping(placed):
        yield FieldError(f"/{name}/{index}", "overlaps", "与本班同一天的另一上课时间重叠。")
