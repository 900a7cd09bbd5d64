"""What a line of a legacy file may hold, and the hashes that its passwords are checked by."""

import base64
import hashlib

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otsp_auth.rules.legacy_hashes import SCHEMES, LegacyHash
from otsp_auth.rules.legacy_rows import (
    OPTIONAL,
    SOURCES,
    WANTED,
    UnsoundRow,
    header_faults,
    name_key,
    read_row,
    split_source,
)
from otsp_contracts.values import InvalidValue, uscc_check_digit

PASSWORD, SALT = "培训-2021-mima", "k3v"
NUMBER = "52330106MJ0000001" + uscc_check_digit("52330106MJ0000001")
NAMES = (*WANTED, *OPTIONAL)
LINE = {
    "legacy_username": "qiming",
    "legacy_password_hash": hashlib.md5(PASSWORD.encode()).hexdigest(),
    "hash_scheme": "md5",
    "institution_name": "西湖启明培训学校",
    "uscc": NUMBER,
    "licence_no": "教民133010670000001号",
    "region_code": "330106",
    "categories": "subject",
    "salt": "",
    "mobile": "",
}


def hashed(scheme: str, password: str = PASSWORD, salt: str = SALT) -> bytes:
    """As a legacy platform would have made it: written out here, not taken from the code."""
    given, taste = password.encode(), salt.encode()
    return {
        "md5": lambda: hashlib.md5(given),
        "md5_salt_password": lambda: hashlib.md5(taste + given),
        "md5_password_salt": lambda: hashlib.md5(given + taste),
        "sha1": lambda: hashlib.sha1(given),
        "sha1_salt_password": lambda: hashlib.sha1(taste + given),
        "sha1_password_salt": lambda: hashlib.sha1(given + taste),
        "sha256": lambda: hashlib.sha256(given),
        "sha256_salt_password": lambda: hashlib.sha256(taste + given),
        "sha256_password_salt": lambda: hashlib.sha256(given + taste),
    }[scheme]().digest()


def salt_of(scheme: str) -> str:
    return SALT if SCHEMES[scheme].is_salted else ""


def row(**changed: str):
    cells = LINE | changed
    return read_row(NAMES, [cells[name] for name in NAMES])


def reason(**changed: str) -> str:
    with pytest.raises(UnsoundRow) as fault:
        row(**changed)
    return fault.value.reason


DIGESTS = [scheme for scheme in SCHEMES if scheme != "bcrypt"]


@pytest.mark.parametrize("scheme", DIGESTS)
def test_right_password_matches_and_a_wrong_one_does_not(scheme):
    known = LegacyHash.parse(scheme, hashed(scheme).hex(), salt_of(scheme))

    assert known.matches(PASSWORD)
    assert not known.matches(PASSWORD + " ")
    assert not known.matches(PASSWORD.upper())


@pytest.mark.parametrize("prefix", ["2a", "2b", "2y"])
def test_bcrypt_of_either_age_matches(prefix):
    made = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    known = LegacyHash.parse("bcrypt", f"${prefix}{made[3:]}")

    assert known.matches(PASSWORD)
    assert not known.matches("wrong")


def test_bcrypt_reads_72_bytes_of_a_password_as_it_always_did():
    made = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()

    assert LegacyHash.parse("bcrypt", made).matches("x" * 100)
    assert not LegacyHash.parse("bcrypt", made).matches("x" * 71)


@pytest.mark.parametrize("scheme", DIGESTS)
def test_digest_may_be_written_in_any_of_the_usual_ways(scheme):
    digest = hashed(scheme)
    ways = {
        digest.hex(),
        digest.hex().upper(),
        base64.b64encode(digest).decode(),
        base64.b64encode(digest).decode().rstrip("="),
        base64.urlsafe_b64encode(digest).decode(),
    }

    assert {LegacyHash.parse(scheme, way, salt_of(scheme)).digest for way in ways} == {digest.hex()}


def fault_of(scheme: str, digest: str) -> str | None:
    try:
        LegacyHash.parse(scheme, digest)
    except InvalidValue as fault:
        return fault.code
    return None


@given(st.text(max_size=80), st.sampled_from(["md5", "sha256", "bcrypt"]))
def test_text_that_is_no_digest_is_refused_and_nothing_else_happens(text, scheme):
    assert fault_of(scheme, text) in {None, "legacy_password_hash"}


@pytest.mark.parametrize(
    ("scheme", "digest", "salt", "column"),
    [
        ("md4", "0" * 32, "", "hash_scheme"),
        ("", "0" * 32, "", "hash_scheme"),
        ("md5", "0" * 40, "", "legacy_password_hash"),
        ("md5", "", "", "legacy_password_hash"),
        ("sha256", "0" * 32, "", "legacy_password_hash"),
        ("md5", "0" * 32, "k3v", "salt"),
        ("md5_salt_password", "0" * 32, "", "salt"),
        ("md5_salt_password", "0" * 32, "x" * 129, "salt"),
        ("bcrypt", "$2b$04$tooshort", "", "legacy_password_hash"),
        ("bcrypt", "$2b$13$" + "a" * 53, "", "legacy_password_hash"),
        ("bcrypt", "$2b$03$" + "a" * 53, "", "legacy_password_hash"),
    ],
)
def test_hash_is_refused_at_its_column(scheme, digest, salt, column):
    with pytest.raises(InvalidValue) as fault:
        LegacyHash.parse(scheme, digest, salt)

    assert fault.value.code == column


def test_hash_shows_nothing_of_itself_and_survives_being_kept():
    known = LegacyHash.parse("md5_salt_password", hashed("md5_salt_password").hex(), SALT)

    assert known.digest not in repr(known)
    assert LegacyHash.from_text(known.to_text()) == known


def test_sound_line_becomes_normal_values():
    sound = row(
        legacy_username=" Qiming ",
        uscc=NUMBER.lower(),
        categories="学科类、非学科类",
        mobile="138 0000 0001",
        hash_scheme="MD5",
    )

    assert (sound.username, sound.uscc, sound.mobile) == ("Qiming", NUMBER, "13800000001")
    assert sound.categories == ("subject", "nonsubject")
    assert row(licence_no="").licence_no is None
    assert row(categories="subject|学科类").categories == ("subject",)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"legacy_username": ""}, "legacy_username 应为 1 至 64 个字符"),
        ({"legacy_username": "x" * 65}, "legacy_username"),
        ({"legacy_username": "a\x00b"}, "不含控制字符"),
        ({"institution_name": ""}, "institution_name"),
        ({"uscc": NUMBER[:17] + "0"}, "统一社会信用代码校验位错误"),
        ({"uscc": ""}, "应为18位"),
        ({"region_code": "999999"}, "行政区划代码不存在"),
        ({"region_code": "330100"}, "应精确到区县"),
        ({"hash_scheme": "whirlpool"}, "散列方式不受支持"),
        ({"legacy_password_hash": "zz"}, "md5 散列值应为 32 位十六进制字符"),
        ({"salt": "k3v"}, "不带盐"),
        ({"categories": "swimming"}, "categories"),
        ({"categories": ""}, "categories"),
        ({"mobile": "12345"}, "手机号应为11位数字"),
    ],
)
def test_fault_is_told_precisely_and_quotes_nothing(changed, words):
    told = reason(**changed)

    assert words in told
    assert all(len(value) < 3 or value not in told for value in changed.values())


def test_all_faults_of_a_line_are_told_at_once():
    told = reason(uscc="1", region_code="0", hash_scheme="x", mobile="2", legacy_username="")

    assert [name in told for name in ("uscc", "region_code", "hash_scheme", "mobile")] == [True] * 4
    assert "legacy_username" in told


def test_line_with_more_or_fewer_cells_is_refused():
    with pytest.raises(UnsoundRow) as fault:
        read_row(NAMES, ["qiming"])

    assert fault.value.reason == "应有 10 列，实有 1 列。"


def test_header_names_each_column_once_in_any_order():
    assert header_faults(WANTED[::-1]) == []
    assert header_faults(NAMES) == []
    assert header_faults([*WANTED[1:], "pwd", "pwd"]) == [
        "缺少列：legacy_username",
        "未知列：pwd",
        "重复列：pwd",
    ]


def test_name_is_one_in_any_case_and_may_say_its_platform():
    assert name_key(" Qiming") == name_key("qiMING")
    assert split_source("qiming@xwpx_offline") == ("qiming", "xwpx_offline")
    assert split_source("qiming@163.com") == ("qiming@163.com", None)
    assert SOURCES == ("xspx_online", "xwpx_offline")
