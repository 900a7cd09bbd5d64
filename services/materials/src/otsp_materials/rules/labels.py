"""The codes of a material in words, as people read them (domain specification §1.3, §2.10)."""

from collections.abc import Mapping
from typing import Final

from otsp_contracts.values.teaching import CATEGORIES_ZH, STAGES_ZH, SUBJECTS_ZH

KINDS_ZH: Mapping[str, str] = {
    "textbook": "教材",
    "handout": "讲义",
    "workbook": "练习/测试",
    "lesson_plan": "教案",
    "courseware": "课件",
    "video": "音视频",
    "item_bank": "题库/资料库",
    "other": "其他",
}

FORMS_ZH: Mapping[str, str] = {"basic": "基础性材料", "library": "资料库", "video": "视频"}

ORIGINS_ZH: Mapping[str, str] = {"self": "自编", "published": "正式出版选用", "licensed": "引进"}

RESULTS_ZH: Mapping[str, str] = {"pass": "通过", "fail": "不通过", "pending": "待审核"}

HISTORY_LABELS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "material": (
        "培训材料",
        {
            "/status": "材料状态",
            "/title": "材料名称",
            "/version_no": "材料版次",
            "/edition": "版本说明",
            "/category": "材料类别",
            "/subject_code": "科目",
            "/stage": "材料适用学段",
            "/kind": "材料种类",
            "/form": "材料形式",
            "/origin": "材料来源",
            "/isbn": "书号",
            "/overseas": "境外教材",
            "/delivery": "适用方式",
            "/file_id": "材料文件",
            "/content_sha256": "材料文件摘要",
            "/reviewed_sha256": "经审核的文件摘要",
            "/copyright_note": "版权说明",
            "/authors": "编写研发人员",
            "/negative_list_ok": "负面清单承诺",
            "/negative_list_signer": "负面清单承诺签署人",
            "/internal_review/result": "内部审核结果",
            "/internal_review/reviewer_ids": "内部审核人员",
            "/internal_review/reviewed_on": "内部审核日期",
            "/internal_review/opinion": "内部审核意见",
            "/internal_review/record_file_id": "内部审核记录",
            "/external_review/required": "是否须外部审核",
            "/external_review/result": "外部审核结果",
            "/external_review/requested_on": "提请外部审核日期",
            "/external_review/reviewed_on": "外部审核日期",
            "/external_review/reviewer_id": "外部审核人员",
            "/external_review/opinion": "外部审核意见",
            "/external_review/approval_no": "外部审核文号",
            "/external_review/authority_id": "外部审核部门",
            "/external_review/case_id": "外部审核事项",
            "/suspension/ordered_on": "责令停用日期",
            "/suspension/reason": "责令停用原因",
            "/suspension/authority_id": "责令停用部门",
            "/filed": "材料是否已备案",
            "/filed_on": "备案日期",
            "/used_from": "启用日期",
            "/used_until": "停用日期",
            "/retain_until": "保管至",
            "/purged_on": "销毁日期",
        },
    ),
}
"""Object type → its name and those of its fields by pointer, as forms and histories call them."""

__all__ = [
    "CATEGORIES_ZH",
    "FORMS_ZH",
    "HISTORY_LABELS",
    "KINDS_ZH",
    "ORIGINS_ZH",
    "RESULTS_ZH",
    "STAGES_ZH",
    "SUBJECTS_ZH",
]
