"""FND: fees, their supervision, accounts and contracts (资金). Ratios compare as products."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from otsp_compliance.rules.facts import Facts, delivery_family
from otsp_compliance.rules.outcome import Breach, Fault, Outcome, Placed, need
from otsp_compliance.rules.registry import (
    Severity,
    each_contract,
    each_course,
    each_fee_item,
    each_supervision,
    rule,
)
from otsp_compliance.rules.scopes import DEPOSITING, NONPROFIT, NONSUBJECT, PRICED, SUBJECT_ONLINE
from otsp_compliance.rules.sources import (
    DOUBLE_REDUCTION,
    MODEL_CONTRACT,
    NONSUBJECT_OPINION,
    ONLINE_2019,
    PREPAID_FEES,
    PRICE_CONTROL,
    PRIVATE_EDUCATION_LAW,
    PRIVATE_EDUCATION_REGULATION,
    Citation,
    Standing,
    local,
)
from otsp_compliance.rules.timetable import OpenClass
from otsp_contracts.snapshots import (
    ContractFacts,
    CourseFacts,
    FeeItemFacts,
    PriceCap,
    SupervisionFacts,
)

_PREPAID_FROM: Final = date(2021, 10, 29)
_MODEL_CONTRACT_FROM: Final = date(2021, 10, 13)
_REGULATION_IN_FORCE: Final = date(2021, 9, 1)
_WHOLE: Final = 10_000
_RENEWAL_LESSONS: Final = 20
_FORMER_CONTRACT: Final = "GF-2020-2603"
_STANDARD_LESSON: Final = {"offline": 45, "online": 30}
_SMALL_CLASS_BELOW: Final = 10
_LARGE_CLASS_ABOVE: Final = 35
_AUDIT_MONTH: Final = 7


@rule(
    id="FND-001",
    severity=Severity.BLOCKING,
    message_zh="未按规定实行预收费监管（银行托管或风险保证金）并备案",
    remedy_zh="签订预收费监管协议并备案，填写监管方式和备案日期",
    basis=(PREPAID_FEES.at(),),
    effective_from=_PREPAID_FROM,
)
@each_supervision
def prepaid_fees_are_supervised(_: Facts, supervision: SupervisionFacts) -> Iterator[Fault]:
    modes = ("bank_custody", "risk_deposit", "both")
    if supervision.mode not in modes:
        yield Fault("mode", found=supervision.mode, required=modes)
    if not supervision.agreement_filed_on:
        yield Fault("agreement_filed_on", found=None, required={"present": True})


@rule(
    id="FND-002",
    severity=Severity.BLOCKING,
    message_zh="预收费须进入本机构培训收费专用账户并分账管理",
    remedy_zh="以本机构名义开立与基础账户分开的培训收费专用账户",
    basis=(PREPAID_FEES.at(),),
    effective_from=_PREPAID_FROM,
)
@each_supervision
def fees_go_to_an_account_of_their_own(
    facts: Facts, supervision: SupervisionFacts
) -> Iterator[Fault]:
    name = need(facts.institution.name, "/institution/name")
    if need(supervision.account_name, "account_name") != name:
        yield Fault("account_name", found=supervision.account_name, required=name)
    ordinary = need(facts.basic_account.account_no, "/funds/basic_account/account_no")
    if need(supervision.account_no, "account_no") == ordinary:
        yield Fault(
            "account_no",
            found={"same_as": "basic_account"},
            required={"not_same_as": "basic_account"},
        )


def _charged_too_far_ahead(facts: Facts, fee: FeeItemFacts) -> Iterator[Fault]:
    for field, value, most in (
        ("period_days", fee.period_days, facts.parameters.max_period_days),
        ("lesson_count", fee.lesson_count, facts.parameters.max_lessons),
    ):
        if need(value, field) > most:
            yield Fault(field, found=value, required={"at_most": most})


@rule(
    id="FND-003",
    version=1,
    severity=Severity.BLOCKING,
    message_zh="线上学科类培训一次性收费不得超过3个月或60课时",
    remedy_zh="缩短一次性收费的时间跨度或减少课时数",
    basis=(ONLINE_2019.at(),),
    effective_from=date(2019, 7, 15),
    effective_to=_PREPAID_FROM,
    applies=SUBJECT_ONLINE,
    parameters=("max_period_days", "max_lessons"),
)
@each_fee_item
def online_subject_fee_is_for_a_short_time(facts: Facts, fee: FeeItemFacts) -> Iterator[Fault]:
    if facts.charged_for(fee, "subject"):
        yield from _charged_too_far_ahead(facts, fee)


@rule(
    id="FND-003",
    version=2,
    severity=Severity.BLOCKING,
    message_zh="一次性收费不得超过3个月或60课时",
    remedy_zh="缩短一次性收费的时间跨度或减少课时数（充值、次卡等形式相同）",
    basis=(PREPAID_FEES.at(), ONLINE_2019.at(), NONSUBJECT_OPINION.at()),
    effective_from=_PREPAID_FROM,
    parameters=("max_period_days", "max_lessons"),
)
@each_fee_item
def fee_is_for_a_short_time(facts: Facts, fee: FeeItemFacts) -> Iterator[Fault]:
    yield from _charged_too_far_ahead(facts, fee)


@rule(
    id="FND-004",
    severity=Severity.BLOCKING,
    message_zh="非学科类单次收费不得超过5000元",
    remedy_zh="将单次收费金额调整到5000元以内，或分次收费",
    basis=(NONSUBJECT_OPINION.at(),),
    effective_from=date(2022, 12, 29),
    applies=NONSUBJECT,
    parameters=("max_amount_fen",),
)
@each_fee_item
def nonsubject_fee_is_capped(facts: Facts, fee: FeeItemFacts) -> Iterator[Fault]:
    most = facts.parameters.max_amount_fen
    if facts.charged_for(fee, "nonsubject") and need(fee.amount_fen, "amount_fen") > most:
        yield Fault("amount_fen", found=fee.amount_fen, required={"at_most": most})


@rule(
    id="FND-005",
    severity=Severity.BLOCKING,
    message_zh="预收费不得早于新课开始前1个月（或剩余20课时）",
    remedy_zh="推迟收费时间：按周期收费的不早于开课前1个月，续费的不早于剩余20课时",
    basis=(
        local("江苏、成都、海南、宁夏预收费管理规定"),
        PREPAID_FEES.at(standing=Standing.RECALLED),
    ),
    effective_from=_PREPAID_FROM,
    parameters=("max_advance_days",),
)
@each_fee_item
def fee_is_not_taken_early(facts: Facts, fee: FeeItemFacts) -> Iterator[Fault]:
    advance, most = need(fee.advance_days, "advance_days"), facts.parameters.max_advance_days
    if advance <= most:
        return
    if need(fee.charge_mode, "charge_mode") == "period":
        yield Fault("advance_days", found=advance, required={"at_most": most})
    elif need(fee.remaining_lessons, "remaining_lessons") > _RENEWAL_LESSONS:
        yield Fault(
            "remaining_lessons",
            found={"advance_days": advance, "remaining_lessons": fee.remaining_lessons},
            required={"advance_days": most, "remaining_lessons": _RENEWAL_LESSONS},
        )


@rule(
    id="FND-006",
    severity=Severity.OVERRIDABLE,
    message_zh="风险保证金低于所有学员单个收费周期费用总额",
    remedy_zh="补足风险保证金；确有困难的，可申请例外并说明理由",
    basis=(PREPAID_FEES.at(standing=Standing.RECALLED),),
    effective_from=_PREPAID_FROM,
    applies=DEPOSITING,
    parameters=("deposit_ratio_bp",),
)
@each_supervision
def deposit_covers_one_cycle(facts: Facts, supervision: SupervisionFacts) -> Iterator[Fault]:
    deposit = need(supervision.deposit_balance_fen, "deposit_balance_fen")
    cycle = need(supervision.cycle_total_fen, "cycle_total_fen")
    ratio = facts.parameters.deposit_ratio_bp
    if deposit * _WHOLE < ratio * cycle:
        yield Fault(
            "deposit_balance_fen",
            found=deposit,
            required={"cycle_total_fen": cycle, "ratio_bp": ratio},
        )


@rule(
    id="FND-007",
    severity=Severity.BLOCKING,
    message_zh="学科类收费超过政府指导价",
    remedy_zh="将收费标准调整到当地政府指导价及其浮动幅度以内",
    basis=(PRICE_CONTROL.at(), PREPAID_FEES.at("一(一)")),
    effective_from=date(2021, 9, 6),
    applies=PRICED,
    parameters=("price_cap_fen", "price_float_bp"),
)
@each_fee_item
def subject_price_is_guided(facts: Facts, fee: FeeItemFacts) -> Iterator[Fault]:
    caps = facts.region.price_cap_fen or PriceCap()
    for row in facts.classes_charged(fee.fee_item_id):
        taught = row.value
        cap = _price_cap(caps, taught)
        if need(taught.course.category, taught.of_course("category")) != "subject" or cap is None:
            continue
        sessions = facts.sessions(taught)
        lessons = sum(one.lessons for one in sessions)
        minutes = sum(one.lessons * one.lesson_minutes for one in sessions)
        amount, count = need(fee.amount_fen, "amount_fen"), need(fee.lesson_count, "lesson_count")
        standard = _STANDARD_LESSON[_family(taught)]
        # amount / count is the price of a lesson of minutes / lessons; pro rata to the standard.
        most = cap * (_WHOLE + facts.region.price_float_bp)
        if amount * standard * lessons * _WHOLE > most * count * minutes:
            yield Fault(
                "amount_fen",
                found={"class_id": taught.facts.class_id, "amount_fen": amount},
                required={"cap_fen": cap, "float_bp": facts.region.price_float_bp},
            )


def _family(taught: OpenClass) -> str:
    return delivery_family(need(taught.course.delivery, taught.of_course("delivery")))


def _price_cap(caps: PriceCap, taught: OpenClass) -> int | None:
    """Guide price of a standard lesson for a class of that size; None where none is set."""
    if _family(taught) == "online":
        return caps.online
    if caps.offline is None:
        return None
    size = need(taught.facts.capacity, f"{taught.pointer}/capacity")
    if size < _SMALL_CLASS_BELOW:
        return caps.offline.s
    return caps.offline.m if size <= _LARGE_CLASS_ABOVE else caps.offline.l


def _contract_faults(contract: ContractFacts, code: str) -> Iterator[Fault]:
    if contract.template_code != code:
        yield Fault("template_code", found=contract.template_code, required=code)
    if not contract.used_for_all:
        yield Fault("used_for_all", found=contract.used_for_all, required=True)
    if not contract.sample_file_id:
        yield Fault("sample_file_id", found=None, required={"present": True})


@rule(
    id="FND-008",
    version=1,
    severity=Severity.BLOCKING,
    message_zh="未全面使用《中小学生校外培训服务合同（示范文本）》",
    remedy_zh="与全部学员家长签订示范文本合同，并上传合同样本",
    basis=(
        Citation("《中小学生校外培训服务合同（示范文本）》（2020版）", standing=Standing.RECALLED),
    ),
    effective_from=date(2020, 6, 1),
    effective_to=_MODEL_CONTRACT_FROM,
)
@each_contract
def first_model_contract_is_used(_: Facts, contract: ContractFacts) -> Iterator[Fault]:
    yield from _contract_faults(contract, _FORMER_CONTRACT)


@rule(
    id="FND-008",
    version=2,
    severity=Severity.BLOCKING,
    message_zh="未全面使用《中小学生校外培训服务合同（示范文本）》",
    remedy_zh="与全部学员家长签订2021版示范文本合同，并上传合同样本",
    basis=(PREPAID_FEES.at("一(二)"), MODEL_CONTRACT.at(), DOUBLE_REDUCTION.at()),
    effective_from=_MODEL_CONTRACT_FROM,
    parameters=("contract_code",),
)
@each_contract
def model_contract_is_used(facts: Facts, contract: ContractFacts) -> Iterator[Fault]:
    yield from _contract_faults(contract, facts.parameters.contract_code)


@rule(
    id="FND-009",
    severity=Severity.BLOCKING,
    message_zh="不得使用培训贷方式缴纳培训费用",
    remedy_zh="停止培训贷并退还相关费用，更新收费项目",
    basis=(PREPAID_FEES.at(), NONSUBJECT_OPINION.at(), MODEL_CONTRACT.at()),
    effective_from=_PREPAID_FROM,
)
@each_fee_item
def no_training_loan(_: Facts, fee: FeeItemFacts) -> Iterator[Fault]:
    if need(fee.training_loan, "training_loan"):
        yield Fault("training_loan", found=True, required=False)


@rule(
    id="FND-010",
    severity=Severity.BLOCKING,
    message_zh="收费项目与标准未公示",
    remedy_zh="公示收费项目和标准，登记公示日期和位置",
    basis=(PREPAID_FEES.at("一(二)"), PRIVATE_EDUCATION_LAW.at("第38条")),
    effective_from=_PREPAID_FROM,
)
@each_fee_item
def fee_is_public(_: Facts, fee: FeeItemFacts) -> Iterator[Fault]:
    if not fee.publicized:
        yield Fault("publicized", found=fee.publicized, required=True)


@rule(
    id="FND-011",
    severity=Severity.BLOCKING,
    message_zh="非营利机构资金往来账户未向主管部门备案",
    remedy_zh="将基础账户向主管部门备案后更新填报",
    basis=(PRIVATE_EDUCATION_REGULATION.at("第44条"),),
    effective_from=_REGULATION_IN_FORCE,
    applies=NONPROFIT,
)
def nonprofit_account_is_on_file(facts: Facts) -> Iterator[Outcome]:
    account = Placed((), "/funds/basic_account", facts.basic_account)
    filed = account.value.filed_with_authority
    if not filed:
        yield account.breach(Fault("filed_with_authority", found=filed, required=True))


@rule(
    id="FND-012",
    severity=Severity.WARNING,
    message_zh="未提交上一会计年度审计报告",
    remedy_zh="在其他资料中上传上一会计年度审计报告",
    basis=(PRIVATE_EDUCATION_LAW.at("第39条"), PRIVATE_EDUCATION_REGULATION.at("第46条")),
    effective_from=_REGULATION_IN_FORCE,
)
def last_year_is_audited(facts: Facts) -> Iterator[Outcome]:
    reports = facts.snapshot.institution.funds.audit_reports
    latest = max((report.year for report in reports), default=0)
    due = facts.as_of.year - 1
    if facts.as_of.month >= _AUDIT_MONTH and latest < due:
        yield Breach(
            (), "/funds/audit_reports", found=latest or None, required={"latest_year": due}
        )


@rule(
    id="FND-013",
    severity=Severity.BLOCKING,
    message_zh="课程收费未对应已公示的收费项目",
    remedy_zh="为课程选择已登记的收费项目",
    basis=(local("辽宁省校外培训收费管理规定"), PREPAID_FEES.at("公示")),
    effective_from=_PREPAID_FROM,
)
@each_course
def course_has_a_fee_item(facts: Facts, course: CourseFacts) -> Iterator[Fault]:
    if course.fee_item_id not in facts.fee_item_ids:
        yield Fault("fee_item_id", found=course.fee_item_id, required={"listed": True})
