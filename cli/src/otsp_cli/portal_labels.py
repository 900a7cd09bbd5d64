"""Which forms the portal has, and the labels that no service's own table knows.

Verbatim from the domain specification §2: members of lists and what only a form asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Form:
    """A request body: its service, its schema, and the part whose labels it has."""

    service: str
    schema: str
    part: str | None = None


FORMS: Final[Mapping[str, Form]] = {
    "registration": Form("institution", "RegistrationEntry", "institution"),
    "institution": Form("institution", "InstitutionEntry", "institution"),
    "licence": Form("institution", "LicenceEntry", "school_licence"),
    "certificate": Form("institution", "CertificateEntry", "certificate"),
    "party": Form("institution", "PartyEntry", "party"),
    "other_doc": Form("institution", "OtherDocEntry", "other_doc"),
    "audit_report": Form("institution", "AuditReportEntry", "audit_report"),
    "supervision": Form("institution", "SupervisionEntry", "supervision"),
    "statement": Form("institution", "StatementEntry", "funds_statement"),
    "basic_account": Form("institution", "BasicAccountEntry", "basic_account"),
    "contract": Form("institution", "ContractEntry", "service_contract"),
    "fee_item": Form("institution", "FeeItemEntry", "fee_item"),
    "staff": Form("staff", "StaffUpdate", "staff"),
    "staff_new": Form("staff", "StaffCreate", "staff"),
    "departure": Form("staff", "Departure", "staff"),
    "reinstatement": Form("staff", "Reinstatement", "staff"),
    "material": Form("materials", "MaterialUpdate", "material"),
    "material_new": Form("materials", "MaterialCreate", "material"),
    "site": Form("courses", "SiteWrite", "site"),
    "system": Form("courses", "SystemWrite", "system"),
    "course": Form("courses", "CourseUpdate", "course"),
    "course_new": Form("courses", "CourseCreate", "course"),
    "class": Form("courses", "ClassUpdate", "class"),
    "class_new": Form("courses", "ClassCreate", "class"),
}

_PERSON: Final = {"name": "姓名", "id_type": "证件类型", "id_no": "证件号码"}
_TIMES: Final = {
    "start": "开始时间",
    "lessons": "课时数",
    "lesson_minutes": "每课时分钟",
    "break_minutes": "课间休息分钟",
}
_EXISTING: Final = {"/existing": "按实际情况录入（此前已经存在）"}


def _below(pointer: str, labels: Mapping[str, str]) -> dict[str, str]:
    return {f"{pointer}/{name}": label for name, label in labels.items()}


_OWN: Final[Mapping[str, Mapping[str, str]]] = {
    "institution": {
        "/legal_rep": "法定代表人",
        "/legal_rep/id_no": "法定代表人证件号码",
        "/contact": "联系人",
        "/actual_controller": "实际控制人",
        "/actual_controller/id_no": "实际控制人证件号码",
        **_below("/sponsors/*", {**_PERSON, "name": "姓名或名称", "share_bp": "出资比例"}),
        **_below("/board_members/*", {"name": "姓名", "role": "职务", "edu_years": "教育教学年限"}),
        **_below("/supervisors/*", {"name": "姓名"}),
        **_below(
            "/branches/*",
            {
                "name": "分支机构名称",
                "uscc": "统一社会信用代码",
                "region_code": "所属区县",
                "licence_no": "办学许可证编号",
            },
        ),
    },
    "party": _below(
        "/activity_records/*", {"date": "日期", "title": "活动名称", "file_id": "附件"}
    ),
    "funds_statement": {"/corrects_id": "更正的月报", "/reason": "更正原因"},
    "fee_item": _below("/extra_items/*", {"name": "项目名称", "amount_fen": "金额"}),
    "staff": {
        **_EXISTING,
        "/id_no": "证件号码",
        "/mobile": "手机号",
        "/work_permit_no": "来华工作许可编号",
        "/reason": "离职原因",
        **_below(
            "/teach_experience/*",
            {"from": "起始日期", "to": "终止日期", "org": "单位", "post": "岗位"},
        ),
        **_below(
            "/quals/*",
            {
                "type": "证书类型",
                "cert_no": "证书编号",
                "stage": "任教学段",
                "subject": "任教学科",
                "issuer": "发证机关",
                "issued_on": "发证日期",
                "valid_to": "有效期至",
                "scan_file_id": "证书扫描件",
            },
        ),
    },
    "material": {
        **_EXISTING,
        "/internal_review": "内部审核",
        "/external_review": "外部审核",
        "/reviewed_file_id": "经审核的文件",
        **_below(
            "/authors/*",
            {
                "staff_id": "本机构人员",
                "name": "姓名",
                "years": "从教年限",
                "qual": "资质证明",
                "qual_no": "证书编号",
            },
        ),
    },
    "site": _below("/rooms/*", {"room_no": "教室编号", "area_centi_m2": "面积", "seats": "座位数"}),
    "course": _EXISTING,
    "class": {
        **_EXISTING,
        **_below("/slots/*", {"weekday": "星期", **_TIMES}),
        **_below("/extra_sessions/*", {"date": "日期", **_TIMES}),
    },
}


def own_labels(part: str) -> Mapping[str, str]:
    """Pointer → label of what no table of a service says of that part."""
    return _OWN.get(part, {})


TABLES: Final[Mapping[tuple[str, str], str]] = {
    ("courses", "delivery"): "all.DELIVERIES_ZH",
    ("materials", "result"): "materials.RESULTS_ZH",
}
"""Where two tables have the same codes, the one that is meant."""
