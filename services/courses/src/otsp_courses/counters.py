"""What is counted of an institution's courses, classes, sites and systems for the statistics."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from otsp_chassis.counters import Counting
from otsp_chassis.db import Reader
from otsp_contracts.counters import CoursesCounters
from otsp_contracts.courses import CoursesCountersChanged
from otsp_courses.model import CountersTold, Course, Site, System, TrainingClass

_FIRE_CHECK_EVERY = timedelta(days=31)
"""As in SIT-006."""

_COURSES = text("""
SELECT institution_id, count(*) FILTER (WHERE status = 'active') AS courses_active
FROM course WHERE institution_id = ANY(:ids) AND deleted_at IS NULL GROUP BY institution_id
""")
_CLASSES = text("""
WITH one AS (
  SELECT class.institution_id, class.status, class.capacity, class.enrolled,
    class.status IN ('enrolling', 'in_session') AS is_open, held.ends, held.on_weekends,
    course.category = 'subject' AS is_subject
  FROM class JOIN course USING (course_id) CROSS JOIN LATERAL (
    SELECT max(told.start + told.lessons * told.minutes
        + CASE WHEN told.lessons > 1 THEN (told.lessons - 1) * told.pause ELSE 0 END) AS ends,
      count(*) FILTER (WHERE told.weekday > 5) AS on_weekends
    FROM (
      SELECT split_part(each->>'start', ':', 1)::int * 60
          + split_part(each->>'start', ':', 2)::int AS start,
        (each->>'lessons')::int AS lessons, (each->>'lesson_minutes')::int AS minutes,
        (each->>'break_minutes')::int AS pause,
        coalesce((each->>'weekday')::int, extract(isodow FROM (each->>'date')::date)::int)
          AS weekday
      FROM jsonb_array_elements(class.slots || class.extra_sessions) each
    ) told) held
  WHERE class.institution_id = ANY(:ids) AND class.deleted_at IS NULL)
SELECT institution_id,
  count(*) FILTER (WHERE status = 'planned') AS classes_planned,
  count(*) FILTER (WHERE status = 'enrolling') AS classes_enrolling,
  count(*) FILTER (WHERE status = 'in_session') AS classes_in_session,
  count(*) FILTER (WHERE status = 'finished') AS classes_finished,
  count(*) FILTER (WHERE status = 'cancelled') AS classes_cancelled,
  coalesce(sum(capacity) FILTER (WHERE is_open), 0) AS capacity,
  coalesce(sum(enrolled) FILTER (WHERE is_open), 0) AS enrolled,
  count(*) FILTER (WHERE is_open AND capacity < 10) AS size_s,
  count(*) FILTER (WHERE is_open AND capacity BETWEEN 10 AND 35) AS size_m,
  count(*) FILTER (WHERE is_open AND capacity > 35) AS size_l,
  count(*) FILTER (WHERE is_open AND ends <= 1080) AS ends_by_1800,
  count(*) FILTER (WHERE is_open AND ends > 1080 AND ends <= 1230) AS ends_by_2030,
  count(*) FILTER (WHERE is_open AND ends > 1230 AND ends <= 1260) AS ends_by_2100,
  count(*) FILTER (WHERE is_open AND ends > 1260) AS ends_later,
  coalesce(sum(on_weekends) FILTER (WHERE is_open AND is_subject), 0)
    AS weekend_subject_sessions
FROM one GROUP BY institution_id
""")
_SITES = text("""
WITH pupils AS (
  SELECT course.host_id AS site_id, sum(class.enrolled) AS enrolled
  FROM class JOIN course USING (course_id)
  WHERE class.institution_id = ANY(:ids) AND class.deleted_at IS NULL
    AND class.status IN ('enrolling', 'in_session')
  GROUP BY course.host_id),
one AS (
  SELECT site.institution_id, site.fire_check_on, site.teaching_area_centi_m2 AS area,
    site.teaching_area_centi_m2 / nullif(pupils.enrolled, 0)::numeric AS each
  FROM site LEFT JOIN pupils USING (site_id)
  WHERE site.institution_id = ANY(:ids) AND site.deleted_at IS NULL AND site.status = 'open')
SELECT institution_id, count(*) AS sites, coalesce(sum(area), 0) AS teaching_area_centi_m2,
  count(*) FILTER (WHERE each < 300) AS area_below_3,
  count(*) FILTER (WHERE each >= 300 AND each < 500) AS area_3_to_5,
  count(*) FILTER (WHERE each >= 500 AND each < 1000) AS area_5_to_10,
  count(*) FILTER (WHERE each >= 1000) AS area_above_10,
  count(*) FILTER (WHERE each IS NULL) AS area_unknown,
  count(*) FILTER (WHERE fire_check_on IS NULL OR fire_check_on < :checked_since)
    AS fire_checks_overdue
FROM one GROUP BY institution_id
""")
_SYSTEMS = text("""
SELECT institution_id, count(*) AS systems,
  count(*) FILTER (WHERE mlps_level = 1) AS mlps_1,
  count(*) FILTER (WHERE mlps_level = 2) AS mlps_2,
  count(*) FILTER (WHERE mlps_level = 3) AS mlps_3,
  count(*) FILTER (WHERE mlps_level = 4) AS mlps_4,
  count(*) FILTER (WHERE mlps_level = 5) AS mlps_5,
  count(*) FILTER (WHERE mlps_level IS NULL) AS mlps_none,
  count(*) FILTER (WHERE content_retention_days < 365) AS content_kept_too_short,
  count(*) FILTER (WHERE live_video_retention_days < 180) AS video_kept_too_short,
  count(*) FILTER (WHERE log_retention_days < 180) AS logs_kept_too_short
FROM system WHERE institution_id = ANY(:ids) AND deleted_at IS NULL GROUP BY institution_id
""")
_PARTS: tuple[TextClause, ...] = (_COURSES, _CLASSES, _SITES, _SYSTEMS)


def count_teaching(
    tx: Reader, institution_ids: Sequence[UUID], today: date
) -> Mapping[UUID, CoursesCounters]:
    given = {"ids": list(institution_ids), "checked_since": today - _FIRE_CHECK_EVERY}
    found: dict[UUID, dict[str, Any]] = {}
    for part in _PARTS:
        wanted = {name: given[name] for name in part.compile().params}
        for row in tx.execute(part, wanted).mappings():
            found.setdefault(row["institution_id"], {}).update(row)
    return {each: CoursesCounters.model_validate(counted) for each, counted in found.items()}


COUNTING = Counting(
    event=CoursesCountersChanged,
    nothing=CoursesCounters(),
    told=CountersTold,
    watched=(Course, TrainingClass, Site, System),
    count=count_teaching,
)
