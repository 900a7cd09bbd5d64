"""DER beyond the table of `cases`: exceptions, and nothing typed at all."""

from datetime import date, timedelta

import pytest

from otsp_compliance.rules.asking import asked_again_after
from otsp_compliance.rules.closing import Closing


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


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("repeats", "first", "minutes"),
    [
        (0, MINUTE, 1),
        (1, MINUTE, 2),
        (5, MINUTE, 32),
        (6, MINUTE, 60),
        (999, MINUTE, 60),
        (0, 90 * MINUTE, 90),
        (3, 90 * MINUTE, 90),
    ],
)
def test_a_silent_service_is_asked_ever_more_rarely_and_once_an_hour_at_least(
    repeats, first, minutes
):
    assert asked_again_after(repeats, first=first) == minutes * MINUTE


def test_what_was_typed_is_the_same_after_it_was_kept():
    closing = Closing(reason="revoked", stop_on=date(2024, 9, 30), revocation_doc_no="7号")

    assert Closing.of(closing.typed()) == closing
    assert closing.is_by_authority
    assert not Closing(reason="revoked").is_by_authority


def test_whoever_was_closed_by_the_authority_is_blocked_by_nothing_and_asked_nothing(close):
    found = close({"licence/status": "valid"}, {"reason": "revoked"})

    told = found.for_reviewers()

    assert found.blocks
    assert {one.rule_id for one in told.findings} == {one.rule_id for one in found.findings}
    assert (told.blocks, told.to_acknowledge) == (False, frozenset())
    assert set(found.blocking) | set(found.warnings) == set(told.warnings)
