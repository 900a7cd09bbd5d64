"""What the statistics are told of an institution's funds and licence."""

from datetime import date, timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.db import transaction
from otsp_chassis.ids import new_id
from otsp_contracts.institution import InstitutionCountersChanged
from otsp_institution.model import FundsStatement, Institution, SchoolLicence, Supervision

TODAY = date(2024, 10, 15)
STATED = {"month": "2024-09", "as_of": date(2024, 9, 30), "stated_on": date(2024, 10, 1)}


@pytest.fixture
def told(kit, monkeypatch):
    monkeypatch.setattr(clock, "today", lambda: TODAY)

    def _told(*parts):
        """Of one institution with these parts: what is counted of it."""
        with kit.active(), transaction() as tx:
            tx.add(Institution(institution_id=(institution_id := new_id())))
            tx.flush()
            for kind, fields in parts:
                tx.add(kind(institution_id=institution_id, **fields))
                tx.flush()
        kit.run_job("tell_counters")
        [news] = [each.payload() for each in kit.published(InstitutionCountersChanged)]
        return {name: value for name, value in news.counters.model_dump().items() if value}

    return _told


def statement(statement_id=None, **fields):
    return FundsStatement, STATED | {"statement_id": statement_id or new_id()} | fields


@pytest.mark.parametrize(
    ("mode", "filed_on", "counters"),
    [
        (None, TODAY, {}),
        ("bank_custody", TODAY, {"mode_bank_custody": 1, "filed": 1}),
        ("risk_deposit", None, {"mode_risk_deposit": 1}),
        ("both", TODAY, {"mode_both": 1, "filed": 1}),
        ("exempt_post_pay", TODAY, {"mode_exempt_post_pay": 1}),
    ],
)
def test_fees_are_supervised_once_the_agreement_is_filed(told, mode, filed_on, counters):
    assert told((Supervision, {"mode": mode, "agreement_filed_on": filed_on})) == counters


def test_money_is_that_of_the_latest_month_as_corrected(told):
    corrected = new_id()
    counters = told(
        statement(balance_fen=9, month="2024-08", as_of=date(2024, 8, 31)),
        statement(corrected, balance_fen=7),
        statement(corrects_id=corrected, reason="漏记", balance_fen=5, cycle_total_fen=3),
    )

    assert counters == {"balance_fen": 5, "cycle_total_fen": 3}


@pytest.mark.parametrize(("mode", "stated"), [("both", 1), ("bank_custody", 0)])
def test_a_deposit_is_stated_where_one_is_due(told, mode, stated):
    counters = told(
        (Supervision, {"mode": mode}), statement(deposit_balance_fen=0, cycle_total_fen=100)
    )

    assert counters.get("deposit_stated", 0) == stated


@pytest.mark.parametrize(
    ("days", "status", "expected"),
    [
        (0, "valid", {"licences", "licences_expiring_30", "licences_expiring_90"}),
        (30, "valid", {"licences", "licences_expiring_30", "licences_expiring_90"}),
        (31, None, {"licences", "licences_expiring_90"}),
        (91, "valid", {"licences"}),
        (-1, "valid", {"licences", "licences_expired"}),
        (91, "expired", {"licences", "licences_expired"}),
        (10, "revoked", set()),
        (10, "returned", set()),
    ],
)
def test_a_licence_expires_within_days_of_today(told, days, status, expected):
    fields = {"licence_no": "教民133010670000001", "valid_to": TODAY + timedelta(days=days)}

    assert set(told((SchoolLicence, fields | {"status": status}))) == expected
