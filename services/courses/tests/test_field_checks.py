"""Each check of domain specification §4.6 on courses: one case that keeps it, one that does not."""

from datetime import date

import pytest

from otsp_courses.rules.fields import check_class, check_site, days_to_come, host_mismatch

LATE = {"weekday": 2, "start": "22:19", "lessons": 2, "lesson_minutes": 45, "break_minutes": 10}
EVENING = LATE | {"start": "18:30"}


@pytest.mark.parametrize(
    ("check", "verdict", "faults"),
    [
        ("V-02", "kept", check_site({"lease_from": "2024-02-01", "lease_to": "2024-02-01"})),
        ("V-02", "broken", check_site({"lease_from": "2024-02-02", "lease_to": "2024-02-01"})),
        ("V-02", "broken", check_class({"start_on": "2024-02-02", "end_on": "2024-02-01"})),
        ("V-04", "kept", check_class({"slots": [LATE, EVENING]})),
        ("V-04", "broken", check_class({"slots": [LATE | {"start": "22:20"}]})),
        ("V-04", "broken", check_class({"slots": [EVENING, EVENING | {"start": "20:09"}]})),
        ("V-05", "kept", host_mismatch("offline", is_site=True, is_system=False)),
        ("V-05", "kept", host_mismatch("online_live", is_site=False, is_system=True)),
        ("V-05", "broken", host_mismatch("offline", is_site=False, is_system=True)),
        ("V-05", "broken", host_mismatch("online_recorded", is_site=True, is_system=False)),
        (
            "V-14",
            "kept",
            days_to_come({"day": "2024-10-15"}, ["day"], date(2024, 10, 15)),
        ),
        (
            "V-14",
            "broken",
            days_to_come({"day": "2024-10-16"}, ["day"], date(2024, 10, 15)),
        ),
    ],
)
def test_refused_at_the_field(check, verdict, faults):
    assert bool(list(faults)) == (verdict == "broken")
