"""导出收费信息、资金月报、证照、资料和历史许可证: each list of the file as a file."""

import io
from datetime import date, datetime

import openpyxl
import psycopg
import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import SnapshotRequested
from otsp_testkit.exported import exported, exported_rows, listed

FEE_ITEM = {
    "name": "初二数学秋季班",
    "charge_mode": "lesson",
    "lesson_count": 48,
    "period_days": 80,
    "amount_fen": 192_050,
    "extra_items": [{"name": "讲义", "amount_fen": 3_000}, {"name": "画材", "amount_fen": 1_050}],
    "payment_plan": "once",
    "publicized": True,
    "publicized_on": "2024-08-20",
    "training_loan": False,
}
STATEMENT = {
    "month": "2024-09",
    "cycle_total_fen": 4_224_000,
    "balance_fen": 3_000_000,
    "unspent_lessons_fen": 2_800_000,
    "deposit_balance_fen": 0,
    "as_of": "2024-09-30",
}
LICENCE = {
    "licence_no": "教民133010670000019号",
    "issuer_level": "county",
    "scope_categories": ["subject"],
    "scope_delivery": ["offline"],
    "scope_stages": ["primary", "junior"],
    "scope_subject_codes": ["math"],
    "valid_from": "2021-12-01",
    "valid_to": "2024-11-30",
    "status": "valid",
}


@pytest.fixture
def add(own, place):
    def _add(path, body):
        answer = own.post(f"{place}/{path}", body)
        assert answer.status == 201, answer.json
        return answer.json

    return _add


@pytest.fixture
def whole(own, place, add, upload):
    """Some rows of every list."""
    add("funds/fee-items", FEE_ITEM)
    add("funds/fee-items", {"name": "=1+1"})
    add("funds/fee-items", {"name": "寒假班", "charge_mode": "period"})
    stated = add("funds/statements", STATEMENT)
    corrects = {"corrects_id": stated["statement_id"], "reason": "漏记一笔退费"}
    add("funds/statements", STATEMENT | corrects | {"balance_fen": 2_900_000})
    add("funds/statements", STATEMENT | {"month": "2024-10", "as_of": "2024-10-31"})
    add("certificates", {"is_primary": True, "cert_type": "pne_cert", "capital_fen": 10_000_000})
    add("certificates", {"is_primary": False, "cert_type": "fire_cert", "cert_no": "消示例01"})
    add("other-docs", {"doc_type": "charter", "title": "章程", "issued_on": "2021-12-01"})
    add("audit-reports", {"year": 2023, "file_id": upload()})
    add("audit-reports", {"year": 2022, "file_id": upload()})
    for number, first in ((None, "2021-12-01"), ("教民133010670000028号", "2024-12-01")):
        changes = {"valid_from": first} | ({"licence_no": number} if number else {})
        if number:
            changes |= {"valid_to": "2027-11-30"}
        own.put(f"{place}/licence", LICENCE | changes, if_match=1 if number else None)


def book_of(kit, own, name, of_list):
    book = openpyxl.load_workbook(io.BytesIO(exported(kit, own, list=of_list, format="xlsx")))
    titles, *rows = list(book[name].iter_rows())
    return [
        {title.value: cell.value for title, cell in zip(titles, row, strict=True)} for row in rows
    ]


def test_charges_are_told_in_yuan_and_words(kit, own, whole):
    charge, formula, winter = book_of(kit, own, "收费信息", "fee_items")

    assert (charge["收费项目名称"], charge["收费方式"]) == ("初二数学秋季班", "按课时")
    assert (charge["一次性收费金额（元）"], charge["一次性收费课时数"]) == (1920.5, 48)
    assert charge["代收费项目"] == "讲义 30.00元；画材 10.50元"
    assert (charge["付费安排"], charge["是否使用培训贷"]) == ("一次性", "否")
    assert charge["收费公示日期"] == datetime(2024, 8, 20)  # noqa: DTZ001 - a cell knows no zone
    assert (formula["收费项目名称"], winter["收费方式"]) == ("=1+1", "按培训周期")
    assert winter["代收费项目"] is None


def test_no_spreadsheet_takes_a_name_for_a_formula(kit, own, whole):
    assert [row["收费项目名称"] for row in exported_rows(kit, own, list="fee_items")] == [
        "初二数学秋季班",
        "'=1+1",
        "寒假班",
    ]


def test_statements_say_which_one_holds(kit, own, whole):
    october, correction, first = book_of(kit, own, "资金月报", "statements")

    assert (october["月份"], october["托管余额（元）"]) == ("2024-10", 30_000)
    assert (correction["托管余额（元）"], correction["更正原因"]) == (29_000, "漏记一笔退费")
    assert (correction["是否为更正"], correction["是否已被更正"]) == ("是", "否")
    assert (first["是否为更正"], first["是否已被更正"]) == ("否", "是")


def test_certificates_documents_and_former_licences_are_told_in_words(kit, own, whole):
    primary, fire = book_of(kit, own, "机构证照", "certificates")
    [charter] = book_of(kit, own, "其他资料", "other_docs")
    reports = book_of(kit, own, "年度审计报告", "audit_reports")
    [licence] = book_of(kit, own, "历史办学许可证", "former_licences")

    assert (primary["证照类型"], primary["是否主要证照"]) == ("民办非企业单位登记证书", "是")
    assert (primary["注册资金（元）"], fire["证照编号"]) == (100_000, "消示例01")
    assert (charter["资料类型"], charter["资料名称"]) == ("章程", "章程")
    assert reports == [
        {"审计年度": 2023, "是否已上传报告": "是"},
        {"审计年度": 2022, "是否已上传报告": "是"},
    ]
    assert (licence["许可证编号"], licence["发证机关层级"]) == (LICENCE["licence_no"], "区县级")
    assert (licence["许可学段"], licence["许可科目"]) == ("小学、初中", "数学")
    assert (licence["许可方式"], licence["许可证状态"]) == ("线下", "有效")


@pytest.mark.parametrize(
    ("of_list", "path", "filters", "title", "name", "count"),
    [
        ("fee_items", "funds/fee-items", {}, "收费项目名称", "name", 3),
        ("statements", "funds/statements", {}, "月份", "month", 3),
        ("statements", "funds/statements", {"month": "2024-09"}, "月份", "month", 2),
        ("certificates", "certificates", {}, "证照编号", "cert_no", 2),
        ("other_docs", "other-docs", {}, "资料名称", "title", 1),
        ("audit_reports", "audit-reports", {}, "审计年度", "year", 2),
        ("former_licences", "licence/history", {}, "许可证编号", "licence_no", 1),
    ],
)
def test_file_has_what_the_list_has(
    kit, own, place, whole, *, of_list, path, filters, title, name, count
):
    rows = exported_rows(kit, own, list=of_list, filters=filters)

    told = [str(each[name] or "") for each in listed(own, f"{place}/{path}", **filters)]
    assert [row[title].removeprefix("'") for row in rows] == told
    assert len(told) == count


@pytest.mark.parametrize(
    ("body", "pointer", "words"),
    [
        ({"list": "supervision"}, "/list", "可选：fee_items"),
        ({"list": "fee_items", "filters": {"month": "2024-09"}}, "/filters/month", "筛选条件：无"),
        ({"list": "statements", "filters": {"month": "2024-13"}}, "/filters/month", "格式"),
        ({"list": "statements", "filters": {"cursor": "x"}}, "/filters/cursor", "筛选条件：month"),
    ],
)
def test_what_a_list_does_not_know_is_refused_in_words(own, place, body, pointer, words):
    answer = own.post(f"{place}/exports", {"format": "csv"} | body)

    assert (answer.status, answer.pointers) == (422, {pointer})
    assert words in answer.json["errors"][0]["detail"]


def test_what_is_removed_or_another_institutions_is_not_in_the_file(kit, own, place, add):
    kept, gone = (
        add("funds/fee-items", FEE_ITEM | {"name": name}) for name in ("留下的", "删除的")
    )
    other = kit.as_institution(new_id())
    own.delete(f"{place}/funds/fee-items/{gone['fee_item_id']}", if_match=1)

    assert [row["收费项目名称"] for row in exported_rows(kit, own, list="fee_items")] == [
        kept["name"]
    ]
    assert exported_rows(kit, other, list="fee_items") == []
    assert other.post(f"{place}/exports", {"list": "fee_items", "format": "csv"}).status == 403


def test_lists_are_exported_under_review_and_leave_entries(kit, own, institution_id, whole):
    kit.deliver(
        SnapshotRequested(
            request_id=new_id(), institution_id=institution_id, application_id=new_id(),
            purpose="application", as_of=date(2024, 10, 15), sections=("institution",),
        )
    )  # fmt: skip

    assert len(exported_rows(kit, own, list="certificates")) == 2
    with psycopg.connect(kit.owner_url) as connection:
        actions = connection.execute(
            "SELECT action FROM audit_entry WHERE object_type = 'export' ORDER BY sequence"
        ).fetchall()
    assert actions == [("certificate.export_requested",), ("certificate.export_written",)]


def test_file_of_an_export_is_no_document(kit, own, place):
    asked = own.post(f"{place}/exports", {"list": "fee_items", "format": "csv"})
    kit.run_job("make_exports")
    done = own.get(asked.headers["Location"]).json

    answer = own.post(f"{place}/other-docs", {"doc_type": "charter", "file_id": done["file_id"]})

    assert (answer.status, answer.pointers) == (422, {"/file_id"})
