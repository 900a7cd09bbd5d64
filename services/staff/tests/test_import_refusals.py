"""Workbooks that are not the template, and files that are no workbooks: refused in words."""

import io

import openpyxl
import pytest

from otsp_chassis.sheets import XLSX


def place(client):
    return f"/api/staff/v1/institutions/{client.principal.institution_id}/imports"


def upload(client, raw):
    return client.call("POST", place(client), raw=raw, content_type=XLSX, query={"name": "a.xlsx"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sheet: sheet.delete_cols(5), "缺少以下列：证件号码"),
        (lambda sheet: sheet.cell(1, sheet.max_column + 1, "备注"), "没有以下列：备注"),
        (lambda sheet: sheet.cell(1, sheet.max_column + 1, "姓名"), "有重复的列名"),
        (lambda sheet: setattr(sheet, "title", "人员"), "没有找到模板的工作表"),
        (lambda sheet: sheet.cell(2, 1, "=1+1"), "有公式"),
        (lambda sheet: sheet.delete_rows(2), "没有填写内容"),
    ],
)
def test_workbook_that_is_not_the_template_is_refused_in_words(kit, owner, change, words):
    template = owner.get(f"{place(owner)}/template").content
    book = openpyxl.load_workbook(io.BytesIO(template))
    book["从业人员"]["E2"] = "330199198506079917"
    change(book["从业人员"])
    saved = io.BytesIO()
    book.save(saved)

    asked = upload(owner, saved.getvalue())
    kit.run_job("check_imports")
    refused = owner.get(asked.headers["Location"]).json

    assert refused["state"] == "refused"
    assert words in refused["message"]
    assert refused["has_report"] is False


@pytest.mark.parametrize(
    ("raw", "words"), [(b"\xd0\xcf\x11\xe0rest", "取消密码"), (b"%PDF-1.7", "另存为 xlsx")]
)
def test_what_is_no_workbook_is_not_taken(owner, raw, words):
    refused = upload(owner, raw)

    assert (refused.status, refused.problem) == (422, "import-not-a-workbook")
    assert words in refused.json["detail"]
