"""Fields that filing needs and that do not travel in the section: their owner reports them empty.

Compliance tells them as CMP-001 beside the empty fields that it sees for itself.
"""

from otsp_courses.rules.rows import CourseRow, InstitutionRef, SiteRow, SystemRow

_SITE = ("contact_name", "fire_responsible")
_SYSTEM = ("complaint_url", "security_officer")
_COURSE = ("syllabus",)


def empty_required(
    row: SiteRow | SystemRow | CourseRow, institution: InstitutionRef | None
) -> list[str]:
    """Names of the required fields of a live row that hold nothing."""
    match row:
        case SiteRow(status="closed") | CourseRow(status="closed"):
            return []
        case SystemRow() if institution and "online" not in institution.delivery_modes:
            return []
    names = _SITE if isinstance(row, SiteRow) else _COURSE
    if isinstance(row, SystemRow):
        names = _SYSTEM
    return [name for name in names if not getattr(row, name)]
