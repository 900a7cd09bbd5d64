"""FND and SIT beyond the tables of `cases`."""

import pytest

KEPT = None


def test_before_july_the_audit_of_last_year_is_not_due(offenders):
    unaudited = {"funds/audit_reports": []}

    assert offenders("FND-012", "A", unaudited, as_of="2024-06-30") is KEPT
    assert offenders("FND-012", "A", unaudited, as_of="2024-07-01") == set()


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ({"default": 300, "dance": 260}, {"S1"}),
        ({"default": 200}, {"S1"}),
        ({"default": 300, "dance": 301}, {"S1"}),
        ({"default": 300}, KEPT),
    ],
)
def test_a_region_may_ask_for_more_room_and_not_for_less(offenders, areas, expected):
    room = {"sites/S1/teaching_area_centi_m2": 6000 if expected is KEPT else 5999}
    if areas.get("dance") == 301:
        room = {"sites/S1/teaching_area_centi_m2": 6000}

    assert offenders("SIT-001", "C", room | {"region/min_area_centi_m2": areas}) == expected
