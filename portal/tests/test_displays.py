"""What the API answers, as people read it."""

import pytest

from otsp_portal.displays import in_words, told
from otsp_portal.forms.fields import Field
from otsp_portal.words import region_name, regions_called, word

STAGES = (("kindergarten", "学龄前儿童"), ("primary", "小学生"))


def asked(kind, **more):
    return Field(name="x", label="项目", kind=kind, **more)


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("choice", "primary", "小学生"),
        ("choices", ["primary", "kindergarten"], "小学生、学龄前儿童"),
        ("choice", "unheard_of", "unheard_of"),
        ("choices", [], "未填写"),
        ("yesno", False, "否"),
        ("money", 1_234_500, "12,345.00元"),
        ("texts", ["舞蹈", "声乐"], "舞蹈、声乐"),
        ("text", None, "未填写"),
        ("file", "0192", "已上传"),
    ],
)
def test_a_value_is_read_as_people_say_it(kind, value, read):
    assert in_words(asked(kind, options=STAGES), value) == read


def test_rows_are_read_one_after_the_other_without_what_is_blank():
    rows = asked(
        "rows",
        fields=(
            Field(name="name", label="姓名", kind="text"),
            Field(name="stage", label="对象", kind="choice", options=STAGES),
        ),
    )

    assert (
        in_words(rows, [{"name": "甲", "stage": "primary"}, {"name": "乙", "stage": None}])
        == "甲，小学生；乙"
    )


def test_whatever_is_told_where_no_form_is_has_words():
    assert told([True, {"kind": "甲", "note": ""}, 3]) == "是、甲、3"
    assert told({}) == "未填写"


def test_a_code_without_a_word_is_told_as_it_is_and_nothing_as_a_dash():
    assert word("unheard_of", "auth.role") == "unheard_of"
    assert word(None, "auth.role") == "—"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("330106", ["330106"]),
        ("浙江省杭州市西湖区", ["330106"]),
        ("杭州市 西湖区", ["330106"]),
        ("西湖区", ["330106", "360103", "420112"]),
        ("999999", []),
        ("没有这个区", []),
    ],
)
def test_a_division_is_found_by_its_code_or_by_the_end_of_its_name(typed, meant):
    found = regions_called(typed)

    assert [code for code, _name in found] == meant
    assert [name for _code, name in found] == [region_name(code) for code in meant]
