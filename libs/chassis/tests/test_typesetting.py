"""Documents are typeset in a process of their own: deterministic, bounded, data never markup."""

import io
from datetime import UTC, datetime

import pypdfium2
import pytest

from otsp_chassis import fonts
from otsp_chassis.typesetting import DocumentFontMissing, TypesetterUnavailable, running, typeset

AT = datetime(2024, 10, 15, 3, tzinfo=UTC)
TEMPLATE = """
#set text(font: sys.inputs.font, lang: "zh")
#json(bytes(sys.inputs.data)).words
"""
ENDLESS = "#let go(n) = { while true { n += 1 } }\n#go(1)"


@pytest.fixture(autouse=True)
def _inside(kit):
    with kit.active():
        yield


def text_of(document):
    return pypdfium2.PdfDocument(io.BytesIO(document))[0].get_textpage().get_text_bounded()


def test_the_same_is_the_same_to_the_byte():
    first = typeset(TEMPLATE, {"words": "校外培训机构合规证书"}, at=AT)

    assert typeset(TEMPLATE, {"words": "校外培训机构合规证书"}, at=AT) == first
    assert text_of(first) == "校外培训机构合规证书"


def test_data_are_never_markup():
    words = "#panic() *粗体* $a$ @见 \\ {{ }}"

    assert text_of(typeset(TEMPLATE, {"words": words}, at=AT)) == words


def test_without_a_chinese_font_it_says_which_package_to_install(monkeypatch):
    monkeypatch.setattr(fonts, "FONTS", ())

    with pytest.raises(DocumentFontMissing, match="fonts-wqy-microhei"):
        typeset(TEMPLATE, {"words": "字"}, at=AT)


def test_what_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(running, "RUN_SECONDS", 1.0)

    with pytest.raises(TypesetterUnavailable):
        typeset(ENDLESS, {}, at=AT)


def test_a_template_that_fails_is_told_and_leaves_its_turn(monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_SECONDS", 0.0)

    for _ in range(running.AT_ONCE + 1):
        with pytest.raises(TypesetterUnavailable):
            typeset("#panic()", {}, at=AT)
    assert typeset(TEMPLATE, {"words": "字"}, at=AT)


def test_when_all_turns_are_taken_it_says_to_come_later(monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_SECONDS", 0.0)
    for _ in range(running.AT_ONCE):
        running._turns.acquire()
    try:
        with pytest.raises(TypesetterUnavailable):
            typeset(TEMPLATE, {"words": "字"}, at=AT)
    finally:
        for _ in range(running.AT_ONCE):
            running._turns.release()
