"""Every field of domain specification §2.10: where it stands, who sees it, when it is asked for."""

import pytest

from otsp_chassis.ids import new_id
from otsp_contracts.compliance import CaseDecided
from otsp_materials.model import Material
from otsp_materials.rules.labels import HISTORY_LABELS
from otsp_materials.rules.rows import Author
from otsp_testkit.fields import Field, Part

MATERIALS = Part(
    "materials", "MaterialCreate", "Material", Material.__table__, HISTORY_LABELS["material"][1]
)
ALWAYS = frozenset({"any", "subject", "published", "promised", "filed"})
SUBJECT, PUBLISHED = frozenset({"subject"}), frozenset({"published"})
PROMISED = frozenset({"promised"})
STEP = {"entered": None, "by": "a step of §3.6 brings it about"}
THEIRS = {"entered": None, "by": "the authority's decision"}

FIELDS = [
    Field("/material_id", "", 0, entered=None),
    Field("/title", "材料名称", 0, ALWAYS),
    Field("/category", "材料类别", 0, ALWAYS),
    Field("/subject_code", "科目", 0, by="D23: optional"),
    Field("/stage", "材料适用学段", 0, ALWAYS, by="D23: one"),
    Field("/kind", "材料种类", 1, ALWAYS),
    Field("/form", "材料形式", 1, ALWAYS),
    Field("/origin", "材料来源", 1, ALWAYS),
    Field("/isbn", "书号", 0, PUBLISHED),
    Field("/overseas", "境外教材", 1, ALWAYS),
    Field("/edition", "版本说明", 0, ALWAYS),
    Field("/version_no", "材料版次", 0, ALWAYS),
    Field("/delivery", "适用方式", 0, ALWAYS),
    Field("/file_id", "材料文件", 1),
    Field("/content_sha256", "材料文件摘要", 1, ALWAYS, entered=None, by="of the file"),
    Field("/reviewed_sha256", "经审核的文件摘要", 1, entered="/reviewed_file_id", by="D23"),
    Field("/copyright_note", "版权说明", 1, ALWAYS),
    Field("/authors", "编写研发人员", 1, ALWAYS),
    Field("/authors/*/staff_id", "", 1, column=None),
    Field("/authors/*/name", "", 1, column=None, shown=False, by="§5.3: names of persons"),
    Field("/authors/*/years", "", 1, column=None),
    Field("/authors/*/qual", "", 1, column=None),
    Field("/authors/*/qual_no", "", 1, column=None, shown=False, by="§5.3: certificates"),
    Field(
        "/internal_review/reviewer_ids", "内部审核人员", 1, ALWAYS, column="internal_reviewer_ids"
    ),
    Field("/internal_review/reviewed_on", "内部审核日期", 1, column="internal_reviewed_on"),
    Field("/internal_review/result", "内部审核结果", 1, ALWAYS, column="internal_result"),
    Field("/internal_review/opinion", "内部审核意见", 1, column="internal_opinion"),
    Field("/internal_review/record_file_id", "内部审核记录", 1, column="internal_record_file_id"),
    Field("/external_review/required", "是否须外部审核", 1, SUBJECT, column="external_required"),
    Field(
        "/external_review/authority_id", "外部审核部门", 1, column="external_authority_id", **THEIRS
    ),
    Field(
        "/external_review/reviewer_id", "外部审核人员", 1, column="external_reviewer_id", **THEIRS
    ),
    Field(
        "/external_review/reviewed_on", "外部审核日期", 1, column="external_reviewed_on", **THEIRS
    ),
    Field("/external_review/result", "外部审核结果", 1, column="external_result", **THEIRS),
    Field("/external_review/opinion", "外部审核意见", 1, column="external_opinion", **THEIRS),
    Field(
        "/external_review/approval_no", "外部审核文号", 1, column="external_approval_no", **THEIRS
    ),
    Field("/negative_list_ok", "负面清单承诺", 1, ALWAYS),
    Field(
        "/negative_list_signer", "负面清单承诺签署人", 1, PROMISED, shown=False, by="§5.3: names"
    ),
    Field("/filed", "材料是否已备案", 0, ALWAYS),
    Field("/filed_on", "备案日期", 0, frozenset({"filed"})),
    Field("/status", "材料状态", 0),
    Field("/used_from", "启用日期", 1),
    Field("/used_until", "停用日期", 1),
    Field("/retain_until", "保管至", 1),
    Field("/purged_on", "销毁日期", 1),
    Field(
        "/external_review/requested_on",
        "提请外部审核日期",
        1,
        column="external_requested_on",
        **STEP,
    ),
    Field("/external_review/case_id", "外部审核事项", 1, column="external_case_id", **STEP),
    Field("/suspension/ordered_on", "责令停用日期", 1, **STEP),
    Field("/suspension/reason", "责令停用原因", 1, **STEP),
    Field("/suspension/authority_id", "责令停用部门", 1, **STEP),
]
OURS = {
    *("/existing", "/version", "/warnings"),
    *("/warnings/*/code", "/warnings/*/pointer", "/warnings/*/detail"),
    *("institution_id", "version", "created_at", "updated_at", "deleted_at"),
    *("search_text", "search_terms", "purge_due_told_on"),
}
"""Beside the domain's fields: how rows are counted, found and warned of."""

AUTHOR = {"staff_id": str(new_id()), "name": "沈示例", "years": 6, "qual": "teacher_cert"}
AUTHOR |= {"qual_no": "20191234567890901"}
DESCRIBED = {
    "category": "subject",
    "subject_code": "math",
    "stage": "junior",
    "kind": "handout",
    "form": "library",
    "origin": "published",
    "isbn": "978-0-306-40615-7",
    "overseas": False,
    "edition": "第一版",
    "version_no": 1,
    "delivery": ["offline"],
    "copyright_note": "自编",
    "authors": [AUTHOR],
    "negative_list_ok": True,
    "negative_list_signer": "周示例",
    "filed": True,
    "filed_on": "2024-08-30",
    "existing": True,
    "status": "in_use",
    "external_review": {"required": True},
    "used_from": "2024-09-01",
}
REVIEW = {"result": "pass", "reviewer_ids": [str(new_id())], "reviewed_on": "2024-08-10"}
REVIEW |= {"opinion": "符合要求"}
NOT_SHOWN_HERE = {"/used_until", "/retain_until", "/purged_on"}
"""Of what is over."""
GIVEN = {
    "any": {},
    "subject": {"category": "subject"},
    "published": {"origin": "published"},
    "promised": {"negative_list_ok": True},
    "filed": {"filed": True},
}
UNSAID = {
    "existing": True,
    "status": "in_use",
    "version_no": None,
    "external_review": {"required": None},
}
"""In use, and nothing is told of it but what GIVEN says."""


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_each_field_is_entered_told_kept_and_named(field):
    assert MATERIALS.lacks_of(field) == []


def test_what_stands_there_is_in_the_table():
    assert MATERIALS.beyond(FIELDS, besides=OURS) == set()


def test_a_row_of_json_has_the_fields_of_the_contract():
    in_table = {each.pointer for each in FIELDS if each.pointer.startswith("/authors/*/")}

    assert {f"/authors/*/{name}" for name in Author.__annotations__} == in_table


@pytest.fixture
def whole(kit, owner, reviewer, upload, enter):
    """A material of which everything is told; it was decided on, then ordered out of use."""
    record = upload(owner, "记录")["file_id"]
    reviewed = {"internal_review": REVIEW | {"record_file_id": record}}
    material = enter(owner, file_id=upload(owner, "甲")["file_id"], **DESCRIBED | reviewed)
    decision = {"case_id": new_id(), "version": 2, "actor": new_id(), "kind": "external_review"}
    decision |= {"institution_id": owner.principal.institution_id, "authority_id": new_id()}
    decision |= {"subject_id": material["material_id"], "decision": "approved"}
    decision |= {"decided_on": "2024-08-28", "doc_no": "示例材审〔2024〕1号"}
    kit.deliver(CaseDecided(**decision, reason="符合要求"))
    ordered = reviewer.post(f"{material['url']}/suspension", {"reason": "内容与备案不符"})
    assert ordered.status == 200, ordered.json
    return material["url"]


def test_the_class_decides_what_an_authority_without_a_case_reads(owner, reviewer, whole):
    own, theirs = owner.get(whole).json, reviewer.get(whole).json

    for field in FIELDS:
        if field.told_at == "/authors" or field.pointer in NOT_SHOWN_HERE:
            continue
        mine, yours = value_at(own, field.told_at), value_at(theirs, field.told_at)
        assert mine is not None, f"{field}: nothing was entered that could be masked"
        assert (yours == mine) == field.is_shown, field


def value_at(row, pointer):
    """What stands there; of a list, in its first row."""
    for step in pointer.strip("/").replace("*", "0").split("/"):
        row = row[int(step)] if step.isdigit() else row[step]
    return row


@pytest.mark.parametrize("circumstance", GIVEN)
def test_filing_asks_for_the_fields_of_the_table(owner, circumstance):
    base = f"/api/materials/v1/institutions/{owner.principal.institution_id}"
    given = GIVEN[circumstance]
    asked = {each.pointer for each in FIELDS if circumstance in each.asked}

    entered = owner.post(f"{base}/materials", UNSAID | given)

    assert entered.status == 201, entered.json
    [part] = owner.get(f"{base}/completeness").json["sections"]
    missing = {each["pointer"].removeprefix("/materials/0") for each in part["missing"]}
    assert missing == asked - {f"/{name}" for name in given}
    assert all(each["label_zh"] != "其他必填项" for each in part["missing"])
