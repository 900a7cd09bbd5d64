"""Lists in and out (manual 6-8): imports, exports with what narrows them, what was changed."""

import html
import io
import re
import secrets

import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import Workbook, load_workbook

from otsp_contracts.values.identity import cnid_check_digit

CLERK = "institution-C"
WAYS = [(1280, True), (360, False)]
WECHAT = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"


@pytest.fixture
def clerk(visitors):
    return visitors(CLERK)


def _name():
    return "表" + "".join(secrets.choice("东南西北春夏秋冬山川江河松竹梅兰") for _ in range(3))


def _number(*, is_sound=True):
    first = f"33019919850609{secrets.randbelow(1000):03}"
    right = cnid_check_digit(first)
    return first + (right if is_sound else "1" if right != "1" else "2")


def _row(name, number):
    return {
        "姓名": name,
        "性别": "女",
        "证件类型": "居民身份证",
        "证件号码": number,
        "人员类别": "管理人员",
        "用工形式": "专职",
        "入职日期": "2023-03-01",
        "招用前违法犯罪查询日期": "2023-02-20",
    }


def _filled(template, *rows):
    """The template with these rows below its titles."""
    book = load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    for index, row in enumerate(rows, start=2):
        for title, value in row.items():
            sheet.cell(index, titles.index(title) + 1, value)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _file(content, name="名单.xlsx"):
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": name, "mimeType": kind, "buffer": content}


def _seen(page):
    """That the page holds to what every page holds to."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def _remove(clerk, name):
    found = clerk.post("/staff/employed", clerk.get("/staff/employed"), q=name)
    address = re.search(rf'<a href="(/staff/[0-9a-f-]{{36}})">{name}<', found.text)[1]
    asked = clerk.get(f"{address}/removal")
    told = dict(re.findall(r'name="(_key|_version)" value="([^"]*)"', asked.text))
    clerk.post(f"{address}/removal", asked, **{k: html.unescape(v) for k, v in told.items()})


@pytest.mark.parametrize(("width", "scripts"), WAYS)
def test_people_of_a_workbook_are_checked_first_and_entered_when_the_clerk_says_so(
    clerk, open_page, width, scripts
):
    name = _name()
    template = clerk.get("/import/staff/template")
    rows = [_row(name, _number()), _row("号码有误", _number(is_sound=False))]
    page = open_page(CLERK, width, scripts=scripts)

    page.goto("/import/staff")
    page.set_input_files("[type=file]", _file(_filled(template.content, *rows)))
    page.click("main .form-foot button")
    page.wait_for_selector("text=有1行不能导入")

    here = page.url.removeprefix(page.url.split("/import/")[0])
    assert "公民身份号码校验位错误" in page.inner_text("#faults")
    assert "E列（证件号码）" in page.inner_text("#faults")
    _seen(page)
    report = load_workbook(io.BytesIO(clerk.get(f"{here}/report").content)).worksheets[0]
    assert "结果" in [cell.value for cell in report[1]]
    page.click("text=确认导入1行")
    page.wait_for_selector("text=已导入1行，跳过1行。")
    _seen(page)
    page.click("text=查看列表")
    page.fill("[name=q]", name)
    page.press("[name=q]", "Enter")
    page.wait_for_selector(f"th >> text={name}")
    _remove(clerk, name)


def test_what_is_no_workbook_of_the_list_is_told_with_what_to_do(clerk, open_page):
    book = Workbook()
    book.active.append(["别的表"])
    written = io.BytesIO()
    book.save(written)
    page = open_page(CLERK)

    page.goto("/import/materials")
    page.set_input_files("[type=file]", _file(written.getvalue()))
    page.click("main .form-foot button")
    page.wait_for_selector("text=不能导入")

    assert "模板" in page.inner_text("#status")
    assert page.locator("text=重新上传").count() >= 1


def test_nothing_chosen_is_a_fault_at_the_field(clerk, sound):
    page = clerk.get("/import/courses")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    refused = clerk.http.post("/import/courses/files", data={"csrf_token": token})

    assert sound(refused, 422).title.startswith("错误：")
    assert "请上传填好的工作簿" in refused.text
    assert clerk.get("/import/courses/files").url.path == "/import/courses"


@pytest.mark.parametrize("of", ["staff", "materials", "courses", "classes"])
def test_each_list_has_its_template(clerk, sound, of):
    sound(clerk.get(f"/import/{of}"))
    template = clerk.get(f"/import/{of}/template")

    assert template.content[:2] == b"PK"
    assert "attachment" in template.headers["Content-Disposition"]


@pytest.mark.parametrize(("width", "scripts"), WAYS)
def test_a_list_is_exported_with_what_narrows_it_and_downloaded_piece_by_piece(
    clerk, open_page, width, scripts
):
    page = open_page(CLERK, width, scripts=scripts)
    page.goto("/staff/employed")
    page.fill("[name=q]", "卫甲")

    page.click("main .page-h >> text=导出")
    page.wait_for_selector("text=导出从业人员")
    assert "卫甲" in page.inner_text("#what")
    assert "在职" in page.inner_text("#what")
    assert "?" not in page.url
    page.click("text=文本表格（CSV）")
    page.click("text=开始导出")
    page.wait_for_selector("text=文件已生成，24小时内可以下载。")
    _seen(page)

    address = page.get_attribute("main a.btn-primary", "href")
    whole = clerk.get(address)
    first = clerk.http.get(address, headers={"Range": "bytes=0-99"})
    rest = clerk.http.get(address, headers={"Range": "bytes=100-"})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.content + rest.content == whole.content
    written = whole.content.decode("utf-8-sig")
    assert "卫甲" in written
    assert "蒋乙" not in written
    assert "510***********9910" in written

    wechat = clerk.http.get(page.url, headers={"User-Agent": WECHAT})
    assert "微信内不能下载文件" in wechat.text
    assert f"{address}</span>" in wechat.text
    assert "download>" not in wechat.text


def test_7_all_materials_are_exported_with_their_files(clerk, open_page):
    page = open_page(CLERK)
    page.goto("/exports/materials.materials")

    page.click("text=工作簿和附件（压缩包）")
    page.click("text=开始导出")
    page.wait_for_selector("text=文件已生成，24小时内可以下载。")

    content = clerk.get(page.get_attribute("main a.btn-primary", "href")).content
    assert content[:2] == b"PK"
    assert b".xlsx" in content


def test_what_was_changed_is_told_one_by_one_and_between_two_days(clerk, sound):
    name = _name()
    page = clerk.get("/staff/new")
    told = dict(re.findall(r'name="(_key|_version)" value="([^"]*)"', page.text))
    clerk.post("/staff/new/files", page, name=name, employment="full_time", **told)

    newest = clerk.get("/history/changes/staff")
    between = clerk.get("/history/changes/staff?view=differences&from=20240101")
    wrong = clerk.get("/history/changes/staff?from=2024-02-30")

    for each in (newest, between):
        sound(each)
        assert f">{name}</a>" in each.text
        assert "<ins>专职</ins>" in each.text
        assert "新增" in each.text
    assert sound(wrong, 422)
    assert "起始日期不是有效日期" in wrong.text
    only = re.search(rf'href="/staff/([0-9a-f-]{{36}})">{name}', newest.text)[1]
    alone = clerk.get(f"/history/changes/staff?object_id={only}")
    assert f"只看{name}的变更。" in sound(alone).texts
    assert "蒋乙" not in alone.text
    _remove(clerk, name)


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_hold_for_who_cannot_see_and_on_a_phone(open_page, width):
    page = open_page(CLERK, width)

    for path in (
        "/staff/employed",
        "/staff/new",
        "/staff/corrections",
        "/import/staff",
        "/exports",
        "/exports/staff.staff",
        "/history/changes/staff",
        "/history/changes/courses?view=differences",
    ):
        page.goto(path)
        assert page.url.endswith(path)
        _seen(page)
        serious = [
            (each["id"], each["nodes"][0]["html"])
            for each in Axe().run(page).response["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], path
