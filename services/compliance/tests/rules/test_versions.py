"""A rule judges by the version that was the law on the day."""

from datetime import date

import pytest

from otsp_compliance.rules.catalogue import catalogue

KEPT = None
SLOT = "courses/K1/classes/K1-1/slots/0"
FEE = "funds/fee_items/F1"


@pytest.mark.parametrize(
    ("rule_id", "as_of", "sample", "changes", "expected"),
    [
        # Lessons online had 40 minutes (线上意见) until “双减” made them 30.
        ("TIM-003", "2019-07-14", "B", {f"{SLOT}/lesson_minutes": 41}, KEPT),
        ("TIM-003", "2019-07-15", "B", {f"{SLOT}/lesson_minutes": 41}, {"K1-1"}),
        ("TIM-003", "2021-07-23", "B", {f"{SLOT}/lesson_minutes": 40}, KEPT),
        ("TIM-003", "2021-07-24", "B", {f"{SLOT}/lesson_minutes": 40}, {"K1-1"}),
        ("TIM-003", "2021-07-24", "B", {f"{SLOT}/lesson_minutes": 30}, KEPT),
        # Three months or 60 lessons bound online subject training first, all since 2021-10-29.
        ("FND-003", "2019-07-14", "B", {f"{FEE}/lesson_count": 61}, KEPT),
        ("FND-003", "2021-10-28", "B", {f"{FEE}/lesson_count": 61}, {"F1"}),
        ("FND-003", "2021-10-28", "C", {f"{FEE}/lesson_count": 61}, KEPT),
        ("FND-003", "2021-10-28", "A", {f"{FEE}/lesson_count": 61}, KEPT),
        ("FND-003", "2021-10-29", "C", {f"{FEE}/lesson_count": 61}, {"F1"}),
        ("FND-003", "2021-10-29", "A", {f"{FEE}/lesson_count": 61}, {"F1"}),
        # 5000 yuan for non-subject training since 2022-12-29.
        ("FND-004", "2022-12-28", "C", {}, KEPT),
        ("FND-004", "2022-12-29", "C", {}, {"F1"}),
        # The model contract of 2020 gave way to that of 2021.
        ("FND-008", "2020-05-31", "A", {"funds/contract/template_code": "X"}, KEPT),
        ("FND-008", "2021-10-12", "A", {"funds/contract/template_code": "GF-2020-2603"}, KEPT),
        ("FND-008", "2021-10-12", "A", {}, set()),
        ("FND-008", "2021-10-13", "A", {}, KEPT),
        # Room for each pupil: 国办发80号, then the fire safety rules.
        ("SIT-001", "2018-08-21", "C", {}, KEPT),
        ("SIT-001", "2018-08-22", "C", {}, {"S1"}),
        ("SIT-001", "2022-06-06", "C", {}, {"S1"}),
        # Non-profit since “双减”.
        ("LIC-007", "2021-07-23", "A", {"institution/legal_nature": "forprofit"}, KEPT),
        ("LIC-007", "2021-07-24", "A", {"institution/legal_nature": "forprofit"}, set()),
    ],
)
def test_rule(offenders, rule_id, as_of, sample, changes, expected):
    assert offenders(rule_id, sample, changes, as_of) == expected


@pytest.mark.parametrize(
    ("rule_id", "as_of", "version"),
    [
        ("TIM-003", "2021-07-23", 1),
        ("TIM-003", "2021-07-24", 2),
        ("FND-003", "2021-10-28", 1),
        ("FND-003", "2021-10-29", 2),
        ("FND-008", "2021-10-12", 1),
        ("FND-008", "2021-10-13", 2),
        ("SIT-001", "2022-06-05", 1),
        ("SIT-001", "2022-06-06", 2),
    ],
)
def test_the_version_of_the_day(rule_id, as_of, version):
    in_force = catalogue().in_force(date.fromisoformat(as_of))

    assert [one.head.version for one in in_force if one.head.id == rule_id] == [version]


FROM = {
    "LIC-001": "2003-09-01",
    "LIC-002": "2021-09-01",
    "LIC-003": "2004-07-01",
    "LIC-005": "2015-10-01",
    "LIC-010": "2021-10-13",
    "LIC-012": "2021-09-18",
    "STF-001": "2021-07-24",
    "STF-002": "2021-09-14",
    "STF-008": "2021-06-01",
    "STF-016": "1995-12-12",
    "STF-018": "2021-12-14",
    "TIM-001": "2021-04-02",
    "TIM-002": "2019-07-15",
    "TIM-009": "2025-06-01",
    "CRS-001": "2021-07-28",
    "CRS-004": "2021-11-15",
    "MAT-001": "2021-08-25",
    "MAT-007": "2021-09-18",
    "FND-001": "2021-10-29",
    "FND-007": "2021-09-06",
    "FND-011": "2021-09-01",
    "SIT-002": "2022-06-06",
    "NET-003": "2000-09-25",
    "NET-006": "2017-06-01",
    "NET-009": "2021-11-01",
    "NET-010": "2021-06-01",
}


@pytest.mark.parametrize(("rule_id", "first_day"), FROM.items())
def test_the_first_day_of_a_rule(rule_id, first_day):
    firsts = [one.head.effective_from for one in catalogue().rules if one.head.id == rule_id]

    assert firsts == [date.fromisoformat(first_day)]
