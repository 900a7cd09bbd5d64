"""Each check of domain specification §4.6 on materials: one case keeps it, one does not."""

from datetime import date

import pytest

from otsp_materials.rules.fields import check_adoption, check_new_material

TODAY = date(2024, 10, 15)


@pytest.mark.parametrize(
    ("check", "verdict", "days"),
    [
        ("V-02", "kept", {"used_from": "2024-01-01", "used_until": "2024-01-01"}),
        ("V-02", "broken", {"used_from": "2024-01-02", "used_until": "2024-01-01"}),
    ],
)
def test_use_ends_after_it_began(check, verdict, days):
    faults = [one.code for one in check_new_material({"existing": True} | days)]

    assert faults == ([] if verdict == "kept" else ["before_start"])


@pytest.mark.parametrize(
    ("check", "verdict", "day"),
    [("V-14", "kept", "2024-10-15"), ("V-14", "broken", "2024-10-16")],
)
def test_what_happened_lies_not_in_the_future(check, verdict, day):
    faults = [one.code for one in check_adoption({"used_from": day}, TODAY)]

    assert faults == ([] if verdict == "kept" else ["in_the_future"])


@pytest.mark.parametrize(
    ("check", "verdict", "second"),
    [
        ("V-12", "kept", {"title": "初中数学讲义", "version_no": 2}),
        ("V-12", "kept", {"title": "初中物理讲义", "version_no": 1}),
        ("V-12", "broken", {"title": "初中数学讲义", "version_no": 1}),
    ],
)
def test_a_version_of_a_title_is_entered_once(owner, enter, check, verdict, second):
    place = f"/api/materials/v1/institutions/{owner.principal.institution_id}/materials"
    enter(owner, title="初中数学讲义", version_no=1)

    answer = owner.post(place, second)

    assert answer.status == (201 if verdict == "kept" else 409)
