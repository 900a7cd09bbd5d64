"""DER: what must be settled before an institution closes."""

from dataclasses import replace
from datetime import date

import pytest

from otsp_compliance.rules.catalogue import closing_catalogue
from otsp_compliance.rules.closing import Closing
from otsp_compliance.rules.engine import judge as judge_facts
from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.parameters import NATIONAL

SETTLED = Closing(
    reason="voluntary",
    unrefunded_fen=0,
    unpaid_wages_fen=0,
    settlement_report_file_id="f-1",
    notice_published_on=date(2024, 4, 18),
    deregistration_proof_file_id="f-2",
    archive_keeper="示例保管人",
)
EMPTIED = {
    "licence/status": "returned",
    "funds/supervision/balance_fen": 0,
    "courses/K1/status": "closed",
    "courses/K2/classes/K2-1/status": "finished",
    "staff": [],
}


@pytest.fixture
def found(changed, calendar):
    """Rule ids and object ids found when sample A, emptied, closes with these differences."""

    def find(changes=None, closing=SETTLED, exceptions=None):
        facts = Facts(
            changed("A", EMPTIED | (changes or {})),
            as_of=date(2024, 10, 15),
            parameters=NATIONAL,
            calendar=calendar,
            closing=closing,
        )
        evaluation = judge_facts(facts, closing_catalogue(), exceptions or {})
        return {
            one.rule_id: set(one.object_ids)
            for one in evaluation.findings
            if not one.exception_reason
        }

    return find


def test_a_settled_institution_may_close(found):
    assert found() == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"courses/K1/status": "active"}, {"DER-001": {"K1-1"}}),
        ({"courses/K2/classes/K2-1/status": "in_session"}, {"DER-001": {"K2-1"}}),
        ({"licence/status": "valid"}, {"DER-005": set()}),
        ({"licence/status": "revoked"}, {}),
        ({"licence": None}, {}),
        ({"funds/supervision/balance_fen": 1}, {"DER-007": set()}),
        ({"funds/supervision/balance_fen": None}, {"CMP-000": set()}),
        ({"staff": [{"staff_id": "T9", "status": "employed"}]}, {"DER-009": {"T9"}}),
        ({"staff": [{"staff_id": "T9", "status": "departed"}]}, {}),
    ],
)
def test_what_the_snapshot_shows(found, changes, expected):
    assert found(changes) == expected


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        ({"unrefunded_fen": 1}, "DER-002"),
        ({"unrefunded_fen": None}, "CMP-000"),
        ({"unpaid_wages_fen": 1}, "DER-003"),
        ({"settlement_report_file_id": None}, "DER-004"),
        ({"notice_published_on": date(2024, 4, 19)}, "DER-006"),
        ({"notice_published_on": None}, "DER-006"),
        ({"deregistration_proof_file_id": None}, "DER-008"),
        ({"archive_keeper": None}, "DER-010"),
    ],
)
def test_what_the_institution_types(found, difference, expected):
    assert found(closing=replace(SETTLED, **difference)) == {expected: set()}


def test_only_who_closes_of_his_own_will_announces_it(found):
    assert found(closing=replace(SETTLED, reason="revoked", notice_published_on=None)) == {}


def test_a_missing_notice_may_be_excused(found):
    unannounced = replace(SETTLED, notice_published_on=None)

    assert found(closing=unannounced, exceptions={"DER-006": "双减转型"}) == {}


def test_without_anything_typed_nothing_passes(found):
    assert found(closing=None) == {"CMP-000": set()}
