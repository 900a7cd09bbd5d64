"""Where an owner's warning points to in the snapshot, and what the field is called."""

from collections.abc import Iterable, Mapping
from typing import Final

from otsp_contracts.snapshots.courses import CoursesSection
from otsp_contracts.snapshots.institution import InstitutionSection
from otsp_contracts.snapshots.materials import MaterialsSection
from otsp_contracts.snapshots.section import FieldWarning, Section
from otsp_contracts.snapshots.staff import StaffSection

LABELS_ZH: Final[Mapping[str, str]] = {
    "photo_file_id": "照片",
    "sex": "性别",
    "mobile": "手机号",
    "legal_rep/mobile": "法定代表人手机号",
    "birth_date": "出生日期",
    "education": "学历",
    "teach_experience": "从教经历",
    "foreign_bio": "外籍人员学习工作教学经历",
    "contract_no": "劳动合同编号",
    "contract_from": "劳动合同起始日期",
    "contract_file_id": "劳动合同文件",
    "precheck_proof_file_id": "招用前违法犯罪查询证明",
    "annual_check_clear": "年度查询结果",
    "in_service_declared_on": "非在职教师声明日期",
    "inducted_on": "岗前培训日期",
    "publicized_on": "公示备案日期",
    "residence_permit_to": "居留许可有效期",
    "has_licence": "是否已取得办学许可证",
    "id_scan_file_ids": "法定代表人证件扫描件",
    "sponsors": "举办者",
    "sponsor_type": "举办者类型",
    "actual_controller": "实际控制人",
    "board_members": "决策机构成员",
    "supervisors": "监事",
    "consult_tel": "咨询电话",
    "complaint_tel": "投诉举报电话",
    "website": "网址",
    "scale": "办学规模",
    "scope_text": "办学内容",
    "business_scope": "业务（经营）范围",
    "price_filing_no": "价格备案（批复）文号",
    "refund_policy": "退费办法",
    "publicity_place": "收费公示位置",
    "fire_responsible": "消防安全责任人",
    "contact_name": "办学点联系人",
    "contact_tel": "办学点联系电话",
    "total_floors": "总楼层",
    "fire_cert_no": "消防证明编号",
    "lease_from": "租赁起始日",
    "security_officer": "网络安全负责人",
    "complaint_url": "投诉举报链接",
    "icp_shot_file_id": "ICP备案截图",
    "vat_shot_file_id": "增值电信业务经营许可证截图",
    "mlps_report_file_id": "等保测评报告",
    "server_location": "服务器所在地",
    "pia_file_id": "个人信息保护影响评估报告",
    "service_agreement_file_id": "用户服务协议",
    "grades": "年级",
    "syllabus": "课程大纲",
    "objective": "培训目标",
    "content": "培训内容",
    "total_lessons": "总课时",
    "lesson_minutes": "每课时分钟",
    "isbn": "书号",
    "copyright_note": "版权说明",
    "negative_list_signer": "负面清单承诺签署人",
    "file_id": "材料文件",
    "edition": "版本说明",
    "delivery": "适用方式",
    "filed_on": "备案日期",
    "supervision/bank_branch": "托管银行网点",
    "basic_account/bank_branch": "基础账户开户网点",
    "agreement_no": "监管协议编号",
    "agreement_signed_on": "监管协议签订日期",
    "agreement_file_id": "监管协议文件",
    "open_permit_no": "基本存款账户编号",
    "proof_file_id": "基础账户证明文件",
    "cooling_off_days": "全额退费期限",
    "refund_days": "退费办理期限",
    "secretary_name": "书记姓名",
}
"""Labels of fields that do not travel in a section; their owner reports them when empty."""
_SOME_FIELD: Final = "其他必填项"


class Places:
    """Every row of a section by its id."""

    def __init__(self, section: Section) -> None:
        self._pointers = _pointers(section)

    def pointer(self, warning: FieldWarning) -> str:
        """Within the snapshot; without an id the institution itself or a part of it is meant."""
        field = warning.pointer.strip("/")
        row = self._pointers.get(warning.object_id, "")
        if warning.object_id is None and field.split("/")[0] in InstitutionSection.model_fields:
            row = ""
        return f"{row}/{field}"


def label_zh(warning: FieldWarning) -> str:
    """By the last step that has a name, and where two parts have such a field, with their part."""
    steps = warning.pointer.strip("/").split("/")
    for end in range(len(steps), 0, -1):
        for name in ("/".join(steps[max(end - 2, 0) : end]), steps[end - 1]):
            if name in LABELS_ZH:
                return LABELS_ZH[name]
    return _SOME_FIELD


def _pointers(section: Section) -> Mapping[str | None, str]:
    """The pointer of each row by its id; without an id the institution itself is meant."""
    found: dict[str | None, str] = {None: "/institution"}
    if isinstance(section, InstitutionSection):
        found |= _rows("/certificates", (row.certificate_id for row in section.certificates))
        found |= _rows("/funds/fee_items", (row.fee_item_id for row in section.funds.fee_items))
        found |= _rows("/other_docs", (row.doc_id for row in section.other_docs))
    elif isinstance(section, StaffSection):
        found |= _rows("/staff", (row.staff_id for row in section.staff))
    elif isinstance(section, MaterialsSection):
        found |= _rows("/materials", (row.material_id for row in section.materials))
    elif isinstance(section, CoursesSection):
        found |= _rows("/sites", (row.site_id for row in section.sites))
        found |= _rows("/systems", (row.system_id for row in section.systems))
        found |= _rows("/courses", (row.course_id for row in section.courses))
        for number, course in enumerate(section.courses):
            classes = (row.class_id for row in course.classes)
            found |= _rows(f"/courses/{number}/classes", classes)
    return found


def _rows(pointer: str, row_ids: Iterable[str | None]) -> dict[str | None, str]:
    return {
        row_id: f"{pointer}/{number}" for number, row_id in enumerate(row_ids) if row_id is not None
    }
