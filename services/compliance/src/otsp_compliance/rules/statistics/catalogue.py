"""The figures of §5.1, one after the other."""

from collections.abc import Iterable, Mapping
from typing import Final

from otsp_compliance.rules.statistics.figures import (
    OF_INSTITUTIONS,
    Dimension,
    Figure,
    Median,
    Rate,
    Sum,
    Unit,
)

REVIEW_STATUSES_ZH: Final[Mapping[str, str]] = {
    "deregistered": "已注销",
    "deregistering": "注销审核中",
    "draft": "待完善",
    "submitted": "待审核",
    "registration_returned": "退回修改",
    "registration_rejected": "注册审核不通过",
    "for_profit_to_nonprofit": "待整改（营转非）",
    "filing_to_approval": "待整改（备案转审批）",
    "other": "待整改（其他）",
    "not_applied": "未申请合规",
    "under_review": "合规审核中",
    "compliant": "合规",
    "change_pending": "变更审核中",
    "returned": "退回整改",
    "non_compliant": "审核不通过",
    "expired": "合规失效",
    "suspended": "暂停培训",
}
"""First match (§3.2): what the home page of an institution says of it."""

COMPLIANCE_STATUSES_ZH: Final[Mapping[str, str]] = {
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
_RECTIFICATIONS_ZH: Final = {
    "for_profit_to_nonprofit": "营转非",
    "filing_to_approval": "备案转审批",
    "other": "其他整改",
}
_REGISTERED: Final = Sum("registered", "在册机构数")
_COUNTED_ZH: Final = "机构名录与{}的计数事件"


def _counted(names_zh: Mapping[str, str], unit: Unit = Unit.COUNT) -> tuple[Sum, ...]:
    return tuple(Sum(name, label, unit) for name, label in names_zh.items())


def _of_rectifications() -> Iterable[Sum]:
    for kind, label in _RECTIFICATIONS_ZH.items():
        yield Sum(f"{kind}_total", f"{label}总数")
        yield Sum(f"{kind}_done", f"{label}已完成")
        yield Sum(f"{kind}_overdue", f"{label}已逾期")


_INSTITUTIONS = Figure(
    1,
    "institutions",
    "机构数及状态",
    "全部机构数，按审核状态（先到先得的首个状态）和合规状态分列；在册机构为注册审核通过且未注销的机构。",
    "机构名录、整改任务",
    (
        Sum("total", "机构总数"),
        _REGISTERED,
        *(
            Sum(f"review_{name}", f"审核状态：{label}")
            for name, label in REVIEW_STATUSES_ZH.items()
        ),
        *(
            Sum(f"compliance_{name}", f"合规状态：{label}")
            for name, label in COMPLIANCE_STATUSES_ZH.items()
        ),
    ),
)
_APPLICATIONS = Figure(
    2,
    "applications",
    "合规申请办理情况",
    "本月提交数；期末在办件按提交之后的工作日数分段；本月作出的最终决定（已被撤销的不计）及其占比；"
    "办理天数为提交日至决定日的自然日数，取中位数。",
    "合规申请、决定",
    (
        Sum("submitted", "本月提交"),
        Sum("pending_0_5", "在办0—5个工作日"),
        Sum("pending_6_15", "在办6—15个工作日"),
        Sum("pending_16_20", "在办16—20个工作日"),
        Sum("pending_over_20", "在办超过20个工作日"),
        Sum("approved", "审核通过"),
        Sum("returned", "退回整改"),
        Sum("rejected", "审核不通过"),
        Sum("decided", "办结合计"),
    ),
    rates=(
        Rate("approved_bp", "通过率", "approved", "decided"),
        Rate("returned_bp", "退回率", "returned", "decided"),
        Rate("rejected_bp", "不通过率", "rejected", "decided"),
    ),
    median=Median("median_days", "办理天数中位数"),
)
_RECTIFICATIONS = Figure(
    3,
    "rectifications",
    "整改进度",
    "各类整改任务的总数、已完成（已完成或免于整改）、已逾期（未完成且已过期限）和完成率。",
    "整改任务",
    tuple(_of_rectifications()),
    rates=tuple(
        Rate(f"{kind}_done_bp", f"{label}完成率", f"{kind}_done", f"{kind}_total")
        for kind, label in _RECTIFICATIONS_ZH.items()
    ),
)
_DEREGISTRATIONS = Figure(
    4,
    "deregistrations",
    "注销和压减",
    "本月办结注销的机构数；基准数为首次批准日期不晚于基准日的机构（注册审核通过，含已注销），现存数为其中"
    "未注销的；压减率＝1－现存数÷基准数。",
    "机构名录、注销办理",
    (
        Sum("deregistered", "本月注销"),
        Sum("baseline", "基准日机构数"),
        Sum("remaining", "其中现存"),
    ),
    rates=(Rate("reduction_bp", "压减率", "remaining", "baseline", is_reduction=True),),
)
_QUALIFICATION = Figure(
    5,
    "qualification",
    "资质审核完成率",
    "在册机构中合规（含变更审核中）的机构所占比例。",
    "机构名录",
    (_REGISTERED, Sum("passed", "资质审核通过机构数")),
    rates=(Rate("passed_bp", "资质审核完成率", "passed", "registered"),),
)
_FUNDS = Figure(
    6,
    "funds",
    "资金监管",
    "监管覆盖率为已按规定方式监管并备案（FND-001）的在册机构所占比例；余额取各机构最近一期报送；"
    "保证金不足为保证金低于一个收费周期总额乘以当地比例的机构。",
    _COUNTED_ZH.format("机构服务"),
    (
        _REGISTERED,
        Sum("filed", "已实行监管机构数"),
        Sum("mode_bank_custody", "银行托管"),
        Sum("mode_risk_deposit", "风险保证金"),
        Sum("mode_both", "并行"),
        Sum("mode_exempt_post_pay", "先培训后收费"),
        Sum("balance_fen", "托管余额", Unit.FEN),
        Sum("deposit_balance_fen", "保证金余额", Unit.FEN),
        Sum("deposit_too_low", "保证金不足机构数"),
    ),
    rates=(Rate("filed_bp", "资金监管覆盖率", "filed", "registered"),),
)
_STAFF = Figure(
    7,
    "staff",
    "从业人员",
    "在册机构的在职人员，按类别分列；专职教学教研人员占比按机构分段；教师资格证持证率以教学人员为基数；"
    "查询逾期为招用前未查询或年度查询超期。",
    _COUNTED_ZH.format("人员服务"),
    (
        *_counted(
            {
                "employed": "在职人员",
                "teaching": "教学人员",
                "research": "教研人员",
                "management": "管理人员",
                "assistant": "助教/带班",
                "safety": "安全管理",
                "finance": "财务",
                "other": "其他",
                "untyped": "未填类别",
                "full_time": "专职人员",
                "instructors_full_time": "专职教学教研人员",
                "teachers_certified": "持教师资格证的教学人员",
                "foreign": "外籍人员",
                "checks_overdue": "查询逾期人员",
                "blacklisted": "命中黑名单人员",
            },
            Unit.PERSONS,
        ),
        Sum("instructors_below_30", "专职教学教研人员占比低于30%的机构"),
        Sum("instructors_30_to_50", "占比30%—50%的机构"),
        Sum("instructors_50_to_80", "占比50%—80%的机构"),
        Sum("instructors_above_80", "占比80%及以上的机构"),
    ),
    rates=(
        Rate("full_time_bp", "专职率", "full_time", "employed"),
        Rate("certified_bp", "教师资格证持证率", "teachers_certified", "teaching"),
    ),
)
_MATERIALS = Figure(
    8,
    "materials",
    "培训材料",
    "在册机构的材料版本，按状态分列；外审积压为已申请外审尚无结果；通过率以已有外审结果的版本为基数；"
    "保管到期为存档材料保管期限已过。",
    _COUNTED_ZH.format("材料服务"),
    _counted(
        {
            "draft": "草稿",
            "internal_review": "内部审核中",
            "internal_passed": "内审通过",
            "internal_failed": "内审不通过",
            "external_pending": "待外审",
            "external_failed": "外审不通过",
            "in_use": "在用",
            "suspended": "停用整改",
            "archived": "已停用存档",
            "purged": "已销毁",
            "external_backlog": "外审积压",
            "external_pass": "外审通过",
            "external_fail": "外审未通过",
            "external_decided": "外审有结果",
            "retention_due": "保管到期",
        }
    ),
    rates=(Rate("external_pass_bp", "外审通过率", "external_pass", "external_decided"),),
)
_CLASSES = Figure(
    9,
    "classes",
    "课程和班级",
    "在册机构的课程和班级；额定人数、在班人数、班型、下课时间和周末学科课次只计招生中和上课中的班级；"
    "班型按额定人数（小班10人以下、中班10—35人、大班35人以上）；下课时间取每班最晚一次课。",
    _COUNTED_ZH.format("课程服务"),
    (
        Sum("courses_active", "开课中课程"),
        Sum("classes_planned", "计划班级"),
        Sum("classes_enrolling", "招生中班级"),
        Sum("classes_in_session", "上课中班级"),
        Sum("classes_finished", "已结班班级"),
        Sum("classes_cancelled", "已取消班级"),
        Sum("capacity", "额定人数"),
        Sum("enrolled", "在班人数", Unit.PERSONS),
        Sum("size_s", "小班"),
        Sum("size_m", "中班"),
        Sum("size_l", "大班"),
        Sum("ends_by_1800", "18:00前下课"),
        Sum("ends_by_2030", "18:00—20:30下课"),
        Sum("ends_by_2100", "20:30—21:00下课"),
        Sum("ends_later", "21:00后下课"),
        Sum("weekend_subject_sessions", "周末学科课次（应为0）"),
    ),
)
_LICENCES = Figure(
    11,
    "licences",
    "许可证到期",
    "在册机构的办学许可证；30日内、90日内到期（90日内含30日内）和已过期的数量。",
    _COUNTED_ZH.format("机构服务"),
    _counted(
        {
            "licences": "办学许可证",
            "licences_expiring_30": "30日内到期",
            "licences_expiring_90": "90日内到期",
            "licences_expired": "已过期",
        }
    ),
)
_FAILED_RULES = Figure(
    10,
    "failed_rules",
    "不通过规则",
    "本月申请检查中各条规则不通过的机构数（同一机构同一规则只计一次）及上月数，按本月数从多到少。",
    "申请的检查结果",
    (
        Sum("institutions", "不通过机构数"),
        Sum("institutions_before", "上月不通过机构数"),
    ),
    dimensions=OF_INSTITUTIONS | {Dimension.RULE},
)
_SITES = Figure(
    12,
    "sites",
    "办学点",
    "在册机构启用中的办学点；生均培训用房面积为培训用房面积除以该办学点招生中和上课中班级的在班人数，"
    "按办学点分段；防火检查超过31日未做的为超期。",
    _COUNTED_ZH.format("课程服务"),
    (
        Sum("sites", "办学点"),
        Sum("teaching_area_centi_m2", "培训用房面积", Unit.CENTI_M2),
        Sum("area_below_3", "生均低于3㎡"),
        Sum("area_3_to_5", "生均3—5㎡"),
        Sum("area_5_to_10", "生均5—10㎡"),
        Sum("area_above_10", "生均10㎡及以上"),
        Sum("area_unknown", "无在班人数或未填面积"),
        Sum("fire_checks_overdue", "防火检查超期"),
    ),
)
_SYSTEMS = Figure(
    13,
    "systems",
    "线上业务系统",
    "在册机构的业务系统，按网络安全等级保护级别分列；留存不足为培训内容少于365日、直播影像少于180日、"
    "网络日志少于180日（未填的不计）。",
    _COUNTED_ZH.format("课程服务"),
    (
        Sum("systems", "业务系统"),
        *(Sum(f"mlps_{level}", f"等保{level}级") for level in range(1, 6)),
        Sum("mlps_none", "未定级"),
        Sum("content_kept_too_short", "培训内容留存不足"),
        Sum("video_kept_too_short", "直播影像留存不足"),
        Sum("logs_kept_too_short", "网络日志留存不足"),
    ),
)
_WORKLOAD = Figure(
    14,
    "workload",
    "审核工作量和逾期",
    "各主管部门期末在办事项、其中亮黄灯和超期的，本月办结的步骤和其中超期办结的。",
    "事项、法定时限",
    (
        Sum("pending", "在办"),
        Sum("amber", "临近期限"),
        Sum("overdue", "超期在办"),
        Sum("decided", "本月办结"),
        Sum("decided_late", "本月超期办结"),
    ),
    rates=(Rate("late_bp", "超期办结率", "decided_late", "decided"),),
    dimensions=frozenset({Dimension.REGION, Dimension.AUTHORITY, Dimension.MONTH}),
)

_RECOVERIES = Figure(
    15,
    "recoveries",
    "账号找回",
    "本月收到的账号找回申请、期末待处理的、本月已重置和已驳回的；按申请填写的地区和培训方式计。",
    "账号找回申请",
    (
        Sum("submitted", "本月申请"),
        Sum("pending", "待处理"),
        Sum("approved", "本月已重置"),
        Sum("rejected", "本月已驳回"),
    ),
    dimensions=frozenset({Dimension.REGION, Dimension.DELIVERY, Dimension.MONTH}),
)

FIGURES: Final[Mapping[str, Figure]] = {
    figure.name: figure
    for figure in (
        _INSTITUTIONS,
        _APPLICATIONS,
        _RECTIFICATIONS,
        _DEREGISTRATIONS,
        _QUALIFICATION,
        _FUNDS,
        _STAFF,
        _MATERIALS,
        _CLASSES,
        _FAILED_RULES,
        _LICENCES,
        _SITES,
        _SYSTEMS,
        _WORKLOAD,
        _RECOVERIES,
    )
}
"""By name, in the order of §5.1."""
