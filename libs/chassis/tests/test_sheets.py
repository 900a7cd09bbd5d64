"""Workbooks and CSV, read back by readers that did not write them."""

import csv
from datetime import UTC, date, datetime

import openpyxl
import psutil
import pytest
from openpyxl.utils.escape import unescape

from otsp_chassis import sheets
from otsp_chassis.sheets import Column, Kind, write_csv, write_xlsx

COLUMNS = [
    Column("名称", width=30),
    Column("状态", labels={"in_use": "在用"}),
    Column("人数", Kind.INTEGER),
    Column("启用日期", Kind.DATE),
    Column("登记时间", Kind.MOMENT),
    Column("费用（元）", Kind.MONEY),
]
TITLES = [column.title for column in COLUMNS]
ROW = (
    "初中数学讲义",
    "in_use",
    3,
    date(2024, 9, 1),
    datetime(2024, 8, 31, 16, 30, tzinfo=UTC),
    123_456_789,
)
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
]
GROWTH_MB = 20


def workbook(path, rows, columns=COLUMNS, *, count=None):
    write_xlsx(
        path, iter(rows), name="材料", columns=columns, count=len(rows) if count is None else count
    )
    return openpyxl.load_workbook(path)


def told(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def told_csv(path, rows, columns=COLUMNS):
    write_csv(path, iter(rows), columns=columns)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_workbook_has_chinese_titles_and_typed_values(tmp_path):
    [sheet] = workbook(tmp_path / "a.xlsx", [ROW])

    assert sheet.title == "材料"
    assert sheet.freeze_panes == "A2"
    assert told(sheet) == [
        TITLES,
        [
            "初中数学讲义",
            "在用",
            3,
            datetime(2024, 9, 1),  # noqa: DTZ001 - a cell knows no zone
            datetime(2024, 9, 1, 0, 30),  # noqa: DTZ001 - in Chinese time
            1_234_567.89,
        ],
    ]
    formats = [cell.number_format for cell in sheet[2]]
    assert formats == ["@", "General", "0", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "#,##0.00"]


def test_csv_tells_the_same_and_begins_with_the_mark_that_spreadsheets_look_for(tmp_path):
    path = tmp_path / "a.csv"

    assert told_csv(path, [ROW]) == [
        TITLES,
        ["初中数学讲义", "在用", "3", "2024-09-01", "2024-09-01 00:30", "1234567.89"],
    ]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_bytes().endswith(b"\r\n")


def test_what_is_missing_is_an_empty_cell(tmp_path):
    nothing = (None,) * len(COLUMNS)

    [sheet] = workbook(tmp_path / "a.xlsx", [nothing, ROW])

    assert told(sheet)[1] == list(nothing)
    assert told(sheet)[2][0] == "初中数学讲义"
    assert told_csv(tmp_path / "a.csv", [nothing])[1] == [""] * len(COLUMNS)


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text(tmp_path, text):
    columns = [Column("名称"), Column("代码", labels={"a": "甲"})]

    [sheet] = workbook(tmp_path / "a.xlsx", [(text, text)], columns)
    [_, row] = told_csv(tmp_path / "a.csv", [(text, text)], columns)

    assert [cell.data_type for cell in sheet[2]] == ["s", "s"]
    assert sheet["A2"].number_format == "@", "a text that is typed anew stays text"
    assert [unescape(cell.value) for cell in sheet[2]] == [text] * 2
    assert row == [f"'{text}"] * 2


def test_code_without_a_label_is_told_as_it_is(tmp_path):
    columns = [Column("状态", labels={"in_use": "在用"})]

    assert told(workbook(tmp_path / "a.xlsx", [("new",)], columns).active)[1] == ["new"]


def test_day_that_no_workbook_knows_is_told_as_text(tmp_path):
    days = [date(1900, 1, 1), None, date(1899, 12, 31)]

    [sheet] = workbook(
        tmp_path / "a.xlsx", [(day,) for day in days], [Column("启用日期", Kind.DATE)]
    )

    assert [sheet[f"A{row}"].is_date for row in (2, 4)] == [True, False]
    assert (sheet["A3"].value, sheet["A4"].value) == (None, "1899-12-31")


def test_text_longer_than_a_cell_is_cut_and_says_so(tmp_path):
    fits = "长" * 32_767
    texts = ["短", None, "", fits, f"{fits}长"]

    [sheet] = workbook(tmp_path / "a.xlsx", [(text,) for text in texts], [Column("说明")])

    assert [sheet[f"A{row}"].value or "" for row in range(2, 7)] == [
        "短", "", "", fits, f"{fits[:-1]}…",
    ]  # fmt: skip


def test_rows_beyond_a_sheet_go_on_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "ROWS_A_SHEET", 2)
    columns = [Column("名称")]

    book = workbook(tmp_path / "a.xlsx", [(f"讲义{n}",) for n in range(5)], columns)

    assert book.sheetnames == ["材料", "材料 2", "材料 3"]
    assert [told(sheet) for sheet in book] == [
        [["名称"], ["讲义0"], ["讲义1"]],
        [["名称"], ["讲义2"], ["讲义3"]],
        [["名称"], ["讲义4"]],
    ]


def test_a_sheet_is_as_long_as_spreadsheets_can_open():
    assert sheets.ROWS_A_SHEET + 1 == 2**20


def test_rows_without_room_are_an_error_and_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "ROWS_A_SHEET", 2)
    path = tmp_path / "a.xlsx"

    with pytest.raises(ValueError, match="more rows than the 2"):
        workbook(path, [("讲义",)] * 3, [Column("名称")], count=2)

    assert not path.exists()


def test_empty_list_is_its_titles(tmp_path):
    [sheet] = workbook(tmp_path / "a.xlsx", [])

    assert told(sheet)[0] == TITLES
    assert told_csv(tmp_path / "a.csv", []) == [TITLES]


def test_two_columns_of_one_title_are_refused(tmp_path):
    with pytest.raises(ValueError, match="one title"):
        workbook(tmp_path / "a.xlsx", [("a", "b")], [Column("名称"), Column("名称")])


def test_row_with_a_value_too_many_is_an_error_and_no_file(tmp_path):
    path = tmp_path / "a.xlsx"

    with pytest.raises(ValueError, match="argument"):
        workbook(path, [(*ROW, "讲义")])

    assert not path.exists()


def test_memory_does_not_grow_with_the_rows(tmp_path):
    process = psutil.Process()
    peak = 0

    def rows(count):
        nonlocal peak
        for number in range(count):
            if number % 1_000 == 0:
                peak = max(peak, process.memory_info().rss)
            yield (f"讲义 {number} {'长' * 200}", *ROW[1:])

    for name, write in (
        ("xlsx", lambda path, n: write_xlsx(path, rows(n), name="材料", columns=COLUMNS, count=n)),
        ("csv", lambda path, n: write_csv(path, rows(n), columns=COLUMNS)),
    ):
        write(tmp_path / f"small.{name}", 1_000)
        before = peak = process.memory_info().rss
        write(tmp_path / f"large.{name}", 50_000)
        assert (peak - before) / 2**20 < GROWTH_MB, name
