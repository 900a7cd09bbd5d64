"""Materials from a workbook; the mechanism itself is tried with people (services/staff)."""

import io
from datetime import date

import openpyxl
import pytest

from otsp_chassis.ids import new_id
from otsp_chassis.sheets import XLSX
from otsp_contracts.compliance import SnapshotRequested
from otsp_contracts.materials import ExternalReviewRequested

HANDOUT = {"材料名称": "初中数学讲义", "类别": "学科类", "形式": "基础性材料", "学段": "初中"}


def place(client):
    return f"/api/materials/v1/institutions/{client.principal.institution_id}/imports"


@pytest.fixture
def hand_in(kit):
    """Uploads the template, filled in with the rows, and has it checked."""

    def _hand_in(client, *rows):
        answer = client.get(f"{place(client)}/template")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        sheet = book["培训材料"]
        titles = [cell.value for cell in sheet[1]]
        for number, row in enumerate(rows, start=2):
            for title, value in row.items():
                sheet.cell(number, titles.index(title) + 1, value)
        saved = io.BytesIO()
        book.save(saved)
        asked = client.call(
            "POST", place(client), raw=saved.getvalue(), content_type=XLSX, query={"name": "a.xlsx"}
        )
        assert asked.status == 202, asked.json
        kit.run_job("check_imports")
        return client.get(asked.headers["Location"]).json

    return _hand_in


@pytest.fixture
def apply(kit):
    def _apply(client, found):
        url = f"{place(client)}/{found['import_id']}"
        asked = client.post(f"{url}/application", {"skip_faulty": False})
        assert asked.status == 202, asked.json
        kit.run_job("apply_imports")
        return client.get(url).json

    return _apply


def materials(client):
    return client.get(place(client).replace("imports", "materials")).json["items"]


def test_examples_of_the_template_are_good_rows(owner, hand_in):
    answer = owner.get(f"{place(owner)}/template")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["填写示例"]
    titles, *rows = sheet.iter_rows(values_only=True)

    checked = hand_in(owner, *(dict(zip(titles, row, strict=True)) for row in rows))

    assert checked["faults"] == []
    assert checked["counts"]["added"] == 2


def test_row_without_a_state_becomes_a_draft(owner, hand_in, apply):
    applied = apply(
        owner, hand_in(owner, HANDOUT | {"适用方式": "线下、线上直播", "编写人员姓名": "周示例"})
    )

    [material] = materials(owner)
    assert applied["counts"] == {"added": 1}
    assert (material["status"], material["version_no"]) == ("draft", 1)
    assert material["delivery"] == ["offline", "online_live"]
    assert material["authors"][0]["name"] == "周示例"


def test_row_with_a_state_is_entered_as_in_fact_and_asks_the_authority(kit, owner, hand_in, apply):
    in_use = {
        "状态": "在用",
        "内部审核结果": "通过",
        "内部审核日期": date(2024, 8, 10),
        "启用日期": date(2024, 9, 1),
    }

    apply(owner, hand_in(owner, HANDOUT | in_use))

    [material] = materials(owner)
    assert (material["status"], material["used_from"]) == ("in_use", "2024-09-01")
    assert material["internal_review"]["result"] == "pass"
    assert len(kit.published(ExternalReviewRequested)) == 1


def test_history_without_a_state_is_refused_as_in_single_entry(owner, hand_in):
    checked = hand_in(owner, HANDOUT | {"启用日期": date(2024, 9, 1)})

    assert checked["counts"] == {"faulty": 1}
    assert "列（启用日期）：" in checked["faults"][0]["detail"]


def test_same_rows_again_change_nothing(owner, hand_in, apply):
    rows = (HANDOUT, HANDOUT | {"版次": 2, "状态": "在用", "启用日期": date(2024, 9, 1)})
    apply(owner, hand_in(owner, *rows))

    again = hand_in(owner, *rows)

    assert again["counts"] == {"unchanged": 2} | {
        name: number for name, number in again["counts"].items() if name == "warned"
    }
    apply(owner, again)
    assert {each["version"] for each in materials(owner)} <= {1, 2}
    assert len(materials(owner)) == 2


def test_row_of_a_material_that_is_there_keeps_what_it_does_not_say(owner, enter, hand_in, apply):
    enter(owner, copyright_note="自编", authors=[{"name": "周示例", "years": 3}])
    row = {
        "材料名称": "初中数学讲义",
        "学段": "初中",
        "编写人员姓名": "周示例",
        "编写人员从业年限": 4,
    }

    checked = hand_in(owner, row)
    apply(owner, checked)

    [material] = materials(owner)
    assert checked["counts"] == {"changed": 1}
    assert (material["stage"], material["copyright_note"]) == ("junior", "自编")
    assert material["category"] == "subject"
    assert [(each["name"], each["years"]) for each in material["authors"]] == [("周示例", 4)]


def test_row_takes_no_step_that_has_its_own_guards(owner, enter, hand_in):
    enter(owner)

    checked = hand_in(owner, HANDOUT | {"状态": "在用", "启用日期": date(2024, 9, 1)})

    details = [fault["detail"] for fault in checked["faults"]]
    assert checked["counts"] == {"faulty": 1}
    assert any("状态的变更请在材料管理中办理" in detail for detail in details)
    assert any("启用日期" in detail for detail in details)


def test_archived_material_is_not_corrected_by_a_row(owner, enter, hand_in):
    enter(owner, existing=True, status="archived", used_from="2020-09-01", used_until="2023-07-01")

    checked = hand_in(owner, {"材料名称": "初中数学讲义", "版权说明": "自编"})

    assert checked["faults"][0]["code"] == "not_editable"
    assert "已停用存档" in checked["faults"][0]["detail"]


def test_same_title_in_two_versions_is_two_materials(owner, hand_in):
    checked = hand_in(owner, HANDOUT, HANDOUT | {"版次": 2}, HANDOUT | {"版次": 1})

    assert checked["counts"] == {"added": 2, "faulty": 1}
    assert "与第 2 行重复" in checked["faults"][0]["detail"]


def test_warning_stands_apart(owner, hand_in):
    checked = hand_in(owner, HANDOUT | {"书号": "9787000000000", "来源": "正式出版选用"})

    assert checked["counts"] == {"added": 1, "warned": 1}


def test_rows_are_not_entered_under_review(kit, owner, hand_in):
    kit.deliver(
        SnapshotRequested(
            request_id=new_id(),
            institution_id=owner.principal.institution_id,
            application_id=new_id(),
            purpose="application",
            as_of=date(2024, 10, 15),
            sections=("materials",),
        )
    )

    checked = hand_in(owner, HANDOUT)
    refused = owner.post(
        f"{place(owner)}/{checked['import_id']}/application", {"skip_faulty": False}
    )

    assert (checked["state"], refused.status) == ("checked", 423)


def test_file_is_called_by_the_name_of_its_upload(owner, upload, hand_in, apply):
    content = upload(owner, "1")

    apply(owner, hand_in(owner, HANDOUT | {"材料文件": "a.pdf"}))
    [entered] = materials(owner)
    apply(owner, hand_in(owner, HANDOUT | {"书号": "9787030000002"}))
    [kept] = materials(owner)

    assert entered["file_id"] == kept["file_id"] == content["file_id"]
    assert kept["content_sha256"] == content["sha256"]


def test_record_of_the_review_is_told_of_new_materials_only(owner, upload, hand_in, apply):
    record = upload(owner, "1")["file_id"]
    in_use = HANDOUT | {"状态": "在用", "内部审核结果": "通过", "内部审核日期": date(2024, 8, 10)}
    in_use |= {"启用日期": date(2024, 9, 1)}
    apply(owner, hand_in(owner, in_use))

    [fault] = hand_in(owner, in_use | {"内部审核记录": "a.pdf"})["faults"]
    apply(owner, hand_in(owner, in_use | {"版次": 2, "内部审核记录": "a.pdf"}))

    assert (fault["code"], "（内部审核记录）" in fault["detail"]) == ("history_stands", True)
    newest = materials(owner)[-1]
    assert newest["internal_review"]["record_file_id"] == record
