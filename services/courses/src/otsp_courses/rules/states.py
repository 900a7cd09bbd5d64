"""The states of courses and classes (domain specification §3.7), as data."""

from collections.abc import Iterable, Iterator, Mapping

from otsp_contracts.values import FieldError
from otsp_courses.rules.rows import CourseRow, InstitutionRef

COURSE_STEPS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"ready"}),
    "ready": frozenset({"active"}),
    "active": frozenset({"closed"}),
    "closed": frozenset(),
}
CLASS_STEPS: Mapping[str, frozenset[str]] = {
    "planned": frozenset({"enrolling", "cancelled"}),
    "enrolling": frozenset({"in_session", "cancelled"}),
    "in_session": frozenset({"finished", "cancelled"}),
    "finished": frozenset(),
    "cancelled": frozenset(),
}
COURSE_LABELS_ZH: Mapping[str, str] = {
    "draft": "草稿",
    "ready": "待开课",
    "active": "开课中",
    "closed": "已停开",
}
CLASS_LABELS_ZH: Mapping[str, str] = {
    "planned": "计划",
    "enrolling": "招生中",
    "in_session": "上课中",
    "finished": "已结班",
    "cancelled": "已取消",
}
OPEN_TO_ENROLMENT = frozenset({"ready", "active"})
"""States of a course whose classes may take pupils."""

RUNNING = frozenset({"enrolling", "in_session"})
"""States of a class that a course must not be closed over."""

OVER = frozenset({"finished", "cancelled"})
"""States of a class in which it is a record."""

_COMPLIANT = frozenset({"compliant", "change_pending"})


def is_compliant(institution: InstitutionRef | None) -> bool:
    """While a change is judged, the old approval stays valid; an open rectification takes it."""
    return institution is not None and institution.compliance_status in _COMPLIANT


def has_approval(institution: InstitutionRef | None) -> bool:
    """A suspended one goes on later as it was approved: its sites stay where they are."""
    is_suspended = institution is not None and institution.compliance_status == "suspended"
    return is_suspended or is_compliant(institution)


HALTING_LABELS_ZH: Mapping[str, str] = {
    "for_profit_to_nonprofit": "营转非",
    "filing_to_approval": "备案转审批",
}
"""Rectifications (整改) over which enrolment and charging stand still until they are done."""


def halting(rectifications: Iterable[str]) -> list[str]:
    """Which of the open ones let nobody be taken on (S6, S7; decision D40)."""
    return [kind for kind in HALTING_LABELS_ZH if kind in set(rectifications)]


def opening_faults(course: CourseRow, institution: InstitutionRef) -> Iterator[FieldError]:
    """What keeps a course itself from being opened; what it names says the rest (references)."""
    family = "offline" if course.delivery == "offline" else "online"
    scope = (
        ("category", course.category, institution.categories),
        ("stage", course.stage, institution.stages),
        ("delivery", course.delivery and family, institution.delivery_modes),
    )
    for name, value, permitted in scope:
        if value not in permitted:
            yield FieldError(f"/{name}", "outside_scope", "超出本机构的培训类别、学段或方式。")
    if not course.material_ids:
        yield FieldError("/material_ids", "required", "开课前须关联已审核在用的培训材料。")
    if course.fee_item_id is None:
        yield FieldError("/fee_item_id", "required", "开课前须关联已公示的收费项目。")
