"""The codes of a person in words, as people choose them (domain specification §2.9)."""

from collections.abc import Mapping

SEXES_ZH: Mapping[str, str] = {"M": "男", "F": "女"}

NATIONALITIES_ZH: Mapping[str, str] = {
    "CN": "中国",
    "US": "美国",
    "GB": "英国",
    "CA": "加拿大",
    "AU": "澳大利亚",
    "NZ": "新西兰",
    "IE": "爱尔兰",
    "ZA": "南非",
    "FR": "法国",
    "DE": "德国",
    "RU": "俄罗斯",
    "JP": "日本",
    "KR": "韩国",
    "SG": "新加坡",
    "MY": "马来西亚",
    "PH": "菲律宾",
}
"""Of those that teach here most; any other is typed as its code of ISO 3166."""

ID_TYPES_ZH: Mapping[str, str] = {
    "cnid": "居民身份证",
    "passport": "护照",
    "hk_mo_permit": "港澳居民来往内地通行证",
    "tw_permit": "台湾居民来往大陆通行证",
    "foreign_pr": "外国人永久居留身份证",
}

POLITICAL_STATUSES_ZH: Mapping[str, str] = {
    "party_member": "中共党员",
    "probationary": "预备党员",
    "league": "共青团员",
    "other": "其他",
}

EDUCATIONS_ZH: Mapping[str, str] = {
    "doctor": "博士",
    "master": "硕士",
    "bachelor": "本科",
    "junior_college": "专科",
    "secondary": "中专/高中",
    "below": "初中及以下",
}

STAFF_TYPES_ZH: Mapping[str, str] = {
    "teaching": "教学人员",
    "research": "教研人员",
    "management": "管理人员",
    "assistant": "助教/带班",
    "safety": "安全管理",
    "finance": "财务",
    "other": "其他",
}

EMPLOYMENTS_ZH: Mapping[str, str] = {
    "full_time": "专职",
    "part_time": "兼职",
    "dispatched": "劳务派遣",
}

QUALIFICATIONS_ZH: Mapping[str, str] = {
    "teacher_cert": "教师资格证",
    "ntce_pass": "教师资格考试合格证明",
    "professional_cert": "职业（专业）能力证明",
    "coach_title": "体育教练员职称",
    "social_sport_instructor": "社会体育指导员",
    "sport_skill_level": "单项协会技能等级",
    "pe_teacher_cert": "体育教师资格",
    "vocational_skill_level": "职业技能等级",
    "provincial_recognised": "省级体育部门认可",
    "art_title": "艺术职称",
    "foreign_teaching_cert": "外教资质",
}

CERTIFIED_STAGES_ZH: Mapping[str, str] = {
    "kindergarten": "幼儿园",
    "primary": "小学",
    "junior": "初级中学",
    "senior": "高级中学",
    "vocational_secondary": "中等职业学校",
    "higher": "高等学校",
}

DEPARTURES_ZH: Mapping[str, str] = {
    "resigned": "辞职",
    "expired": "合同到期",
    "dismissed": "解聘",
    "prohibited": "从业禁止",
    "other": "其他",
}
