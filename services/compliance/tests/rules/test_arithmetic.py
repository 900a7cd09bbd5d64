"""Money and days against exact fractions and the plain words of the law."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otsp_compliance.rules.outcome import Breach
from otsp_compliance.rules.wording import found_zh

FEE = "funds/fee_items/F1"
SLOT = "courses/K1/classes/K1-1/slots"
TODAY = date(2024, 10, 15)

quickly = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
days = st.integers(-800, 800).map(lambda number: TODAY + timedelta(days=number))
fen = st.integers(0, 20_000_000)
basis_points = st.integers(0, 20_000)


@quickly
@given(
    amount=fen,
    lessons=st.integers(1, 60),
    minutes=st.integers(20, 120),
    cap=st.integers(100, 20_000),
    above=st.integers(0, 3_000),
)
def test_the_guide_price_is_kept_to_the_fen(offenders, amount, lessons, minutes, cap, above):
    """Of a lesson of 45 minutes in a class of 10 to 35, and the float on top (FND-007)."""
    changes = {
        f"{FEE}/amount_fen": amount,
        f"{FEE}/lesson_count": lessons,
        "region/price_cap_fen": {"offline": {"m": cap}},
        "region/price_float_bp": above,
        "courses/K2/fee_item_id": None,
        f"{SLOT}/0/lesson_minutes": minutes,
        SLOT: lambda slots: slots[:1],
    }
    price_of_45 = Fraction(amount, lessons) * Fraction(45, minutes)
    most = cap * (1 + Fraction(above, 10_000))

    assert offenders("FND-007", "A", changes) == ({"F1"} if price_of_45 > most else None)


@quickly
@given(deposit=fen, cycle=fen, more=st.integers(0, 10_000))
def test_the_deposit_covers_its_share_of_a_cycle_to_the_fen(offenders, deposit, cycle, more):
    changes = {
        "funds/supervision/mode": "both",
        "funds/supervision/deposit_balance_fen": deposit,
        "funds/supervision/cycle_total_fen": cycle,
        "region/deposit_ratio_bp": 10_000 + more,
    }
    is_short = deposit < cycle * Fraction(10_000 + more, 10_000)

    assert offenders("FND-006", "A", changes) == (set() if is_short else None)


@quickly
@given(first=days, last=days)
def test_a_licence_holds_from_its_first_day_to_its_last(offenders, first, last):
    changes = {"licence/valid_from": first.isoformat(), "licence/valid_to": last.isoformat()}
    left = (last - TODAY).days

    assert offenders("LIC-002", "A", changes) == (None if first <= TODAY <= last else set())
    assert offenders("LIC-003", "A", changes) == (set() if 0 <= left < 30 else None)


@quickly
@given(hired=days, checked=st.none() | days)
def test_records_are_checked_within_a_year_after_the_first(offenders, hired, checked):
    changes = {
        "staff/T1/hired_on": hired.isoformat(),
        "staff/T1/annual_check_on": checked and checked.isoformat(),
    }
    is_due = (TODAY - hired).days > 365
    is_late = is_due and (checked is None or (TODAY - checked).days > 366)

    assert offenders("STF-009", "A", changes) == ({"T1"} if is_late else None)


@quickly
@given(used=days, kept=st.integers(0, 2_000))
def test_material_is_kept_three_years_of_days(offenders, used, kept):
    changes = {
        "materials/B1/status": "purged",
        "materials/B1/used_until": used.isoformat(),
        "materials/B1/purged_on": (used + timedelta(days=kept)).isoformat(),
    }

    assert offenders("MAT-006", "A", changes) == ({"B1"} if kept < 3 * 365 else None)


@given(fen)
def test_money_is_said_to_the_fen(amount):
    said = found_zh(Breach((), "/funds/fee_items/0/amount_fen", found=amount))

    assert Fraction(said.removesuffix("元").replace(",", "")) == Fraction(amount, 100)


@pytest.mark.parametrize(
    ("pointer", "found", "words"),
    [
        ("/funds/fee_items/0/amount_fen", 500_001, "5,000.01元"),
        ("/funds/fee_items/0/amount_fen", 500_000, "5,000元"),
        ("/funds/fee_items/0/amount_fen", -1, "-0.01元"),
        ("/sites/0/teaching_area_centi_m2", 5_205, "52.05平方米"),
        ("/staff/0/quals", ("teacher_cert", "art_title"), "教师资格证、艺术职称"),
        ("/staff/0/quals", (), "无"),
        ("/staff/0/quals", None, "未填写"),
        ("/licence/status", "returned", "已交回"),
        ("/rectifications/0/status", "returned", "核验退回"),
        ("/courses/0/name", "math", "math"),
        ("/staff/0/contract_signed", False, "否"),
    ],
)
def test_values_are_said_as_people_read_them(pointer, found, words):
    assert found_zh(Breach((), pointer, found=found)) == words
