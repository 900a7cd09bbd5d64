"""Fields that filing needs and that do not travel in the section: their owner reports them empty.

Compliance tells them as CMP-001 beside the empty fields that it sees for itself.
"""

from collections.abc import Iterator
from typing import Final

from otsp_contracts.snapshots import MISSING
from otsp_contracts.values import FieldError
from otsp_courses.rules.rows import CourseRow, InstitutionRef, SiteRow, SystemRow

_SITE = ("total_floors", "fire_cert_no", "fire_responsible", "contact_name", "contact_tel")
_SYSTEM = (
    "icp_shot_file_id",
    "vat_shot_file_id",
    "mlps_report_file_id",
    "server_location",
    "complaint_url",
    "service_agreement_file_id",
    "security_officer",
)
_COURSE = ("grades", "syllabus", "objective", "content", "total_lessons", "lesson_minutes")
_EMPTY: Final[tuple[object, ...]] = (None, "", [])


def empty_required(
    row: SiteRow | SystemRow | CourseRow, institution: InstitutionRef | None
) -> Iterator[FieldError]:
    """The required fields of a live row that hold nothing."""
    for name in _required(row, institution):
        if getattr(row, name) in _EMPTY:
            yield FieldError(f"/{name}", MISSING, "提交合规申请前须填写。")


def _required(
    row: SiteRow | SystemRow | CourseRow, institution: InstitutionRef | None
) -> tuple[str, ...]:
    if isinstance(row, SystemRow):
        is_online = institution is None or "online" in institution.delivery_modes
        return (*_SYSTEM, *(("pia_file_id",) if row.pia_done else ())) if is_online else ()
    if row.status == "closed":
        return ()
    if isinstance(row, CourseRow):
        return _COURSE
    return (*_SITE, *(("lease_from",) if row.tenure == "lease" else ()))
