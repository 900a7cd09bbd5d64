"""Which fields must be filled before filing, by the table of the domain: one row a field."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Placed
from otsp_compliance.rules.timetable import OpenClass
from otsp_contracts.snapshots import (
    BasicAccountFacts,
    CertificateFacts,
    ClassFacts,
    ContractFacts,
    CourseFacts,
    FeeItemFacts,
    InstitutionFacts,
    LegalRepFacts,
    LicenceFacts,
    MaterialFacts,
    PartyFacts,
    SiteFacts,
    StaffFacts,
    SupervisionFacts,
    SystemFacts,
)

T = TypeVar("T")

REGISTRATION_CERTIFICATES: Final = frozenset({"pne_cert", "business_licence", "public_inst_cert"})
_YEAR: Final = timedelta(days=365)


def _always(_facts: Facts, _row: object) -> bool:
    return True


def _has_party_body(_: Facts, party: PartyFacts) -> bool:
    return party.org_form not in (None, "none")


def _instructs(_: Facts, person: StaffFacts) -> bool:
    return person.staff_type in ("teaching", "research")


def _is_foreign(_: Facts, person: StaffFacts) -> bool:
    return person.nationality not in (None, "CN")


def _works_here_from_abroad(facts: Facts, person: StaffFacts) -> bool:
    return _is_foreign(facts, person) and bool(person.in_china)


def _a_year_here(facts: Facts, person: StaffFacts) -> bool:
    return person.hired_on is not None and facts.as_of - person.hired_on > _YEAR


@dataclass(frozen=True, slots=True)
class RequiredField(Generic[T]):
    """A field by its path within the row, its Chinese label, and when it is required."""

    path: str
    label_zh: str
    when: Callable[[Facts, T], bool] = _always


INSTITUTION: Final[tuple[RequiredField[InstitutionFacts], ...]] = (
    RequiredField("name", "机构名称"),
    RequiredField("uscc", "统一社会信用代码"),
    RequiredField("region_code", "所属区县"),
    RequiredField("registered_address", "注册地址"),
    RequiredField("office_address", "办公地址"),
    RequiredField("categories", "培训类别"),
    RequiredField("delivery_modes", "培训方式"),
    RequiredField("nonsubject_types", "非学科类别", lambda facts, _: facts.nonsubject),
    RequiredField(
        "primary_nonsubject_type", "主要非学科类别", lambda _, row: len(row.nonsubject_types) > 1
    ),
    RequiredField("stages", "培训对象"),
    RequiredField("legal_nature", "机构属性"),
    RequiredField("legal_form", "法人类型"),
    RequiredField("founded_on", "成立日期"),
    RequiredField("first_approved_on", "首次批准日期"),
    RequiredField("start_fund_fen", "开办资金"),
    RequiredField("foreign_controlled", "是否外资控股或参股"),
    RequiredField("listed_affiliate", "是否上市公司关联"),
    RequiredField("principal_name", "校长（负责人）"),
    RequiredField("legal_rep", "法定代表人"),
)
LEGAL_REP: Final[tuple[RequiredField[LegalRepFacts], ...]] = (
    RequiredField("name", "法定代表人姓名"),
    RequiredField("id_type", "法定代表人证件类型"),
    RequiredField("id_valid", "法定代表人证件号码"),
    RequiredField("nationality", "法定代表人国籍"),
    RequiredField("resides_in_china", "法定代表人是否境内定居"),
    RequiredField("position", "法定代表人职务"),
)
LICENCE: Final[tuple[RequiredField[LicenceFacts], ...]] = (
    RequiredField("licence_no", "许可证编号"),
    RequiredField("name_on_licence", "证载名称"),
    RequiredField("address_on_licence", "证载地址"),
    RequiredField("principal_on_licence", "证载校长（负责人）"),
    RequiredField("issuer_name", "发证机关"),
    RequiredField("issuer_level", "发证机关层级"),
    RequiredField("issuer_region_code", "发证机关区划"),
    RequiredField("scope_categories", "许可类别"),
    RequiredField("scope_delivery", "许可方式"),
    RequiredField("scope_stages", "许可学段"),
    RequiredField("scope_subject_codes", "许可科目"),
    RequiredField("valid_from", "许可证有效期起"),
    RequiredField("valid_to", "许可证有效期止"),
    RequiredField("issued_on", "许可证发证日期"),
    RequiredField("scan_file_id", "许可证扫描件"),
    RequiredField("status", "许可证状态"),
)
CERTIFICATE: Final[tuple[RequiredField[CertificateFacts], ...]] = (
    RequiredField("cert_type", "证照类型"),
    RequiredField("cert_no", "证照编号"),
    RequiredField(
        "uscc", "证照统一社会信用代码", lambda _, row: row.cert_type in REGISTRATION_CERTIFICATES
    ),
    RequiredField("name_on_cert", "证照名称"),
    RequiredField("registrar", "登记机关"),
    RequiredField("legal_rep_on_cert", "证照法定代表人"),
    RequiredField("issued_on", "证照发证日期"),
    RequiredField("valid_from", "证照有效期起"),
    RequiredField("scan_file_id", "证照扫描件"),
)
PARTY: Final[tuple[RequiredField[PartyFacts], ...]] = (
    RequiredField("member_count", "正式党员数"),
    RequiredField("org_form", "党组织形式"),
    RequiredField("org_name", "党组织名称", _has_party_body),
    RequiredField("instructor_assigned", "是否已选派党建指导员"),
    RequiredField("secretary_in_board", "书记是否进入决策机构", _has_party_body),
    RequiredField("charter_has_party", "党建是否写入章程"),
)
SUPERVISION: Final[tuple[RequiredField[SupervisionFacts], ...]] = (
    RequiredField("mode", "监管方式"),
    RequiredField("bank_name", "托管银行"),
    RequiredField("account_name", "专用账户户名"),
    RequiredField("account_no", "专用账户账号"),
    RequiredField("agreement_filed_on", "监管协议备案日期"),
    RequiredField(
        "deposit_balance_fen", "保证金余额", lambda _, row: row.mode in ("risk_deposit", "both")
    ),
    RequiredField("cycle_total_fen", "所有学员单个收费周期费用总额"),
    RequiredField("balance_fen", "托管余额"),
    RequiredField("unspent_lessons_fen", "未消课资金"),
    RequiredField("release_rule", "拨付规则"),
    RequiredField("as_of", "监管数据日期"),
)
BASIC_ACCOUNT: Final[tuple[RequiredField[BasicAccountFacts], ...]] = (
    RequiredField("account_type", "基础账户类型"),
    RequiredField("bank_name", "基础账户开户银行"),
    RequiredField("account_name", "基础账户户名"),
    RequiredField("account_no", "基础账户账号"),
    RequiredField(
        "filed_with_authority",
        "基础账户是否已向主管部门备案",
        lambda facts, _: facts.institution.legal_nature == "nonprofit",
    ),
)
CONTRACT: Final[tuple[RequiredField[ContractFacts], ...]] = (
    RequiredField("template_code", "合同范本编号"),
    RequiredField("template_year", "合同范本年份"),
    RequiredField("used_for_all", "是否全面使用合同范本"),
    RequiredField("sample_file_id", "合同样本"),
)
FEE_ITEM: Final[tuple[RequiredField[FeeItemFacts], ...]] = (
    RequiredField("name", "收费项目名称"),
    RequiredField("charge_mode", "收费方式"),
    RequiredField("lesson_count", "一次性收费课时数"),
    RequiredField("period_days", "一次性收费时间跨度"),
    RequiredField("amount_fen", "一次性收费金额"),
    RequiredField("advance_days", "早于开课天数"),
    RequiredField("remaining_lessons", "续费时剩余课时"),
    RequiredField("payment_plan", "付费安排"),
    RequiredField("publicized", "收费是否已公示"),
    RequiredField("publicized_on", "收费公示日期", lambda _, row: bool(row.publicized)),
    RequiredField("training_loan", "是否使用培训贷"),
)
STAFF: Final[tuple[RequiredField[StaffFacts], ...]] = (
    RequiredField("name", "姓名"),
    RequiredField("status", "在职状态"),
    RequiredField("id_type", "证件类型"),
    RequiredField("id_valid", "证件号码"),
    RequiredField("nationality", "国籍"),
    RequiredField("staff_type", "人员类别"),
    RequiredField("employment", "用工形式"),
    RequiredField("hired_on", "入职日期"),
    RequiredField("contract_signed", "是否签订劳动合同"),
    RequiredField("precheck_on", "招用前违法犯罪查询日期"),
    RequiredField("precheck_clear", "招用前违法犯罪查询结果"),
    RequiredField("annual_check_on", "年度查询日期", _a_year_here),
    RequiredField("prohibited", "从业禁止情形"),
    RequiredField("in_service_teacher", "是否中小学、幼儿园在职教师"),
    RequiredField("inducted", "是否完成岗前培训"),
    RequiredField("publicized", "是否已公示备案", _instructs),
    RequiredField("quals", "资质证明", _instructs),
    RequiredField("teach_subjects", "任教课程", lambda _, row: row.staff_type == "teaching"),
    RequiredField("teach_stages", "任教学段", lambda _, row: row.staff_type == "teaching"),
    RequiredField("in_china", "是否在境内", _is_foreign),
    RequiredField("work_permit_held", "来华工作许可", _works_here_from_abroad),
    RequiredField(
        "work_permit_to", "来华工作许可有效期", lambda _, row: bool(row.work_permit_held)
    ),
)
MATERIAL: Final[tuple[RequiredField[MaterialFacts], ...]] = (
    RequiredField("title", "材料名称"),
    RequiredField("version_no", "材料版次"),
    RequiredField("category", "材料类别"),
    RequiredField("stage", "材料适用学段"),
    RequiredField("kind", "材料种类"),
    RequiredField("form", "材料形式"),
    RequiredField("origin", "材料来源"),
    RequiredField("overseas", "是否境外教材"),
    RequiredField("status", "材料状态"),
    RequiredField("negative_list_ok", "负面清单承诺"),
    RequiredField("content_sha256", "材料文件"),
    RequiredField("authors", "编写研发人员"),
    RequiredField("internal_review/result", "内部审核结果"),
    RequiredField("internal_review/reviewer_ids", "内部审核人员"),
    RequiredField(
        "external_review/required", "是否须外部审核", lambda _, row: row.category == "subject"
    ),
    RequiredField("filed", "材料是否已备案"),
)
SITE: Final[tuple[RequiredField[SiteFacts], ...]] = (
    RequiredField("name", "办学点名称"),
    RequiredField("region_code", "办学点区划"),
    RequiredField("address", "办学点地址"),
    RequiredField("building_area_centi_m2", "建筑面积"),
    RequiredField("teaching_area_centi_m2", "培训用房面积"),
    RequiredField("floor", "所在楼层"),
    RequiredField("premises_type", "房屋用途"),
    RequiredField("fire_proof_file_id", "消防证明", lambda facts, _: facts.offline),
    RequiredField("fire_check_on", "最近防火检查日期"),
    RequiredField("tenure", "房屋权属"),
    RequiredField("lease_to", "租赁到期日", lambda _, row: row.tenure == "lease"),
)
SYSTEM: Final[tuple[RequiredField[SystemFacts], ...]] = (
    RequiredField("name", "业务系统名称"),
    RequiredField("kind", "业务系统形式"),
    RequiredField("icp_no", "ICP备案号"),
    RequiredField("vat_licence_no", "增值电信业务经营许可证"),
    RequiredField("mlps_level", "网络安全等级保护级别"),
    RequiredField("mlps_no", "等保备案证明编号"),
    RequiredField("mlps_tested_on", "等保测评日期"),
    RequiredField("server_in_mainland", "服务器是否在中国内地"),
    RequiredField("content_retention_days", "培训内容留存天数"),
    RequiredField("live_video_retention_days", "直播影像留存天数"),
    RequiredField("log_retention_days", "网络日志留存天数"),
    RequiredField("eye_protection", "护眼功能"),
    RequiredField("parental_control", "家长监管功能"),
    RequiredField("stored_persons", "存储个人信息人数"),
    RequiredField("pia_done", "是否完成个人信息保护影响评估"),
    RequiredField("guardian_consent", "监护人同意机制"),
    RequiredField("ads_or_games", "是否含广告或游戏"),
)
COURSE: Final[tuple[RequiredField[CourseFacts], ...]] = (
    RequiredField("name", "课程名称"),
    RequiredField("host_id", "办学点或业务系统"),
    RequiredField("category", "课程类别"),
    RequiredField("subject_code", "课程科目"),
    RequiredField("stage", "课程学段"),
    RequiredField("delivery", "授课方式"),
    RequiredField("fee_item_id", "课程收费项目"),
    RequiredField("material_ids", "课程使用材料"),
    RequiredField("homework", "是否留作业"),
    RequiredField("overseas_curriculum", "是否境外课程"),
    RequiredField("status", "课程状态"),
)
CLASS: Final[tuple[RequiredField[ClassFacts], ...]] = (
    RequiredField("name", "班级名称"),
    RequiredField("status", "班级状态"),
    RequiredField("capacity", "额定人数"),
    RequiredField("enrolled", "在班人数"),
    RequiredField("teacher_ids", "授课教师"),
    RequiredField("start_on", "开班日期"),
    RequiredField("end_on", "结班日期"),
    RequiredField("slots", "上课时间", lambda _, row: not row.extra_sessions),
)
DOCUMENTS: Final[tuple[tuple[str, str], ...]] = (
    ("charter", "章程"),
    ("rules_staff", "人员管理制度"),
    ("rules_material", "材料编审制度"),
    ("rules_finance", "财务与资金管理办法"),
    ("rules_safety", "安全管理制度与应急预案"),
    ("fee_refund_policy", "收退费办法"),
    ("commitment", "机构承诺书"),
)
ONLINE_DOCUMENTS: Final[tuple[tuple[str, str], ...]] = (
    ("service_agreement", "用户服务协议"),
    ("complaint_link_shot", "投诉举报链接截图"),
    ("pi_rules", "个人信息处理规则"),
)


def empty_fields(facts: Facts) -> Iterator[Breach]:
    """Every required field of the sections that holds nothing; the label is the detail.

    Only what is live is asked for: a draft material or a closed course need not be whole.
    """
    part = facts.snapshot.institution
    yield from _empty(facts, INSTITUTION, _one("/institution", facts.institution))
    yield from _empty(facts, LEGAL_REP, _one("/institution/legal_rep", facts.institution.legal_rep))
    yield from _empty(facts, LICENCE, _one("/licence", part.licence))
    yield from _empty(
        facts,
        CERTIFICATE,
        (
            Placed(tuple(filter(None, (row.certificate_id,))), f"/certificates/{number}", row)
            for number, row in enumerate(part.certificates)
        ),
    )
    yield from _empty(facts, PARTY, _one("/party", part.party))
    yield from _empty(facts, SUPERVISION, _one("/funds/supervision", part.funds.supervision))
    yield from _empty(facts, BASIC_ACCOUNT, _one("/funds/basic_account", part.funds.basic_account))
    yield from _empty(facts, CONTRACT, _one("/funds/contract", part.funds.contract))
    yield from _empty(facts, FEE_ITEM, facts.fee_items)
    yield from _empty(facts, STAFF, facts.employed)
    yield from _empty(facts, MATERIAL, facts.materials_in_use)
    yield from _empty(facts, SITE, facts.sites)
    yield from _empty(facts, SYSTEM, facts.systems if facts.online else ())
    yield from _empty(facts, COURSE, facts.courses)
    yield from _empty(facts, CLASS, (_bare(row) for row in facts.classes))
    yield from _absent(facts)


def _absent(facts: Facts) -> Iterator[Breach]:
    part = facts.snapshot.institution
    parts = (
        (part.licence is None, "/licence", "办学许可证"),
        (not any(row.is_primary for row in part.certificates), "/certificates", "主要证照"),
        (part.party is None, "/party", "党建情况"),
        (part.funds.supervision is None, "/funds/supervision", "监管信息"),
        (part.funds.basic_account is None, "/funds/basic_account", "基础账户信息"),
        (part.funds.contract is None, "/funds/contract", "合同信息"),
        (not facts.employed, "/staff", "从业人员"),
        (facts.offline and not facts.sites, "/sites", "办学点"),
        (facts.online and not facts.systems, "/systems", "业务系统"),
    )
    for is_absent, pointer, label_zh in parts:
        if is_absent:
            yield Breach((), pointer, required={"present": True}, detail_zh=label_zh)
    held = {document.doc_type for document in part.other_docs if document.file_id}
    for doc_type, label_zh in DOCUMENTS + (ONLINE_DOCUMENTS if facts.online else ()):
        if doc_type not in held:
            yield Breach((), "/other_docs", required={"doc_type": doc_type}, detail_zh=label_zh)


def _empty(
    facts: Facts, fields: Iterable[RequiredField[T]], rows: Iterable[Placed[T]]
) -> Iterator[Breach]:
    for row in rows:
        for field in fields:
            if _is_empty(row.value, field.path) and field.when(facts, row.value):
                yield Breach(
                    row.object_ids,
                    f"{row.pointer}/{field.path}",
                    required={"present": True},
                    detail_zh=field.label_zh,
                )


def _is_empty(row: object, path: str) -> bool:
    value = row
    for name in path.split("/"):
        value = getattr(value, name)
        if value is None:
            return True
    return value in ("", ())


def _one(pointer: str, row: T | None) -> Iterator[Placed[T]]:
    if row is not None:
        yield Placed((), pointer, row)


def _bare(row: Placed[OpenClass]) -> Placed[ClassFacts]:
    return Placed(row.object_ids, row.pointer, row.value.facts)
