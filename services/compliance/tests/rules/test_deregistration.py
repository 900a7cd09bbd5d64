"""DER beyond the table of `cases`: exceptions, and nothing typed at all."""

from datetime import date

import pytest


@pytest.fixture
def found(close):
    """Rule ids and object ids found when sample A, emptied, closes with these differences."""

    def find(typed=None, exceptions=None):
        findings = close({}, {} if typed is None else typed, exceptions=exceptions).findings
        return {one.rule_id: set(one.object_ids) for one in findings if not one.exception_reason}

    return find


def test_a_settled_institution_may_close(found):
    assert found() == {}


def test_a_missing_notice_may_be_excused(found):
    unannounced = {"notice_published_on": None}

    assert found(unannounced) == {"DER-006": set()}
    assert found(unannounced, exceptions={"DER-006": "双减转型"}) == {}


def test_without_anything_typed_nothing_passes(close):
    evaluation = close({}, None)

    assert {one.rule_id for one in evaluation.findings} == {"CMP-000"}
    unjudged = {one.message_zh.split("：")[1] for one in evaluation.findings}
    assert unjudged == {f"DER-{number:03}" for number in (2, 3, 4, 6, 8, 10)}
    assert evaluation.as_of == date(2024, 10, 15)
