"""Cleaning of typed text, permits, contacts, money, periods, times, regions."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otsp_contracts import regions, values
from otsp_contracts.values import (
    BankAccount,
    Email,
    Fen,
    InvalidValue,
    Mobile,
    Period,
    TeacherCertNo,
    TimeOfDay,
    normalise_code,
    normalise_text,
)
from otsp_contracts.values.formats import FORMATS

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}

fens = st.integers(-(10**13), 10**13).map(Fen)


@given(st.text())
def test_normalising_twice_changes_nothing_more(text):
    assert normalise_text(normalise_text(text)) == normalise_text(text)
    assert normalise_code(normalise_code(text)) == normalise_code(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (values.USCC, "91512081MA62K0260E"),
        (values.CitizenId, "11010519491231002X"),
        (values.LicenceNo, "教民133010670009901号"),
        (values.LicenceNo, "教民3301067000990号"),
        (values.TeacherCertNo, "20193300141000901"),
        (values.TeacherCertNo, "193300141000901"),
        (values.IcpNo, "京ICP备2021099999号-1"),
        (values.IcpNo, "陕ICP备15002899号"),
        (values.IcpNo, "京ICP证030173号"),
        (values.IcpNo, "京ICP备12345678号-2A"),
        (values.VatLicenceNo, "京B2-20219999"),
        (values.VatLicenceNo, "合字B2-20200001"),
        (values.VatLicenceNo, "B2-20200001"),
        (values.MlpsNo, "11010899999-21001"),
        (values.PsbNo, "川公网安备51010402000252号"),
        (values.Mobile, "13800000001"),
        (values.Tel, "0571-88001234"),
        (values.Tel, "88001234-801"),
        (values.Tel, "13800000001"),
        (values.Email, "Zhao.Jia+x@mail.example.cn"),
        (values.Zip6, "310012"),
        (values.BankAccount, "33010000099990001"),
        (values.Region6, "330106"),
    ],
)
def test_a_value_is_read_however_wide_and_padded_it_was_typed(kind, text):
    typed = f" {text.translate(FULL_WIDTH)}\u3000"

    assert kind.parse(typed) == kind.parse(text)
    assert str(kind.parse(text)) == text


@pytest.mark.parametrize(
    ("accepts", "text"),
    [
        (values.is_licence_no, "教民13301067000990号"),
        (values.is_teacher_cert_no, "2019330014100090"),
        (values.is_icp_no, "ICP备2021099999号"),
        (values.is_icp_no, "京ICP备12345号"),
        (values.is_vat_licence_no, "京B2-2021999"),
        (values.is_mlps_no, "1101089999921001"),
        (values.is_psb_no, "川公网安备5101040200025号"),
        (values.is_mobile, "12800000001"),
        (values.is_tel, "0571-880"),
        (values.is_email, "a@b"),
        (values.is_email, "a..b@example.cn"),
        (values.is_email, "a" * 90 + "@example.cn"),
        (values.is_zip6, "31001"),
        (values.is_bank_account, "1234567"),
        (values.is_region6, "330199"),
        (values.is_time_hm, "24:00"),
        (values.is_time_hm, "8:00"),
    ],
)
def test_what_is_not_a_value_is_refused(accepts, text):
    assert not accepts(text)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_format_of_the_http_contracts_says_why_it_refuses(name):
    code, detail = FORMATS[name]("?")

    assert code in {"bad_format", "unknown_region"}
    assert "\u4e00" <= detail[0] <= "\u9fff" or detail.startswith("ICP")


def test_a_format_of_the_http_contracts_is_silent_about_a_good_value():
    assert FORMATS["uscc18"]("91512081MA62K0260E") is None


def test_numbers_of_persons_do_not_show_in_a_representation():
    shown = repr([Mobile.parse("13800000001"), BankAccount.parse("33010000099990001")])

    assert "0000" not in shown
    assert "example" not in repr(Email.parse("a@example.cn"))


def test_a_teacher_certificate_tells_its_stage():
    assert TeacherCertNo.parse("20193300141000901").stage == "senior"
    assert TeacherCertNo.parse("20193300161000901").stage == "vocational_secondary"
    assert TeacherCertNo.parse("20193300191000901").stage is None
    assert TeacherCertNo.parse("193300141000901").stage is None


@given(fens, fens)
def test_adding_and_taking_away_money_cancel_out(one, other):
    assert one + other - other == one
    assert one - other == -(other - one)


@given(fens, st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_money_times_counts_adds_up(amount, some, more):
    assert amount * some + more * amount == amount * (some + more)


@given(fens)
def test_money_is_read_back_as_it_was_written(amount):
    assert Fen.parse(str(amount)) == amount


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1234.5", 123450), ("￥1,234.50", 123450), ("1234元", 123400), ("-0.01", -1), ("０.５", 50)],
)
def test_yuan_are_read_as_people_type_them(text, fen):
    assert Fen.parse(text) == Fen(fen)


@pytest.mark.parametrize("text", ["", "1.234", "1,23", "12,34.5", "1e3", "一千"])
def test_doubtful_money_is_refused(text):
    with pytest.raises(InvalidValue):
        Fen.parse(text)


def test_a_share_is_rounded_half_up():
    assert Fen(333).share(5000) == Fen(167)
    assert Fen(100).share(10000) == Fen(100)


def test_a_period_holds_both_its_ends():
    period = Period.parse("2024-01-01/2024-12-31")

    assert date(2024, 1, 1) in period
    assert date(2024, 12, 31) in period
    assert date(2025, 1, 1) not in period
    assert period.days_left(date(2024, 12, 1)) == 30
    assert str(period) == "2024-01-01/2024-12-31"


def test_a_period_for_good_has_no_end():
    period = Period.parse("2024-01-01/")

    assert date(2999, 1, 1) in period
    assert period.days_left(date(2024, 1, 1)) is None
    assert period.overlaps(Period(date(2030, 1, 1), date(2030, 1, 2)))
    assert not period.overlaps(Period(date(2020, 1, 1), date(2023, 12, 31)))


@pytest.mark.parametrize(
    "text", ["2024-01-01", "2024-02-30/2024-03-01", "2024-03-01/2024-02-01", "x/"]
)
def test_an_impossible_period_is_refused(text):
    with pytest.raises(InvalidValue):
        Period.parse(text)


def test_a_session_may_end_at_midnight_but_not_after():
    assert str(TimeOfDay.parse("18：30").plus(100)) == "20:10"
    assert str(TimeOfDay.parse("23:00").plus(60)) == "24:00"

    with pytest.raises(InvalidValue):
        TimeOfDay.parse("23:00").plus(61)


def test_times_compare_as_times():
    assert TimeOfDay.parse("08:30") < TimeOfDay.parse("20:30")


@pytest.mark.parametrize(
    ("code", "level", "above", "name"),
    [
        ("330106", "county", "330100", "浙江省杭州市西湖区"),
        ("330100", "city", "330000", "浙江省杭州市"),
        ("330000", "province", None, "浙江省"),
        ("110108", "county", "110000", "北京市海淀区"),
        ("500235", "county", "500000", "重庆市云阳县"),
        ("429004", "county", "420000", "湖北省仙桃市"),
        ("441900", "city", "440000", "广东省东莞市"),
    ],
)
def test_a_region_knows_its_level_its_parent_and_its_name(code, level, above, name):
    assert regions.level(code) == level
    assert regions.parent(code) == above
    assert regions.full_name(code) == name


def test_every_region_lies_in_a_region_of_the_table():
    for province in regions.children():
        below = [province]
        while below:
            region = below.pop()
            above = regions.parent(region.code)
            assert above is None or regions.find_region(above) is not None
            below.extend(regions.children(region.code))


def test_the_table_has_all_provinces_and_about_3200_divisions():
    def count(code):
        return sum(1 + count(region.code) for region in regions.children(code))

    assert len(regions.children()) == 34
    assert 3200 <= count(None) <= 3250


@pytest.mark.parametrize(
    ("code", "expected"),
    [("330106", True), ("441900", True), ("330100", False), ("710000", False), ("330199", False)],
)
def test_institutions_are_registered_at_the_lowest_level(code, expected):
    assert regions.is_lowest(code) is expected
