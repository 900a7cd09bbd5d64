"""The catalogue: Chinese only, every key that is asked for exists, none is forgotten."""

import re
from string import Formatter

import pytest

from otsp_portal.texts import catalogue, state_text, state_tone, text, text_pattern

LATIN_ALLOWED = {"PDF", "JPG", "PNG", "MP4", "MB", "X", "I", "O", "S", "V", "Z", "name@example.cn"}
ASKED = re.compile(r"""\b(?:text|text_pattern)\(\s*["']([a-z0-9_.]+)["']\s*[,)]""")
COMPOSED = re.compile(r"err\.\d+\.(title|text)|btn\.create\.\w+")
"""Keys that are put together where they are asked for."""
STATE_ASKED = re.compile(
    r"""\b(?:state_tag|state_text|state_tone)\(\s*["']([a-z0-9_.]+)["']\s*[,)]"""
)


@pytest.fixture
def sources(package):
    files = [*package.rglob("*.html"), *package.rglob("*.py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _sentences():
    for key, words in catalogue().items():
        if isinstance(words, str):
            yield key, words
        else:
            yield from ((key, words[side]) for side in ("institution", "authority") if words[side])


def test_words_are_chinese():
    foreign = [
        (key, found)
        for key, sentence in _sentences()
        for found in re.findall(
            r"[A-Za-z@.]*[A-Za-z][A-Za-z0-9@.]*", re.sub(r"\{\w+\}", "", sentence)
        )
        if found not in LATIN_ALLOWED
    ]

    assert foreign == []


def test_words_are_written_by_the_rules_of_the_house():
    said = [
        (key, sentence)
        for key, sentence in _sentences()
        if re.search(r"[！!?]|我们|非法|[,;](?=[\u4e00-\u9fff])|\{[^}]*$|确定|(?i:ok)", sentence)
        or sentence != sentence.strip()
    ]

    assert said == []


def test_buttons_say_no_please():
    assert [
        key
        for key, sentence in _sentences()
        if key.startswith("btn.") and "请" in sentence.replace("申请", "")
    ] == []


def test_every_text_that_is_asked_for_exists(sources):
    assert [
        key for key in ASKED.findall(sources) if not isinstance(catalogue().get(key), str)
    ] == []
    assert [
        key
        for key in STATE_ASKED.findall(sources)
        if f"st.{key.removeprefix('st.')}" not in catalogue()
    ] == []


def test_every_text_is_asked_for(sources):
    quoted = set(re.findall(r"""["']([a-z0-9_.]+)["']""", sources))
    unused = {key for key in catalogue() if not key.startswith("st.") and key not in quoted}

    assert {key for key in unused if not COMPOSED.fullmatch(key)} == set()


def test_parameters_are_filled():
    assert text("val.decimals", label="金额", n=2) == "金额最多2位小数"
    assert text_pattern("btn.sms.wait") == "{n}秒后可重新获取"
    with pytest.raises(KeyError):
        text("val.decimals", label="金额")
    with pytest.raises(KeyError):
        text("no.such.words")


def test_parameters_are_plain_names():
    assert [
        (key, name)
        for key, sentence in _sentences()
        for _, name, spec, conversion in Formatter().parse(sentence)
        if name is not None and (not name.isidentifier() or spec or conversion)
    ] == []


def test_what_a_person_typed_stays_text(render):
    page = render("{{ text('cf.delete.title', name=name) }}", name="<b>舞</b>")

    assert page == "删除“&lt;b&gt;舞&lt;/b&gt;”？"


def test_each_side_has_its_own_words_for_a_state():
    assert state_text("app.in_review", "institution", k=1, n=2) == "审核中（第1步，共2步）"
    assert state_text("st.app.in_review", "authority") == "审核中"
    assert state_tone("app.in_review") == "info"
    with pytest.raises(KeyError):
        state_text("app.draft", "authority")
    with pytest.raises(KeyError):
        state_text("btn.save", "authority")
