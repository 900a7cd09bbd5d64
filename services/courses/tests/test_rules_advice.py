"""What is advised on entry: never a refusal, by the catalogue's national parameters."""

from datetime import date

import pytest

from otsp_courses.rules.advice import (
    advise_class,
    advise_course,
    advise_site,
    advise_system,
    capacity_of,
    size_band,
)
from otsp_courses.rules.required import empty_required
from otsp_courses.rules.rows import ClassRow, CourseRow, InstitutionRef, SiteRow, SystemRow

TODAY = date(2024, 10, 15)


def row(row_class, **fields):
    lists = {"slots": [], "extra_sessions": [], "teacher_ids": [], "skip_dates": []}
    empty = dict.fromkeys(row_class.__dataclass_fields__)
    kept = {name: value for name, value in lists.items() if name in empty}
    return row_class(**empty | kept | fields)


def institution(**changes):
    told = {
        "region_code": "330106",
        "categories": ["subject"],
        "nonsubject_types": [],
        "delivery_modes": ["offline", "online"],
        "stages": ["primary"],
        "compliance_status": "compliant",
    }
    return InstitutionRef(**told | changes)


def found(advice):
    return [(each.pointer, each.code) for each in advice]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"premises_type": "commercial", "floor": 3, "region_code": "330106"}, []),
        ({"premises_type": "basement"}, [("/premises_type", "sit_003")]),
        ({"premises_type": "basement", "status": "closed"}, []),
        ({"floor": 4}, [("/floor", "sit_004")]),
        ({"region_code": "330108"}, [("/region_code", "lic_016")]),
        ({"fire_check_on": date(2024, 9, 14)}, []),
        ({"fire_check_on": date(2024, 9, 13)}, [("/fire_check_on", "sit_006")]),
    ],
)
def test_advice_on_a_site(fields, expected):
    assert found(advise_site(row(SiteRow, **fields), institution(), TODAY)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"mlps_level": 3, "icp_no": "京ICP备2021099999号-1"}, []),
        ({"mlps_level": 2}, [("/mlps_level", "net_001")]),
        ({"server_in_mainland": False}, [("/server_in_mainland", "net_002")]),
        ({"icp_no": "12345"}, [("/icp_no", "net_003")]),
        ({"content_retention_days": 364}, [("/content_retention_days", "net_005")]),
        ({"live_video_retention_days": 179}, [("/live_video_retention_days", "net_005")]),
        ({"log_retention_days": 179}, [("/log_retention_days", "net_006")]),
        ({"eye_protection": False}, [("/eye_protection", "net_007")]),
        ({"parental_control": False}, [("/parental_control", "net_007")]),
        ({"stored_persons": 1_000_001, "pia_done": False}, [("/pia_done", "net_008")]),
        ({"stored_persons": 1_000_000, "pia_done": False}, []),
        ({"guardian_consent": False}, [("/guardian_consent", "net_009")]),
        ({"ads_or_games": True}, [("/ads_or_games", "net_010")]),
    ],
)
def test_advice_on_a_system(fields, expected):
    assert found(advise_system(row(SystemRow, **fields), institution())) == expected


def test_nonsubject_institution_needs_no_level_three_system():
    judged = advise_system(row(SystemRow, mlps_level=2), institution(categories=["nonsubject"]))

    assert found(judged) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"category": "subject", "stage": "junior"}, []),
        ({"stage": "preschool", "delivery": "online_live"}, [("/stage", "tim_007")]),
        ({"stage": "preschool", "delivery": "offline"}, []),
        ({"stage": "junior", "homework": True}, [("/homework", "tim_008")]),
        ({"stage": "senior", "homework": True}, []),
        ({"overseas_curriculum": True}, [("/overseas_curriculum", "crs_003")]),
        ({"category": "nonsubject"}, [("/category", "crs_002")]),
        ({"overseas_curriculum": True, "status": "closed"}, []),
    ],
)
def test_advice_on_a_course(fields, expected):
    assert found(advise_course(row(CourseRow, **fields), institution())) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"subject_code": "dance", "name": "少儿中国舞"}, []),
        ({"subject_code": "math"}, [("/subject_code", "crs_001")]),
        ({"name": "数学思维训练"}, [("/name", "crs_004")]),
    ],
)
def test_advice_on_a_nonsubject_course(fields, expected):
    course = row(CourseRow, category="nonsubject", **fields)

    assert found(advise_course(course, institution(categories=["nonsubject"]))) == expected


def slot(start, lessons=2, minutes=45, pause=10, weekday=2):
    return {
        "weekday": weekday,
        "start": start,
        "lessons": lessons,
        "lesson_minutes": minutes,
        "break_minutes": pause,
    }


@pytest.mark.parametrize(
    ("delivery", "taught", "expected"),
    [
        ("offline", slot("18:50"), []),
        ("offline", slot("18:51"), [("/slots/0", "tim_001")]),
        ("online_live", slot("19:50", minutes=30), []),
        ("online_live", slot("19:51", minutes=30), [("/slots/0", "tim_002")]),
        ("online_live", slot("18:00", minutes=31), [("/slots/0/lesson_minutes", "tim_003")]),
        (
            "online_live",
            slot("18:00", minutes=30, pause=9),
            [("/slots/0/break_minutes", "tim_004")],
        ),
        ("online_recorded", slot("22:00", minutes=30), []),
        ("offline", slot("09:00", weekday=6), [("/slots/0/weekday", "tim_005")]),
        ("offline", {"start": None}, []),
        (None, slot("22:00"), []),
    ],
)
def test_advice_on_the_times_of_a_class(delivery, taught, expected):
    course = row(CourseRow, delivery=delivery, category="subject", stage="junior")

    assert found(advise_class(row(ClassRow, slots=[taught]), course, None)) == expected


def test_extra_sessions_are_judged_by_time_and_not_by_weekday():
    course = row(CourseRow, delivery="offline", category="subject", stage="junior")
    extra = slot("20:00") | {"date": "2024-10-19"}

    advice = advise_class(row(ClassRow, extra_sessions=[extra]), course, None)

    assert found(advice) == [("/extra_sessions/0", "tim_001")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"enrolled": 12, "capacity": 12}, []),
        ({"enrolled": 13, "capacity": 12}, [("/enrolled", "crs_009")]),
        ({"enrolled": 13, "capacity": 12, "status": "finished"}, []),
        ({"enrolled": 13}, []),
        ({"capacity": 36}, [("/capacity", "crs_007")]),
    ],
)
def test_advice_on_the_heads_of_a_class(fields, expected):
    sports = institution(nonsubject_types=["sports"])

    advice = advise_class(row(ClassRow, **fields), row(CourseRow), sports)

    assert found(advice) == expected


@pytest.mark.parametrize(
    ("capacity", "band"),
    [(None, None), (0, "s"), (9, "s"), (10, "m"), (35, "m"), (36, "l")],
)
def test_size_band_by_capacity(capacity, band):
    assert size_band(capacity) == band


@pytest.mark.parametrize(("area", "persons"), [(None, None), (18000, 60), (299, 0), (5200, 17)])
def test_three_square_metres_a_person(area, persons):
    assert capacity_of(row(SiteRow, teaching_area_centi_m2=area)) == persons


OF_SITE = ["total_floors", "fire_cert_no", "fire_responsible", "contact_name", "contact_tel"]
OF_SYSTEM = ["icp_shot_file_id", "vat_shot_file_id", "mlps_report_file_id", "server_location"]
OF_SYSTEM += ["complaint_url", "service_agreement_file_id", "security_officer"]
OF_COURSE = ["grades", "syllabus", "objective", "content", "total_lessons", "lesson_minutes"]


@pytest.mark.parametrize(
    ("judged", "empty"),
    [
        (row(SiteRow, status="open"), OF_SITE),
        (row(SiteRow, status="open", tenure="own"), OF_SITE),
        (row(SiteRow, status="open", tenure="lease"), [*OF_SITE, "lease_from"]),
        (
            row(SiteRow, status="open", total_floors=0, contact_name="甲"),
            OF_SITE[1:3] + OF_SITE[4:],
        ),
        (row(SiteRow, status="closed"), []),
        (row(SystemRow), OF_SYSTEM),
        (row(SystemRow, pia_done=True), [*OF_SYSTEM, "pia_file_id"]),
        (row(CourseRow, status="draft"), OF_COURSE),
        (row(CourseRow, status="closed"), []),
    ],
)
def test_empty_fields_that_do_not_travel_are_told(judged, empty):
    assert found(empty_required(judged, institution())) == [
        (f"/{name}", "missing") for name in empty
    ]


def test_offline_institution_is_not_asked_about_its_systems():
    offline = institution(delivery_modes=["offline"])

    assert not list(empty_required(row(SystemRow), offline))
