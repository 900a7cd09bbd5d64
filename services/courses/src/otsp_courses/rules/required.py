"""Fields that filing needs and that do not travel in the section: their owner reports them empty.

Compliance tells them as CMP-001 beside the empty fields that it sees for itself.
"""

from collections.abc import Iterator

from otsp_contracts.snapshots import MISSING
from otsp_contracts.values import FieldError
from otsp_courses.rules.rows import CourseRow, InstitutionRef, SiteRow, SystemRow

_SITE = ("contact_name", "fire_responsible")
_SYSTEM = ("complaint_url", "security_officer")
_COURSE = ("syllabus",)


def empty_required(
    row: SiteRow | SystemRow | CourseRow, institution: InstitutionRef | None
) -> Iterator[FieldError]:
    """The required fields of a live row that hold nothing."""
    for name in _required(row, institution):
        if not getattr(row, name):
            yield FieldError(f"/{name}", MISSING, "提交合规申请前须填写。")


def _required(
    row: SiteRow | SystemRow | CourseRow, institution: InstitutionRef | None
) -> tuple[str, ...]:
    if isinstance(row, SystemRow):
        is_online = institution is None or "online" in institution.delivery_modes
        return _SYSTEM if is_online else ()
    if row.status == "closed":
        return ()
    return _SITE if isinstance(row, SiteRow) else _COURSE
