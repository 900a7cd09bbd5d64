"""What a page is held to must not depend on the names that its tests draw."""

from otsp_testkit.pages import Page, numbered

DRAWS = 500
FRAME = (
    "<html lang=zh-CN><title>{0} - 校外教育培训监管与服务综合平台</title>"
    "<h1>{0}</h1><p>{0}（办学点）</p></html>"
)


def test_a_name_with_a_number_is_never_read_as_english():
    names = {numbered("教学点") for _ in range(DRAWS)}

    assert len(names) > DRAWS - 5
    assert [fault for name in names for fault in Page(FRAME.format(name)).faults()] == []


def test_a_word_behind_a_chinese_name_is():
    assert "English: '教学点fab773（办学点）'" in Page(FRAME.format("教学点fab773")).faults()
