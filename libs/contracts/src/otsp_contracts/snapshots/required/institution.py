"""Required of an institution, its papers and its funds (domain specification §2.2 to §2.8)."""

from typing import Final

from otsp_contracts.snapshots.institution import (
    BasicAccountFacts,
    CertificateFacts,
    ContractFacts,
    FeeItemFacts,
    InstitutionFacts,
    LegalRepFacts,
    LicenceFacts,
    PartyFacts,
    SupervisionFacts,
)
from otsp_contracts.snapshots.required.field import Circumstances, RequiredField

REGISTRATION_CERTIFICATES: Final = frozenset({"pne_cert", "business_licence", "public_inst_cert"})


def _has_party_body(_: Circumstances, party: PartyFacts) -> bool:
    return party.org_form not in (None, "none")


INSTITUTION: Final[tuple[RequiredField[InstitutionFacts], ...]] = (
    RequiredField("name", "机构名称"),
    RequiredField("uscc", "统一社会信用代码"),
    RequiredField("region_code", "所属区县"),
    RequiredField("registered_address", "注册地址"),
    RequiredField("office_address", "办公地址"),
    RequiredField("categories", "培训类别"),
    RequiredField("delivery_modes", "培训方式"),
    RequiredField("nonsubject_types", "非学科类别", lambda known, _: known.is_nonsubject),
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
        lambda known, _: known.is_nonprofit,
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
