"""Check digits of organisations and citizens."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric as stdnum_ric
from stdnum.cn import uscc as stdnum_uscc

from otsp_contracts.values import (
    USCC,
    CitizenId,
    InvalidValue,
    cnid_check_digit,
    is_cnid,
    is_uscc,
    uscc_check_digit,
)

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
PUBLISHED_IDS = ["11010519491231002X", "440524188001010014", "34052419800101001X"]


@st.composite
def usccs(draw):
    letters = st.sampled_from(USCC_ALPHABET)
    first = draw(st.text(letters, min_size=2, max_size=2))
    region = draw(st.text("0123456789", min_size=6, max_size=6))
    rest = draw(st.text(letters, min_size=9, max_size=9))
    return first + region + rest + uscc_check_digit(first + region + rest)


@st.composite
def citizen_ids(draw):
    address = draw(st.sampled_from(["330199", "110199", "510199", "659912"]))
    born = draw(st.dates(date(1900, 1, 1), date(2020, 12, 31)))
    body = f"{address}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + cnid_check_digit(body)


def test_the_published_uscc_is_accepted():
    assert is_uscc("91512081MA62K0260E")
    assert USCC.parse("91512081MA62K0260E").region_code == "512081"


@pytest.mark.parametrize("text", ["52330106MJFAKE011P", "52110108MJFAKE02XN", "91510107MAFAKE0358"])
def test_the_sample_usccs_hold_in_both_their_check_digits(text):
    assert USCC.parse(text).organisation_code_is_sound


@pytest.mark.parametrize("text", PUBLISHED_IDS)
def test_the_published_citizen_numbers_are_accepted(text):
    assert is_cnid(text)


def test_a_citizen_number_tells_birth_and_sex_but_does_not_show_itself():
    citizen = CitizenId.parse("11010519491231002x")

    assert citizen.birth_date == date(1949, 12, 31)
    assert citizen.sex == "F"
    assert citizen.age_on(date(2024, 12, 30)) == 74
    assert citizen.age_on(date(2024, 12, 31)) == 75
    assert "1949" not in repr(citizen)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_format"),
        ("1101051949123100", "bad_format"),
        ("990105194912310025", "bad_format"),
        ("110105194913310025", "bad_date"),
        ("110105194902300025", "bad_date"),
        ("110105194912310020", "check_digit"),
        ("X1010519491231002X", "bad_format"),
    ],
)
def test_a_refused_citizen_number_says_why(text, code):
    with pytest.raises(InvalidValue) as refused:
        CitizenId.parse(text)

    assert refused.value.code == code
    assert refused.value.detail_zh
    assert not text or text not in str(refused.value)


def test_a_birth_after_today_is_refused_when_today_is_known():
    with pytest.raises(InvalidValue):
        CitizenId.parse("34052419800101001X", today=date(1979, 12, 31))

    assert CitizenId.parse("34052419800101001X", today=date(1980, 1, 1))


@given(usccs(), st.integers(0, 17), st.sampled_from(string.digits + string.ascii_uppercase))
def test_a_single_changed_character_of_a_uscc_is_refused(text, place, character):
    changed = text[:place] + character + text[place + 1 :]

    assert is_uscc(text)
    assert is_uscc(changed) == (changed == text)


@given(citizen_ids(), st.integers(0, 17), st.sampled_from(string.digits + "X"))
def test_a_single_changed_character_of_a_citizen_number_is_refused(text, place, character):
    changed = text[:place] + character + text[place + 1 :]

    assert is_cnid(text)
    assert is_cnid(changed) == (changed == text)


@given(usccs())
def test_the_uscc_check_digit_is_the_one_of_an_independent_library(text):
    assert stdnum_uscc.calc_check_digit(text[:-1]) == text[-1]


@given(citizen_ids())
def test_the_citizen_check_digit_is_the_one_of_an_independent_library(text):
    assert stdnum_ric.calc_check_digit(text) == text[-1]
