"""What owners count of an institution for the statistics (domain specification §5.1).

Numbers that add up, never a person: a region's figure is the sum over its institutions. Money is in
fen, areas in hundredths of m². A counter that is added later is 0 in what older senders tell.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from otsp_contracts.payload import Payload


class Counters(BaseModel):
    """The counters of one owner."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CountersChanged(Payload):
    """The root of the four events; `version` grows with each telling of an institution."""

    SUBJECT: ClassVar[str] = "institution_id"

    institution_id: UUID
    version: int


class InstitutionCounters(Counters):
    """Supervision of prepaid fees and the licence; each of them is 0 or 1 but the sums.

    `filed` with an agreement that the authority has on file, under one of the three modes of
    supervision (FND-001). Sums are those of the latest monthly statement. A licence expires within
    30 days, within 90 (those of the 30 among them), or has expired, on the day of counting.
    """

    filed: int = 0
    mode_bank_custody: int = 0
    mode_risk_deposit: int = 0
    mode_both: int = 0
    mode_exempt_post_pay: int = 0
    balance_fen: int = 0
    deposit_balance_fen: int = 0
    cycle_total_fen: int = 0
    deposit_stated: int = 0
    licences: int = 0
    licences_expiring_30: int = 0
    licences_expiring_90: int = 0
    licences_expired: int = 0


class StaffCounters(Counters):
    """Employed people. `untyped` are those whose type was not entered yet.

    `checks_overdue` have a record check that is missing or older than the law allows on the day of
    counting (STF-008, STF-009); `instructors_full_time` are of the teaching and research staff.
    """

    employed: int = 0
    teaching: int = 0
    research: int = 0
    management: int = 0
    assistant: int = 0
    safety: int = 0
    finance: int = 0
    other: int = 0
    untyped: int = 0
    full_time: int = 0
    instructors_full_time: int = 0
    teachers_certified: int = 0
    foreign: int = 0
    checks_overdue: int = 0
    blacklisted: int = 0


class MaterialsCounters(Counters):
    """Versions of materials by status, and how their reviews by authorities stand.

    `external_backlog` wait for an authority's result; `retention_due` need not be kept any more on
    the day of counting.
    """

    draft: int = 0
    internal_review: int = 0
    internal_passed: int = 0
    internal_failed: int = 0
    external_pending: int = 0
    external_failed: int = 0
    in_use: int = 0
    suspended: int = 0
    archived: int = 0
    purged: int = 0
    external_backlog: int = 0
    external_pass: int = 0
    external_fail: int = 0
    retention_due: int = 0


class CoursesCounters(Counters):
    """Courses, classes, sites and systems.

    Classes are open while they enrol or are in session; capacity, pupils and all that follows are
    of open ones. The size is that of the capacity: below 10, to 35, above. A class ends when its
    latest weekly or extra session does: by 18:00, 20:30, 21:00 or later.
    `weekend_subject_sessions` are weekly slots on Saturdays and Sundays and extra sessions on such
    days, of open subject classes.
    Sites are open ones; the area is that for teaching by enrolled pupil, in m².
    """

    courses_active: int = 0
    classes_planned: int = 0
    classes_enrolling: int = 0
    classes_in_session: int = 0
    classes_finished: int = 0
    classes_cancelled: int = 0
    capacity: int = 0
    enrolled: int = 0
    size_s: int = 0
    size_m: int = 0
    size_l: int = 0
    ends_by_1800: int = 0
    ends_by_2030: int = 0
    ends_by_2100: int = 0
    ends_later: int = 0
    weekend_subject_sessions: int = 0
    sites: int = 0
    teaching_area_centi_m2: int = 0
    area_below_3: int = 0
    area_3_to_5: int = 0
    area_5_to_10: int = 0
    area_above_10: int = 0
    area_unknown: int = 0
    fire_checks_overdue: int = 0
    systems: int = 0
    mlps_1: int = 0
    mlps_2: int = 0
    mlps_3: int = 0
    mlps_4: int = 0
    mlps_5: int = 0
    mlps_none: int = 0
    content_kept_too_short: int = 0
    video_kept_too_short: int = 0
    logs_kept_too_short: int = 0
