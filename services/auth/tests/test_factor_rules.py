"""One-time passwords on plain data: the examples of RFC 6238, steps that are near, steps used."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from otsp_auth.rules.duties import ACCOUNT_ALONE, Duty, duties_of, scopes_under
from otsp_auth.rules.factors import (
    bare_recovery_code,
    enrolment_uri,
    matching_step,
    needs_second_factor,
)
from otsp_auth.rules.roles import ROLE_SCOPES
from otsp_auth.rules.session_life import device_told

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds, code):
    """RFC 6238, appendix B, SHA-1; the last six of its eight digits."""
    moment = datetime.fromtimestamp(seconds, UTC)

    assert matching_step(SECRET, code, moment, after=None) == seconds // 30


@pytest.mark.parametrize(
    ("off", "is_good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_code_is_of_a_step_that_is_near(off, is_good):
    code = pyotp.TOTP(SECRET).generate_otp(STEP + off)

    assert (matching_step(SECRET, code, NOW, after=None) is not None) is is_good


def test_step_that_was_used_is_not_good_again_nor_one_before_it():
    codes = [pyotp.TOTP(SECRET).generate_otp(STEP + off) for off in (-1, 0, 1)]

    found = [matching_step(SECRET, code, NOW, after=STEP) for code in codes]

    assert found == [None, None, STEP + 1]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_matches_nothing(code):
    assert matching_step(SECRET, code, NOW, after=None) is None


def test_enrolment_uri_names_platform_account_and_secret():
    uri = urlsplit(enrolment_uri(SECRET, "xihu.shenhe"))

    assert unquote(uri.path) == "/校外培训监管平台:xihu.shenhe"
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["校外培训监管平台"]}


def test_recovery_code_is_read_as_people_type_it():
    assert {
        bare_recovery_code(typed) for typed in ("ab2de-fg3hi", "AB2DE FG3HI", "ab2defg3hi")
    } == {"ab2defg3hi"}


def test_everybody_but_institutions_needs_a_second_factor():
    assert {role for role in ROLE_SCOPES if not needs_second_factor(role)} == {"inst_admin"}


@pytest.mark.parametrize("role", sorted(ROLE_SCOPES))
def test_who_lacks_a_factor_has_the_own_account_and_nothing_else(role):
    duties = duties_of(
        must_change_password=False, must_complete_information=False, lacks_second_factor=True
    )

    assert duties == {Duty.SECOND_FACTOR}
    assert scopes_under(role, duties) == ACCOUNT_ALONE


def test_next_code_comes_half_a_minute_later():
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=30))

    assert matching_step(SECRET, code, NOW + timedelta(seconds=30), after=STEP) == STEP + 1


@pytest.mark.parametrize(
    ("said", "told"), [(None, None), ("", None), ("x", "x"), ("x" * 201, "x" * 200)]
)
def test_device_is_told_in_few_words(said, told):
    assert device_told(said) == told
