"""STF: the people who work there (从业人员)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Fault, MissingData, Outcome, need
from otsp_compliance.rules.registry import (
    Severity,
    each_class,
    each_employed,
    each_instructor,
    rule,
)
from otsp_compliance.rules.scopes import OFFLINE, WITH_LEAST_TEACHERS
from otsp_compliance.rules.sources import (
    DOUBLE_REDUCTION,
    ID_STANDARD,
    MINORS_LAW,
    ONLINE_2019,
    OWN,
    PRIVATE_EDUCATION_REGULATION,
    STAFF_MEASURES,
    TEACHERS_LAW,
)
from otsp_compliance.rules.timetable import OpenClass
from otsp_contracts.snapshots import StaffFacts

_BASELINE: Final = date(2021, 10, 8)
_DOUBLE_REDUCTION: Final = date(2021, 7, 24)
_MEASURES: Final = date(2021, 9, 14)
_PRECHECK_DUTY: Final = date(2021, 6, 1)
_WHOLE: Final = 10_000
_YEAR: Final = timedelta(days=365)
_CHECK_LASTS: Final = timedelta(days=366)
_SERVICE_HEADING: Final = "“规范培训服务行为”"


@rule(
    id="STF-003",
    severity=Severity.OVERRIDABLE,
    message_zh="专职教学、教研人员原则上不低于从业人员总数的50%",
    remedy_zh="增加专职教学、教研人员；确有困难的，可申请例外并说明理由",
    basis=(STAFF_MEASURES.at("“原则上”"),),
    effective_from=_MEASURES,
    parameters=("ft_ratio_bp",),
)
def half_of_the_staff_teach_full_time(facts: Facts) -> Iterator[Outcome]:
    full_time = _full_time_instructors(facts)
    total = len(facts.employed)
    ratio = facts.parameters.ft_ratio_bp
    if full_time * _WHOLE < ratio * total:
        yield Breach(
            (),
            "/staff",
            found={"full_time": full_time, "employed": total},
            required={"ratio_bp": ratio},
        )


@rule(
    id="STF-004",
    severity=Severity.OVERRIDABLE,
    message_zh="每班次专职教学人员原则上不低于学生人数的2%（学龄前6%）",
    remedy_zh="为该班增配专职教学人员；确有困难的，可申请例外并说明理由",
    basis=(STAFF_MEASURES.at("“原则上”"),),
    effective_from=_MEASURES,
    applies=OFFLINE,
    parameters=("ratio_k12_bp", "ratio_pre_bp"),
)
@each_class
def class_has_full_time_teachers(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    if need(taught.course.delivery, taught.of_course("delivery")) != "offline":
        return
    stage = need(taught.course.stage, taught.of_course("stage"))
    preschool = stage == "preschool"
    ratio = facts.parameters.ratio_pre_bp if preschool else facts.parameters.ratio_k12_bp
    enrolled = need(taught.facts.enrolled, "enrolled")
    teachers = sum(lead.value.employment == "full_time" for lead in facts.leads(taught))
    if teachers * _WHOLE < ratio * enrolled:
        yield Fault(
            "teacher_ids",
            found={"full_time": teachers, "enrolled": enrolled},
            required={"ratio_bp": ratio},
        )


@rule(
    id="STF-005",
    severity=Severity.BLOCKING,
    message_zh="不得聘用中小学、幼儿园在职教师",
    remedy_zh="解除聘用并办理离职登记；误填的，请更正",
    basis=(STAFF_MEASURES.at(), ONLINE_2019.at()),
    effective_from=_MEASURES,
)
@each_employed
def nobody_teaches_at_a_school(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    if need(person.in_service_teacher, "in_service_teacher"):
        yield Fault("in_service_teacher", found=True, required=False)


@rule(
    id="STF-006",
    severity=Severity.BLOCKING,
    message_zh="存在被剥夺政治权利或故意犯罪受有期徒刑以上刑罚的人员",
    remedy_zh="立即解除聘用并办理离职登记",
    basis=(STAFF_MEASURES.at(), TEACHERS_LAW.at("第14条")),
    effective_from=_MEASURES,
)
@each_employed
def nobody_is_prohibited(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    if need(person.prohibited, "prohibited"):
        yield Fault("prohibited", found=True, required=False)


@rule(
    id="STF-007",
    severity=Severity.BLOCKING,
    message_zh="存在列入从业人员黑名单的人员",
    remedy_zh="3个工作日内解除聘用并办理离职登记；有异议的，向主管部门提出",
    basis=(STAFF_MEASURES.at(),),
    effective_from=_MEASURES,
)
@each_employed
def nobody_is_blacklisted(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    # Only an authority's match sets the mark; without one there is no mark at all.
    if person.blacklisted:
        yield Fault("blacklisted", found=True, required=False)


@rule(
    id="STF-008",
    severity=Severity.BLOCKING,
    message_zh="招用前未完成性侵害等违法犯罪记录查询",
    remedy_zh="向公安机关、检察院查询该人员违法犯罪记录，登记查询日期和结果；有记录的不得聘用",
    basis=(MINORS_LAW.at("第62条"), STAFF_MEASURES.at("前置查询")),
    effective_from=_PRECHECK_DUTY,
)
@each_employed
def records_are_checked_before_hiring(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    if person.precheck_on is None:
        yield Fault("precheck_on", found=None, required={"present": True})
    if not person.precheck_clear:
        yield Fault("precheck_clear", found=person.precheck_clear, required=True)
    if person.precheck_on is None:
        return
    hired_on = need(person.hired_on, "hired_on")
    # The duty exists since 2021-06-01; whoever was hired earlier was checked afterwards.
    if hired_on >= _PRECHECK_DUTY and person.precheck_on > hired_on:
        yield Fault("precheck_on", found=person.precheck_on, required={"not_after": hired_on})


@rule(
    id="STF-009",
    severity=Severity.BLOCKING,
    message_zh="未按年度查询从业人员违法犯罪记录",
    remedy_zh="完成年度查询并登记查询日期",
    basis=(MINORS_LAW.at("第62条第2款"),),
    effective_from=_PRECHECK_DUTY,
)
@each_employed
def records_are_checked_yearly(facts: Facts, person: StaffFacts) -> Iterator[Fault]:
    if facts.as_of - need(person.hired_on, "hired_on") <= _YEAR:
        return
    checked = person.annual_check_on
    if checked is None or facts.as_of - checked > _CHECK_LASTS:
        least = {"not_before": facts.as_of - _CHECK_LASTS}
        yield Fault("annual_check_on", found=checked, required=least)


@rule(
    id="STF-010",
    severity=Severity.BLOCKING,
    message_zh="未与从业人员签订书面劳动合同",
    remedy_zh="签订书面劳动合同后更新填报",
    basis=(STAFF_MEASURES.at("书面签约"), PRIVATE_EDUCATION_REGULATION.at("第34条")),
    effective_from=_MEASURES,
)
@each_employed
def contract_is_signed(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    if not person.contract_signed:
        yield Fault("contract_signed", found=person.contract_signed, required=True)


@rule(
    id="STF-011",
    severity=Severity.BLOCKING,
    message_zh="外籍人员无有效来华工作许可",
    remedy_zh="办理或延续外国人来华工作许可，填写许可编号和有效期",
    basis=(PRIVATE_EDUCATION_REGULATION.at("第16条、第34条"), DOUBLE_REDUCTION.at()),
    effective_from=_DOUBLE_REDUCTION,
)
@each_employed
def foreigners_may_work_here(facts: Facts, person: StaffFacts) -> Iterator[Fault]:
    if need(person.nationality, "nationality") == "CN" or not need(person.in_china, "in_china"):
        return
    if not person.work_permit_held:
        yield Fault("work_permit_held", found=person.work_permit_held, required=True)
    elif need(person.work_permit_to, "work_permit_to") < facts.as_of:
        yield Fault(
            "work_permit_to", found=person.work_permit_to, required={"not_before": facts.as_of}
        )


@rule(
    id="STF-012",
    severity=Severity.BLOCKING,
    message_zh="严禁聘请在境外的外籍人员开展培训活动",
    remedy_zh="停止该人员的培训活动并办理离职登记",
    basis=(DOUBLE_REDUCTION.at(_SERVICE_HEADING),),
    effective_from=_DOUBLE_REDUCTION,
)
@each_employed
def no_foreigner_teaches_from_abroad(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    if need(person.nationality, "nationality") != "CN" and not person.in_china:
        yield Fault("in_china", found=person.in_china, required=True)


@rule(
    id="STF-013",
    severity=Severity.WARNING,
    message_zh="初次招用人员应开展岗位培训",
    remedy_zh="完成岗前培训后登记",
    basis=(STAFF_MEASURES.at("岗前培训"),),
    effective_from=_MEASURES,
)
@each_employed
def newcomers_are_inducted(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    if not person.inducted:
        yield Fault("inducted", found=person.inducted, required=True)


@rule(
    id="STF-014",
    severity=Severity.BLOCKING,
    message_zh="教学、教研人员信息未公示并备案",
    remedy_zh="在机构场所和网站公示人员信息并备案后更新填报",
    basis=(STAFF_MEASURES.at("及时公示"), DOUBLE_REDUCTION.at(_SERVICE_HEADING)),
    effective_from=_MEASURES,
)
@each_instructor
def instructors_are_public(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    if not person.publicized:
        yield Fault("publicized", found=person.publicized, required=True)


@rule(
    id="STF-015",
    severity=Severity.BLOCKING,
    message_zh="从业人员身份号码校验失败或重复",
    remedy_zh="按身份证原件核对并更正号码；同一人重复登记的，删除重复记录",
    basis=(ID_STANDARD.at(),),
    effective_from=_BASELINE,
)
def numbers_are_sound_and_unique(facts: Facts) -> Iterator[Outcome]:
    holders: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(facts.employed):
        person = row.value
        if person.nationality is None:
            yield row.gap(MissingData("nationality"))
        elif person.nationality == "CN" and not person.id_valid:
            yield row.breach(Fault("id_valid", found=person.id_valid, required=True))
        if person.id_hmac:
            holders[person.id_hmac].append(position)
    for positions in holders.values():
        if len(positions) > 1:
            for position in positions:
                fault = Fault(
                    "id_hmac", found={"registered": len(positions)}, required={"registered": 1}
                )
                yield facts.employed[position].breach(fault)


@rule(
    id="STF-019",
    severity=Severity.WARNING,
    message_zh="同一人在两家以上机构登记为专职人员",
    remedy_zh="核实该人员的用工形式，在其中一家改为兼职",
    basis=(OWN,),
    effective_from=_BASELINE,
)
@each_employed
def full_time_means_one_employer(_: Facts, person: StaffFacts) -> Iterator[Fault]:
    # Computed by the owner over all institutions; null means that nothing was found.
    if person.employment == "full_time" and person.other_full_time:
        yield Fault("other_full_time", found=True, required=False)


@rule(
    id="STF-020",
    severity=Severity.OVERRIDABLE,
    message_zh="专职教学、教研人员人数低于本地设置标准",
    remedy_zh="增加专职教学、教研人员；确有困难的，可申请例外并说明理由",
    basis=(OWN,),
    effective_from=_BASELINE,
    applies=WITH_LEAST_TEACHERS,
    parameters=("min_ft_teaching",),
)
def enough_teach_full_time(facts: Facts) -> Iterator[Outcome]:
    least = facts.region.min_ft_teaching or 0
    full_time = _full_time_instructors(facts)
    if full_time < least:
        yield Breach((), "/staff", found={"full_time": full_time}, required={"at_least": least})


def _full_time_instructors(facts: Facts) -> int:
    return sum(row.value.employment == "full_time" for row in facts.teaching_and_research)
