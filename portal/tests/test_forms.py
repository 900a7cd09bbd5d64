"""Forms: what people type, what the API takes, and that nothing typed is lost."""

from types import SimpleNamespace

import pytest
from werkzeug.datastructures import MultiDict

from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Group, contract_fields, layout, plain
from otsp_portal.forms.kinds import NotRight, read, shown
from otsp_portal.gateway_client import Refusal


def _field(kind, **more):
    return Field(name="x", label="金额", kind=kind, pointer="/x", **more)


def _read(entry, **fields):
    return entry.read(SimpleNamespace(form=MultiDict(fields)))


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("money", "6,800", 680000),
        ("money", "６８００．５元", 680050),
        ("money", "", None),
        ("area", "52.25", 5225),
        ("percent", "33.33%", 3333),
        ("whole", "１２", 12),
        ("uscc", "５２３３ ０１０６-mjfake011p", "52330106MJFAKE011P"),
        ("id_no", "33019919850607991x", "33019919850607991X"),
        ("mobile", "138 0000-0001", "13800000001"),
        ("day", "20241015", "2024-10-15"),
        ("day", "2024年10月5日", "2024-10-05"),
        ("day", "2024.10.15", "2024-10-15"),
        ("month", "2024年3月", "2024-03"),
        ("time", "9:30", "09:30"),
        ("time", "19", "19:00"),
        ("region", "浙江省杭州市西湖区", "330106"),
        ("region", "330106", "330106"),
        ("yesno", "true", True),
        ("yesno", "", None),
        ("texts", "甲\n\n 乙 ", ["甲", "乙"]),
        ("days", "2024-10-01，20241002", ["2024-10-01", "2024-10-02"]),
        ("area_text", " 一\r\n二 ", "一\n二"),
    ],
)
def test_typed_text_is_read(kind, typed, value):
    assert read(typed, _field(kind)) == value


def test_a_list_of_which_nothing_was_chosen_is_empty_or_none_as_the_contract_wants_it():
    assert read(["", "甲"], _field("files")) == ["甲"]
    assert read([""], _field("files")) == []
    assert read([""], _field("files", is_none_when_blank=True)) is None
    named = {each.name: each for each in contract_fields("registration")}
    scans = named["legal_rep"].fields
    assert [each.name for each in scans if each.is_none_when_blank] == ["id_scan_file_ids"]


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("money", "很多"),
        ("money", "1.234"),
        ("whole", "1.5"),
        ("day", "2024-02-30"),
        ("day", "下月"),
        ("month", "2024-13"),
        ("time", "25:00"),
        ("region", "无此地"),
        ("region", "西湖区"),
        ("percent", "NaN"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(kind, typed):
    with pytest.raises(NotRight) as wrong:
        read(typed, _field(kind))

    assert str(wrong.value)


@pytest.mark.parametrize("kind", ["money", "area", "percent"])
@pytest.mark.parametrize("value", [0, 1, 680000, 123456789])
def test_what_is_shown_reads_back_as_the_same(kind, value):
    assert read(shown(value, _field(kind)), _field(kind)) == value


ROWS = plain(
    "rows",
    Field(name="name", label="名称", kind="text"),
    Field(
        name="extra",
        label="代收费项目",
        kind="rows",
        fields=(
            Field(name="name", label="项目名称", kind="text"),
            Field(name="amount_fen", label="金额", kind="money"),
        ),
    ),
    Field(name="id_no", label="证件号码", kind="id_no", is_kept=True),
)


def test_rows_are_read_and_blank_ones_fall_away():
    entry = Entry(ROWS)

    _read(
        entry,
        **{
            "name": "课时费",
            "extra.0.name": "",
            "extra.3.name": "教材",
            "extra.3.amount_fen": "20",
        },
    )

    assert entry.body() == {"name": "课时费", "extra": [{"name": "教材", "amount_fen": 2000}]}


def test_a_kept_value_that_is_left_blank_is_not_sent():
    entry = Entry(ROWS)

    _read(entry, name="课时费", id_no="")

    assert "id_no" not in entry.body()


def test_adding_a_row_saves_nothing_and_loses_nothing():
    entry = Entry(ROWS)

    assert _read(entry, **{"name": "课时费", "extra.0.name": "教材", "_add": "extra"}) is False
    assert entry.typed["extra"] == [{"name": "教材", "amount_fen": ""}, {}]


def test_removing_a_row_keeps_the_others():
    entry = Entry(ROWS)

    _read(entry, **{"extra.0.name": "甲", "extra.1.name": "乙", "_remove": "extra.0"})

    assert [row["name"] for row in entry.typed["extra"]] == ["乙"]


def test_what_cannot_be_read_goes_to_the_api_as_typed_and_is_a_fault_at_its_field():
    entry = Entry(ROWS)
    _read(entry, **{"extra.0.amount_fen": "二十元钱"})

    body = entry.body()

    assert body["extra"][0]["amount_fen"] == "二十元钱"
    assert [id_ for id_, _words in entry.summary()] == ["f-extra-0-amount_fen"]


def test_all_faults_of_the_platform_stand_at_their_fields_in_the_order_of_the_form():
    entry = Entry(ROWS)
    _read(entry, **{"name": "甲", "extra.0.name": "乙"})

    entry.refuse(
        Refusal(
            422,
            {
                "detail": "有错误",
                "errors": [
                    {"pointer": "/id_masked", "code": "x", "detail": "校验位不符"},
                    {"pointer": "/extra/0/name", "code": "x", "detail": "太短"},
                    {"pointer": "/name", "code": "x", "detail": "重名"},
                    {"pointer": "/elsewhere", "code": "x", "detail": "其他"},
                ],
            },
            None,
        )
    )

    assert entry.summary() == [
        ("f-name", "重名"),
        ("f-extra-0-name", "太短"),
        ("f-id_no", "校验位不符"),
        ("", "其他"),
    ]
    assert entry.status == 422
    assert entry.typed["name"] == "甲"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("text", "请填写金额"),
        ("yesno", "请选择金额"),
        ("choice", "请选择金额"),
        ("file", "请上传金额"),
    ],
)
def test_of_what_was_left_blank_people_are_told_to_fill_it_in(kind, words):
    told = {"detail": "有错误", "errors": [{"pointer": "/x", "code": "c", "detail": "类型不正确"}]}

    blank = Entry(plain("one", _field(kind, is_required=True)))
    _read(blank)
    blank.refuse(Refusal(422, told, None))
    assert blank.summary() == [("f-x", words)]

    filled = Entry(plain("one", _field(kind, is_required=True)))
    _read(filled, x="甲")
    filled.refuse(Refusal(422, told, None))
    assert filled.summary() == [("f-x", "类型不正确")]

    optional = Entry(plain("one", _field(kind)))
    _read(optional)
    optional.refuse(Refusal(422, told, None))
    assert optional.summary() == [("f-x", "类型不正确")]


def test_a_refused_request_gets_a_new_key_and_a_lost_one_keeps_it():
    refused, lost = Entry(ROWS), Entry(ROWS)
    keys = (refused.key, lost.key)

    refused.refuse(Refusal(409, {"detail": "已有"}, None))
    lost.refuse(Refusal(503, {"detail": "稍后"}, None))

    assert refused.key != keys[0]
    assert lost.key == keys[1]


def test_a_conflict_takes_over_the_new_version_and_what_differs():
    entry = Entry(ROWS, version="3")

    entry.refuse(
        Refusal(
            412,
            {
                "detail": "已被修改",
                "current": {"name": "乙"},
                "current_version": 4,
                "differences": [
                    {"pointer": "/name", "label_zh": "名称", "yours": "甲", "current": "乙"}
                ],
            },
            None,
        )
    )

    assert entry.version == "4"
    assert [each["pointer"] for each in entry.conflict] == ["/name"]


def test_what_is_stored_can_be_preferred_field_by_field():
    entry = Entry(ROWS)
    _read(entry, **{"name": "甲", "extra.0.name": "丙"})

    entry.take_current({"name": "乙", "extra": []}, ["/name"])

    assert entry.typed["name"] == "乙"
    assert entry.typed["extra"][0]["name"] == "丙"


def test_layout_that_forgets_a_field_is_no_layout():
    first, *_rest = contract_fields("party")

    with pytest.raises(ValueError, match="not placed"):
        layout("party", Group("党员", (first.name,)))
