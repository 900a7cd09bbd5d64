"""Decisions on plain data."""

from datetime import UTC, datetime, timedelta

import pytest

from otsp_auth.rules import bearers, entry, limits, password_policy, roles
from otsp_auth.rules.bearers import Kind

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DENGBAO = password_policy.PROFILES["dengbao3"]


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("Xihu-2026-peixun", []),
        ("abcdefgh12", ["too_simple"]),
        ("abcdefghiJ1", []),
        ("abcdefgh1-", []),
        ("Abcdefgh1", ["too_short"]),
        ("abc", ["too_short", "too_simple", "commonplace"]),
        ("ABCDEFGH12密", []),
        ("密码密码密码密码密码", ["too_simple", "commonplace"]),
        ("云栖竹径九溪烟树梅坞龙井", ["too_simple"]),
    ],
)
def test_password_has_ten_characters_of_three_classes(password, codes):
    faults = password_policy.check_password("/password", password, DENGBAO)

    assert [each.code for each in faults] == codes


def test_password_that_failed_its_schema_is_not_judged_again():
    assert list(password_policy.check_password("/password", None, DENGBAO)) == []
    assert list(password_policy.check_password_change({}, DENGBAO)) == []


@pytest.mark.parametrize(
    ("level", "region_code", "above"),
    [
        ("county", "330106", "330100"),
        ("city", "330100", "330000"),
        ("province", "330000", "000000"),
        ("national", "000000", None),
        ("county", "110105", "110000"),
        ("county", "429004", "420000"),
    ],
)
def test_next_authority_sits_in_the_next_region(level, region_code, above):
    assert entry.region_above(level, region_code) == above


@pytest.mark.parametrize(
    ("level", "region_code", "codes"),
    [
        ("county", "330106", []),
        ("national", "000000", []),
        ("national", "330000", ["wrong_level"]),
        ("county", "000000", ["unknown_region"]),
        ("city", "330106", ["wrong_level"]),
        (None, "330106", []),
    ],
)
def test_authority_sits_in_a_region_of_its_level(level, region_code, codes):
    faults = entry.check_authority({"level": level, "region_code": region_code})

    assert [each.code for each in faults] == codes


@pytest.mark.parametrize(
    ("ages", "may"),
    [([], True), ([60], True), ([59], False), ([60 * n for n in range(1, 11)], False)],
)
def test_texts_are_spaced_and_numbered(ages, may):
    sent = [NOW - timedelta(seconds=age) for age in ages]

    assert limits.may_send_code(sent, NOW, pause=timedelta(seconds=60), per_day=10) is may


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer " + "a" * 43, "a" * 43),
        ("bearer  " + "_-" * 21 + "A", "_-" * 21 + "A"),
        ("Bearer " + "a" * 42, None),
        ("Bearer " + "a" * 43 + " x", None),
        ("Bearer otsp_" + "a" * 43, "otsp_" + "a" * 43),
        ("Bearer OTSP_" + "a" * 43, None),
        ("Bearer other_" + "a" * 43, None),
        ("a" * 43, None),
        (None, None),
    ],
)
def test_bearer_header_carries_a_token_of_ours_or_none(header, token):
    assert bearers.bearer_token(header) == token


@pytest.mark.parametrize("kind", list(Kind))
def test_token_of_every_kind_is_known_by_its_form(kind):
    token = bearers.new_token(kind)

    assert bearers.bearer_token(f"Bearer {token}") == token
    assert bearers.kind_of(token) is kind
    assert bearers.bearer_token(f"Bearer {token}x") is None


def test_session_token_that_begins_like_a_key_is_a_sessions():
    assert bearers.kind_of("otsp_" + "a" * 38) is Kind.SESSION
    assert bearers.kind_of("otsp_" + "a" * 43) is Kind.API_KEY


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_addresses_are_counted_by_who_holds_them(address, group):
    assert limits.address_group(address) == group


def test_this_machine_is_known_by_both_its_addresses():
    assert [limits.is_loopback(each) for each in ("127.0.0.1", "::1", "10.0.0.1", "x")] == [
        True,
        True,
        False,
        False,
    ]


def test_every_role_can_see_its_own_account():
    assert all("account:self" in scopes for scopes in roles.ROLE_SCOPES.values())


def test_nobody_grants_the_highest_role():
    granted = set().union(*roles.GRANTABLE.values())

    assert granted == {"reviewer", "region_admin", "auditor", "operator"}
