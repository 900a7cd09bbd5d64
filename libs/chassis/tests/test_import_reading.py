"""Workbooks that somebody else made: read within limits, or refused in words."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest

from otsp_chassis.imports import reader, reading
from otsp_chassis.imports.fields import Field, Kind, Layout, letters
from otsp_chassis.imports.reading import REFUSALS_ZH, Refused, opened

SHEET = "名单"


def saved(*rows, title=SHEET):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def altered(content, **parts):
    """The package with parts added, or in the place of those that are there."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", 8) as package:
        for part in source.infolist():
            package.writestr(part.filename, parts.pop(part.filename, source.read(part)))
        for name, added in parts.items():
            package.writestr(name, added)
    return target.getvalue()


def rows_of(content):
    with opened(content, SHEET) as rows:
        return [(row.number, *row.cells) for page in rows.pages for row in page]


def refusal_of(content):
    with pytest.raises(Refused) as refused:
        rows_of(content)
    assert refused.value.detail_zh.endswith("。")
    return refused.value.code


def test_cells_come_as_they_are_typed_and_empty_rows_do_not_come():
    content = saved(
        ["姓名", "日期"], ["周甲", date(2024, 9, 1)], [None, None], ["周乙", 3.5], [7, True]
    )

    assert rows_of(content) == [
        (2, "周甲", "2024-09-01"),
        (4, "周乙", 3.5),
        (5, 7.0, True),
    ]


def test_titles_and_number_of_rows_are_told_before_any_row():
    with opened(saved([" 姓名 ", "日期"], ["周甲", None]), SHEET) as rows:
        assert (rows.titles, rows.count) == (["姓名", "日期"], 1)


def test_rows_beyond_a_page_come_too(monkeypatch):
    count = 2 * reader.ROWS_A_PAGE + 1

    rows = rows_of(saved(["号"], *([n] for n in range(count))))

    assert [number for number, _ in rows] == list(range(2, count + 2))


def test_password_and_old_format_are_told_together():
    assert refusal_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)) == "encrypted"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"%PDF-1.7", saved(["姓名"])[:-30]])
def test_what_is_no_package_is_damaged(content):
    assert refusal_of(content) == "damaged"


def test_package_of_something_else_is_damaged():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("word/document.xml", "<w/>")

    assert refusal_of(target.getvalue()) == "damaged"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("xl/externalLinks/externalLink1.xml", "external_links"),
        ("xl/embeddings/oleObject1.bin", "embedded_objects"),
        ("xl/activeX/activeX1.xml", "embedded_objects"),
    ],
)
def test_part_that_a_list_does_not_need_is_refused(part, code):
    assert refusal_of(altered(saved(["姓名"], ["周甲"]), **{part: b"x"})) == code


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://evil.test")'])
def test_formula_is_refused_whatever_its_value(formula):
    assert refusal_of(saved(["姓名"], [formula])) == "formulas"


def test_formula_across_two_chunks_is_seen(monkeypatch):
    monkeypatch.setattr(reader, "_CHUNK", 7)

    with pytest.raises(reader.Refused, match="formulas"):
        reader._require_sound(saved(["姓名"], ["=1+1"]))


def test_type_definition_is_refused():
    content = saved(["姓名"], ["周甲"])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet

    assert refusal_of(altered(content, **{"xl/worksheets/sheet1.xml": bomb})) == "damaged"


def test_package_that_unpacks_to_too_much_is_refused_by_its_directory():
    bomb = altered(saved(["姓名"]), **{"xl/media/image1.png": bytes(reader.MOST_UNPACKED)})

    assert len(bomb) < 100_000
    assert refusal_of(bomb) == "too_large"


def test_directory_that_lies_about_a_size_is_refused():
    honest = altered(saved(["姓名"]), **{"xl/media/image1.png": bytes(3_000_000)})
    lying = honest.replace((3_000_000).to_bytes(4, "little"), (3_000).to_bytes(4, "little"))

    assert lying != honest
    assert refusal_of(lying) == "damaged"


def test_part_that_stands_twice_is_refused():
    content = saved(["姓名"])
    target = io.BytesIO(content)
    with (
        zipfile.ZipFile(target, "a") as package,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        package.writestr("xl/workbook.xml", "<other/>")

    assert refusal_of(target.getvalue()) == "damaged"


def test_cell_far_away_breaks_the_reader_and_nothing_else():
    book = openpyxl.Workbook()
    book.active.title = SHEET
    book.active["A1"] = "姓名"
    book.active["XFD1048576"] = "x"
    target = io.BytesIO()
    book.save(target)

    assert refusal_of(target.getvalue()) == "too_much"


def test_rows_and_columns_have_limits():
    book = openpyxl.Workbook()
    book.active.title = SHEET
    book.active["A1"] = "姓名"
    book.active.cell(reader.MOST_ROWS + 2, 1, "x")
    target = io.BytesIO()
    book.save(target)

    assert refusal_of(target.getvalue()) == "too_many_rows"
    assert refusal_of(saved(["x"] * (reader.MOST_COLUMNS + 1))) == "too_wide"
    assert len(rows_of(saved(["x"] * reader.MOST_COLUMNS, ["y"]))) == 1


@pytest.mark.parametrize(
    "content",
    [saved(["姓名"], title="别的"), saved(), saved([None, "姓名"]), saved([None], ["姓名"])],
)
def test_sheet_and_titles_must_stand_where_the_template_has_them(content):
    assert refusal_of(content) == "wrong_template"


def test_reader_sees_no_environment_and_leaves_no_process(monkeypatch):
    started = []
    start = reading.subprocess.Popen

    def popen(*arguments, **named):
        started.append((start(*arguments, **named), named["env"]))
        return started[-1][0]

    monkeypatch.setattr(reading.subprocess, "Popen", popen)
    with opened(saved(["姓名"], *(["周甲"] for _ in range(5_000))), SHEET) as rows:
        next(rows.pages)
    [(process, environment)] = started

    assert environment == {}
    assert process.returncode is not None


def test_every_refusal_says_what_to_do():
    assert all("请" in text and text.endswith("。") for text in REFUSALS_ZH.values())


FIELDS = [
    Field("姓名", "/name", is_required=True),
    Field("日期", "/on", Kind.DATE),
    Field("人数", "/seats", Kind.INTEGER),
    Field("费用", "/price_fen", Kind.YUAN),
    Field("公示", "/is_public", Kind.YES_NO),
    Field("类别", "/kind", Kind.CODE, {"a": "甲类", "b": "乙类"}),
    Field("学段", "/stages", Kind.CODES, {"p": "小学", "j": "初中"}),
    Field("语种", "/language", Kind.CODE, {"zh": "中文"}, is_open=True),
    Field("证书", "/certs/0/no"),
    Field("面积", "/room/area", Kind.INTEGER),
    Field("上课", "/start", Kind.TIME),
    Field("星期", "/weekday", Kind.CODE, {1: "周一", 2: "周二"}),
]
TITLES = [field.title for field in FIELDS]


def body_of(**cells):
    row = [cells.get(title, "") for title in TITLES]
    body, faults = Layout(FIELDS, TITLES).body_of(row)
    return body, [(fault.pointer, fault.code) for fault in faults]


@pytest.mark.parametrize(
    ("title", "cell", "field", "value"),
    [
        ("姓名", 13800000001.0, "name", "13800000001"),
        ("姓名", 3.5, "name", "3.5"),
        ("姓名", True, "name", "是"),
        ("日期", "2024-09-01", "on", "2024-09-01"),
        ("日期", "2024-09-01T00:00:00", "on", "2024-09-01"),
        ("日期", "2024/9/1", "on", "2024-09-01"),
        ("日期", "2024年9月1日", "on", "2024-09-01"),
        ("日期", "20240901", "on", "2024-09-01"),
        ("日期", 20240901.0, "on", "2024-09-01"),
        ("日期", 45536.0, "on", "2024-09-01"),
        ("人数", 20.0, "seats", 20),
        ("人数", " 20 ", "seats", 20),
        ("费用", 1234.5, "price_fen", 123_450),
        ("费用", "1,234.50", "price_fen", 123_450),
        ("费用", 0.29, "price_fen", 29),
        ("公示", "否", "is_public", False),
        ("公示", True, "is_public", True),
        ("类别", "乙类", "kind", "b"),
        ("学段", "小学、初中", "stages", ["p", "j"]),
        ("学段", "初中，小学；", "stages", ["j", "p"]),
        ("语种", "中文", "language", "zh"),
        ("语种", "fr", "language", "fr"),
        ("证书", "Z-1", "certs", [{"no": "Z-1"}]),
        ("面积", 30.0, "room", {"area": 30}),
        ("上课", "8:30", "start", "08:30"),
        ("上课", "18：30", "start", "18:30"),
        ("上课", "18:30:00", "start", "18:30"),
        ("上课", 0.770833333, "start", "18:30"),
        ("星期", "周二", "weekday", 2),
    ],
)
def test_cell_becomes_the_value_of_its_field(title, cell, field, value):
    body, faults = body_of(**{"姓名": "周甲", title: cell})

    assert (body[field], faults) == (value, [])


@pytest.mark.parametrize(
    ("title", "cell", "code"),
    [
        ("姓名", 330199198506079917.0, "digits_lost"),
        ("姓名", "", "required"),
        ("日期", "去年", "bad_date"),
        ("日期", 0.5, "bad_date"),
        ("日期", True, "bad_date"),
        ("人数", 2.5, "wrong_type"),
        ("人数", "多", "wrong_type"),
        ("人数", "Infinity", "wrong_type"),
        ("人数", True, "wrong_type"),
        ("费用", "0.001", "wrong_type"),
        ("费用", "NaN", "wrong_type"),
        ("费用", "免费", "wrong_type"),
        ("公示", "对", "wrong_type"),
        ("类别", "丙类", "unknown_code"),
        ("类别", 1.0, "unknown_code"),
        ("学段", "小学、大学", "unknown_code"),
        ("学段", "、", "unknown_code"),
        ("上课", "下午", "bad_time"),
        ("上课", 18.5, "bad_time"),
        ("上课", True, "bad_time"),
    ],
)
def test_unclear_cell_is_told_and_left_out(title, cell, code):
    body, faults = body_of(**{"姓名": "周甲", title: cell})
    [(pointer, told)] = faults

    assert told == code
    assert pointer[1:] not in body


def test_group_that_is_left_out_before_another_is_told():
    fields = [Field("起1", "/slots/0/start"), Field("起2", "/slots/1/start")]
    _, [fault] = Layout(fields, ["起1", "起2"]).body_of(["", "08:30"])

    assert (fault.pointer, fault.code) == ("/slots/0/start", "gap")
    assert Layout(fields, ["起1", "起2"]).body_of(["08:30", ""])[1] == []


def test_fault_is_told_at_the_column_that_it_is_about():
    layout = Layout(FIELDS, ["备用", *TITLES])

    assert layout.place_of("/stages/1")[0] == 7
    assert layout.place_of("/unheard") is None


def test_columns_are_called_as_spreadsheets_do():
    assert [letters(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
