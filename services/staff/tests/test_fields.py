"""Every field of domain specification §2.9: where it stands, who sees it, when it is asked for."""

from dataclasses import fields

import pytest

from otsp_contracts.institution import ProfileChanged
from otsp_staff.model import BlacklistEntry, Staff
from otsp_staff.rules.labels import LABELS
from otsp_staff.rules.rows import Experience, FormerEmployment, Qual
from otsp_testkit.documents import picture
from otsp_testkit.fields import Field, Part

PEOPLE = Part("staff", "StaffCreate", "Staff", Staff.__table__, LABELS["staff"][1])
INSTRUCTING, TEACHING = frozenset({"teaching", "research", "published"}), frozenset({"teaching"})
ALWAYS = INSTRUCTING | {"anybody", "foreign", "permitted", "for_a_year", "contracted", "checked"}
ALWAYS |= {"declared", "inducted"}
FOREIGN, PERMITTED = frozenset({"foreign", "permitted"}), frozenset({"permitted"})
FOR_A_YEAR, CONTRACTED = frozenset({"for_a_year"}), frozenset({"contracted"})
FOUND = {"entered": None, "column": None}
RESULT = {"shown": True, "by": "§5.3: the result is told to all who read"}

FIELDS = [
    Field("/staff_id", "", 1, entered=None),
    Field("/status", "在职状态", 0),
    Field("/name", "姓名", 0, ALWAYS),
    Field("/photo_file_id", "照片", 0, INSTRUCTING),
    Field("/sex", "性别", 2, ALWAYS),
    Field("/nationality", "国籍", 2, ALWAYS),
    Field("/id_type", "证件类型", 3, ALWAYS, shown=True, by="§5.3 masks the number, not its type"),
    Field("/id_no", "证件号码", 3, told="/id_masked", column="id_no_sealed"),
    Field("/id_valid", "", 1, ALWAYS, **FOUND, by="D18: what a section says of id_no"),
    Field("/birth_date", "", 2, **FOUND, by="read from a citizen number"),
    Field("/mobile", "手机号", 2, ALWAYS, told="/mobile_masked", column="mobile_sealed"),
    Field("/political_status", "政治面貌", 3, told=None, column="political_status_sealed"),
    Field("/education", "学历", 0, ALWAYS),
    Field("/graduated_from", "毕业院校", 1),
    Field("/major", "专业", 1),
    Field("/staff_type", "人员类别", 0, ALWAYS),
    Field("/employment", "用工形式", 1, ALWAYS),
    Field("/hired_on", "入职日期", 1, ALWAYS),
    Field("/contract_signed", "是否签订劳动合同", 1, ALWAYS),
    Field("/contract_no", "劳动合同编号", 1, CONTRACTED),
    Field("/contract_from", "劳动合同起始日期", 1, CONTRACTED),
    Field("/contract_to", "劳动合同终止日期", 1, by="a contract may be without an end"),
    Field("/contract_file_id", "劳动合同文件", 1, CONTRACTED, shown=False, by="§5.3: a scan"),
    Field("/social_insurance", "是否已缴社保", 1),
    Field("/precheck_on", "招用前违法犯罪查询日期", 3, ALWAYS),
    Field("/precheck_clear", "招用前违法犯罪查询结果", 3, ALWAYS, **RESULT),
    Field("/precheck_proof_file_id", "招用前违法犯罪查询证明", 3, ALWAYS),
    Field("/annual_check_on", "年度查询日期", 3, FOR_A_YEAR),
    Field("/annual_check_clear", "年度查询结果", 3, frozenset({"checked"}), **RESULT),
    Field("/prohibited", "从业禁止情形", 3, ALWAYS, **RESULT),
    Field("/prohibited_kind", "从业禁止情形类别", 3, told=None, column="prohibited_kind_sealed"),
    Field("/blacklisted", "", 3, **FOUND, shown=True, by="D21: an authority's list; §5.3: result"),
    Field("/in_service_teacher", "是否中小学、幼儿园在职教师", 2, ALWAYS),
    Field("/in_service_declared_on", "非在职教师声明日期", 2, frozenset({"declared"})),
    Field("/inducted", "是否完成岗前培训", 1, ALWAYS),
    Field("/inducted_on", "岗前培训日期", 1, frozenset({"inducted"})),
    Field("/publicized", "是否已公示备案", 0, INSTRUCTING),
    Field("/publicized_on", "公示备案日期", 0, frozenset({"published"})),
    Field("/teach_experience", "从教经历", 0, INSTRUCTING),
    Field("/teach_subjects", "任教课程", 0, TEACHING),
    Field("/teach_stages", "任教学段", 0, TEACHING),
    Field("/in_china", "是否在境内", 3, FOREIGN),
    Field(
        "/work_permit_no",
        "来华工作许可编号",
        3,
        told="/work_permit_masked",
        column="work_permit_no_sealed",
    ),
    Field("/work_permit_held", "", 1, **FOUND, by="D18: what a section says of work_permit_no"),
    Field("/work_permit_to", "来华工作许可有效期", 3, PERMITTED),
    Field("/residence_permit_to", "居留许可有效期", 3, PERMITTED),
    Field("/foreign_bio", "外籍人员学习工作教学经历", 0, FOREIGN),
    Field("/quals", "资质证明", 0, INSTRUCTING),
    Field("/departed_on", "离职日期", 1),
    Field("/depart_reason", "离职原因", 1),
    Field("/other_full_time", "", 1, **FOUND, by="D21: by blind index over all institutions"),
    *(Field(f"/teach_experience/*/{name}", "", 0, column=None) for name in ("from", "to")),
    *(Field(f"/teach_experience/*/{name}", "", 0, column=None) for name in ("org", "post")),
    *(Field(f"/quals/*/{name}", "", 0, column=None) for name in ("type", "stage", "subject")),
    *(Field(f"/quals/*/{name}", "", 0, column=None) for name in ("issuer", "issued_on")),
    Field("/quals/*/valid_to", "", 0, column=None),
    Field("/quals/*/cert_no", "", 0, column=None, shown=False, by="§5.3: class 2"),
    Field("/quals/*/scan_file_id", "", 0, column=None, shown=False, by="§5.3: a scan"),
]
FORMER = fields(FormerEmployment)
OURS = {
    *("/existing", "/version", "/warnings", "/withheld", "/mobile", "/registered_twice"),
    *("/warnings/*/code", "/warnings/*/pointer", "/warnings/*/detail"),
    *("/former_employments", *(f"/former_employments/*/{each.name}" for each in FORMER)),
    *("/checks_due", "/checks_due/*/kind", "/checks_due/*/due_on", "/depart_by"),
    *("institution_id", "version", "created_at", "updated_at", "deleted_at", "anonymised_on"),
    *("name_order", "search_text", "search_terms", "in_snapshot_since"),
    *("id_index", "mobile_index", "mobile_tail_index"),
}
"""Beside the domain's fields: how rows are counted, found, kept apart and warned of."""
ENTRIES = Part("staff", "BlacklistCreate", "BlacklistEntry", BlacklistEntry.__table__, {})
LISTED = [
    Field("/entry_id", "", 1, entered=None),
    Field("/id_type", "", 3),
    Field("/id_no", "", 3, told="/id_masked", column="id_no_sealed"),
    Field("/id_hash", "", 3, entered=None, told=None, column="id_index"),
    Field("/name", "", 3, told="/name_masked", column="name_sealed"),
    Field("/reason", "", 3),
    Field("/decided_by", "", 1, entered=None),
    Field("/decided_on", "", 1),
    Field("/basis_doc", "", 1),
    Field("/active", "", 1, entered=None, told="/revoked_on", column="revoked_on"),
]
KEPT_WITH_IT = {
    "/version",
    "/region_code",
    "/revocation_reason",
    "region_code",
    "revocation_reason",
}
KEPT_WITH_IT |= {"revoked_by", "version", "created_at", "updated_at"}

WHOLE = {
    "political_status": "party_member",
    "graduated_from": "示例大学",
    "major": "数学",
    "contract_no": "合-1",
    "contract_from": "2020-03-01",
    "contract_to": "2030-02-28",
    "social_insurance": True,
    "annual_check_on": "2024-03-05",
    "annual_check_clear": True,
    "prohibited_kind": ["political_rights"],
    "in_service_teacher": False,
    "in_service_declared_on": "2020-02-20",
    "inducted": True,
    "inducted_on": "2020-03-05",
    "publicized": True,
    "publicized_on": "2020-03-06",
    "teach_experience": [
        {"from": "2016-09-01", "to": "2020-01-31", "org": "示例校", "post": "教师"}
    ],
    "teach_subjects": ["math"],
    "teach_stages": ["junior"],
    "in_china": True,
    "work_permit_no": "E12345678",
    "work_permit_to": "2026-01-01",
    "residence_permit_to": "2026-01-01",
    "foreign_bio": "示例经历",
    "existing": True,
    "status": "departed",
    "departed_on": "2024-01-31",
    "depart_reason": "resigned",
    "quals": [
        {
            "type": "teacher_cert",
            "cert_no": "20193300141000901",
            "stage": "senior",
            "subject": "math",
            "issuer": "示例教育局",
            "issued_on": "2019-06-01",
            "valid_to": "2029-06-01",
        }
    ],
}
PUBLIC_OF_SOME = {"/name", "/photo_file_id", "/education"}
"""Class 0 of those who teach or research, class 2 of all others."""
MASKED_TO_ALL = {None, "/id_masked", "/mobile_masked", "/work_permit_masked"}
HAVING_ROWS = {"/quals", "/teach_experience"}
PROFILE = {"version": 1, "name": "示例学校", "region_code": "330106", "categories": ("subject",)}
PROFILE |= {"delivery_modes": ("offline",), "stages": ("junior",), "legal_nature": "nonprofit"}
PROFILE |= {"registration_status": "approved", "compliance_status": "not_applied"}
GIVEN = {
    "anybody": {},
    "teaching": {"staff_type": "teaching"},
    "research": {"staff_type": "research"},
    "foreign": {"nationality": "GB"},
    "permitted": {"nationality": "GB", "in_china": True, "work_permit_no": "E12345678"},
    "for_a_year": {"hired_on": "2020-03-01"},
    "contracted": {"contract_signed": True},
    "checked": {"annual_check_on": "2024-03-05"},
    "declared": {"in_service_teacher": False},
    "inducted": {"inducted": True},
    "published": {"staff_type": "research", "publicized": True},
}
"""Who is entered, by nothing but this."""


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_each_field_is_entered_told_kept_and_named(field):
    assert PEOPLE.lacks_of(field) == []


def test_what_stands_there_is_in_the_table():
    assert PEOPLE.beyond(FIELDS, besides=OURS) == set()


@pytest.mark.parametrize("field", LISTED, ids=str)
def test_each_field_of_the_blacklist_stands_there(field):
    assert ENTRIES.lacks_of(field) == []


def test_nothing_else_stands_in_the_blacklist():
    assert ENTRIES.beyond(LISTED, besides=KEPT_WITH_IT) == set()


@pytest.mark.parametrize(("pointer", "row"), [("/quals", Qual), ("/teach_experience", Experience)])
def test_a_row_of_json_has_the_fields_of_the_contract(pointer, row):
    in_table = {each.pointer for each in FIELDS if each.pointer.startswith(f"{pointer}/*/")}

    assert {f"{pointer}/*/{name}" for name in row.__annotations__} == in_table


@pytest.fixture
def base(owner):
    return f"/api/staff/v1/institutions/{owner.principal.institution_id}"


@pytest.fixture
def enter_whole(owner, base, register):
    """Somebody of whom everything is told, scans and all."""

    def upload(name):
        sent = {"raw": picture(20, 10), "content_type": "image/png", "query": {"name": name}}
        return owner.call("POST", f"{base}/files", **sent).json["file_id"]

    def enter(**changes):
        names = ("photo_file_id", "contract_file_id", "precheck_proof_file_id")
        files = {name: upload(name) for name in names}
        quals = [WHOLE["quals"][0] | {"scan_file_id": upload("scan")}]
        return register(owner, **WHOLE | files | {"quals": quals} | changes)

    return enter


@pytest.fixture
def reviewer(kit, owner):
    """Of the region, without a case."""
    told = PROFILE | {"institution_id": owner.principal.institution_id}
    kit.deliver(ProfileChanged(**told))
    return kit.as_authority("reviewer", region="330106")


@pytest.mark.parametrize("staff_type", ["teaching", "finance"])
def test_the_class_decides_what_an_authority_without_a_case_reads(
    owner, reviewer, enter_whole, staff_type
):
    url = enter_whole(staff_type=staff_type)["url"]
    own, theirs = owner.get(url).json, reviewer.get(url).json

    for field in FIELDS:
        if field.told_at in MASKED_TO_ALL or field.pointer in HAVING_ROWS:
            continue
        is_public = staff_type == "teaching" or field.pointer not in PUBLIC_OF_SOME
        mine, yours = value_at(own, field.told_at), value_at(theirs, field.told_at)
        assert mine is not None, f"{field}: nothing was entered that could be masked"
        assert (yours == mine) == (field.is_shown and is_public), field


def value_at(row, pointer):
    """What stands there; of a list, in its first row."""
    for step in pointer.strip("/").replace("*", "0").split("/"):
        row = row[int(step)] if step.isdigit() else row[step]
    return row


@pytest.mark.parametrize("circumstance", GIVEN)
def test_filing_asks_for_the_fields_of_the_table(owner, base, circumstance):
    given = GIVEN[circumstance]
    asked = {each.pointer for each in FIELDS if circumstance in each.asked}

    owner.post(f"{base}/staff", given)

    [part] = owner.get(f"{base}/completeness").json["sections"]
    missing = {each["pointer"].removeprefix("/staff/0") for each in part["missing"]}
    assert missing == asked - {f"/{name}" for name in given}
    assert all(each["label_zh"] != "其他必填项" for each in part["missing"])
