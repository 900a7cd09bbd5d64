"""What the platform adds to the file when it seals it: labels that no form has."""

from collections.abc import Mapping
from typing import Final

HIDDEN: Final = frozenset(
    {"id_hmac", "id_valid", "institution_id", "field_warnings", "proposed_change", "migrated_from"}
)
"""Members that say nothing to people: fingerprints, and the file's own key."""

ADDED: Final[Mapping[str, str]] = {
    "id_masked": "证件号码",
    "cert_no_masked": "证书编号",
    "qual_no_masked": "证书编号",
    "mobile_masked": "手机号",
    "deposit_balance_fen": "风险保证金余额",
    "cycle_total_fen": "一个收费周期收费总额",
    "balance_fen": "监管账户余额",
    "unspent_lessons_fen": "未消课金额",
    "as_of": "数据截至",
    "status": "状态",
    "work_permit_held": "是否持有来华工作许可",
    "blacklisted": "是否在从业黑名单",
    "other_full_time": "是否在其他机构专职",
    "from_on": "起始日期",
    "to_on": "终止日期",
    "content_sha256": "文件摘要",
    "reviewed_sha256": "经审核文件摘要",
    "internal_review": "内部审核",
    "external_review": "外部审核",
    "result": "审核结果",
    "reviewer_ids": "审核人员",
    "reviewed_on": "审核日期",
    "required": "是否须外审",
    "approval_no": "批准文号",
    "used_until": "停用日期",
    "purged_on": "销毁日期",
    "classes": "班级",
    "qual_no": "证书编号",
    "due_on": "整改期限",
    "kind": "整改类型",
    "code": "区划代码",
}

CODES: Final[Mapping[tuple[str, str], str]] = {
    ("institution", "status"): "institution.REGISTRATIONS_ZH",
    ("institution", "compliance_status"): "compliance.COMPLIANCE_STATUSES_ZH",
    ("staff", "status"): "staff.STATUS_LABELS_ZH",
    ("staff", "depart_reason"): "staff.DEPARTURES_ZH",
    ("materials", "status"): "materials.STATUS_LABELS_ZH",
    ("materials", "result"): "materials.RESULTS_ZH",
    ("materials", "qual"): "staff.QUALIFICATIONS_ZH",
    ("sites", "status"): "courses.SITE_STATUSES_ZH",
    ("courses", "status"): "courses.COURSE_LABELS_ZH",
    ("classes", "status"): "courses.CLASS_LABELS_ZH",
    ("courses", "weekday"): "courses.WEEKDAYS_ZH",
    ("rectifications", "status"): "compliance.STATUS_ZH",
    ("rectifications", "kind"): "auth.RECTIFICATIONS_ZH",
}
