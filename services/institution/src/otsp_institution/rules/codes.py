"""The codes of certificates, documents, licences and charges in words (domain specification §2)."""

from collections.abc import Mapping

CERTIFICATES_ZH: Mapping[str, str] = {
    "pne_cert": "民办非企业单位登记证书",
    "business_licence": "营业执照",
    "public_inst_cert": "事业单位法人证书",
    "fire_cert": "消防验收/检查合格证明",
    "hygiene_cert": "卫生许可",
    "food_licence": "食品经营许可",
    "tax_cert": "非营利组织免税资格",
    "other": "其他",
}

DOCUMENTS_ZH: Mapping[str, str] = {
    "charter": "章程",
    "rules_staff": "人员管理制度",
    "rules_material": "材料编审制度",
    "rules_finance": "财务与资金管理办法",
    "rules_safety": "安全管理制度与应急预案",
    "fee_refund_policy": "收退费办法",
    "lease": "房屋产权/租赁证明",
    "fire_proof": "消防证明",
    "enrolment_brief": "招生简章/广告备案",
    "commitment": "机构承诺书",
    "service_agreement": "用户服务协议",
    "complaint_link_shot": "投诉举报链接截图",
    "pi_rules": "个人信息处理规则",
    "audit_report": "年度审计报告",
    "settlement_report": "清算报告",
    "notice_termination": "拟终止公告",
    "dereg_proof": "注销证明",
    "nonprofit_conversion_docs": "营转非材料",
    "other": "其他",
}

LEVELS_ZH: Mapping[str, str] = {
    "national": "国家级",
    "province": "省级",
    "city": "市级",
    "county": "区县级",
}

LICENCE_STATUSES_ZH: Mapping[str, str] = {
    "valid": "有效",
    "expired": "过期",
    "returned": "已交回",
    "revoked": "已吊销",
}

DELIVERY_MODES_ZH: Mapping[str, str] = {"offline": "线下", "online": "线上"}

NONSUBJECT_TYPES_ZH: Mapping[str, str] = {
    "sports": "体育类",
    "culture_arts": "文化艺术类",
    "science_tech": "科技类",
    "other": "其他",
}

NATURES_ZH: Mapping[str, str] = {"nonprofit": "非营利性", "forprofit": "营利性"}

REGISTRATIONS_ZH: Mapping[str, str] = {
    "submitted": "待审核",
    "returned": "退回修改",
    "rejected": "审核不通过",
    "approved": "审核通过",
}

COMPLIANCES_ZH: Mapping[str, str] = {
    "not_applied": "未申请合规",
    "under_review": "合规审核中",
    "compliant": "合规",
    "returned": "退回整改",
    "non_compliant": "审核不通过",
    "expired": "合规失效",
    "suspended": "暂停培训",
    "change_pending": "变更审核中",
    "deregistering": "注销审核中",
    "deregistered": "已注销",
}

CHARGE_MODES_ZH: Mapping[str, str] = {"lesson": "按课时", "period": "按培训周期"}

PAYMENT_PLANS_ZH: Mapping[str, str] = {
    "once": "一次性",
    "instalment": "分期",
    "per_lesson": "一课一付",
    "after": "先培训后付费",
}
