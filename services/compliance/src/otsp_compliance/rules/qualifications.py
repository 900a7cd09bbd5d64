"""STF, second half: what those who teach must be qualified for (资质)."""

from collections.abc import Iterator
from datetime import date

from otsp_compliance.rules.facts import Facts, certificate_rank, holds
from otsp_compliance.rules.outcome import Fault, need
from otsp_compliance.rules.parameters import STAGE_RANK
from otsp_compliance.rules.registry import (
    Severity,
    each_class,
    each_employed,
    each_instructor,
    rule,
)
from otsp_compliance.rules.scopes import NONSUBJECT, SPORTS, SUBJECT
from otsp_compliance.rules.sources import (
    DOUBLE_REDUCTION,
    OWN,
    SPORTS_CONDUCT,
    STAFF_MEASURES,
    TEACHER_REGULATION,
)
from otsp_compliance.rules.timetable import OpenClass
from otsp_contracts.snapshots import StaffFacts


@rule(
    id="STF-001",
    severity=Severity.BLOCKING,
    message_zh="学科类教学、教研人员须具备教师资格证书",
    remedy_zh="补充该人员的教师资格证书；没有证书的，不得从事学科类教学、教研",
    basis=(STAFF_MEASURES.at(), DOUBLE_REDUCTION.at("“规范培训服务行为”")),
    effective_from=date(2021, 7, 24),
    applies=SUBJECT,
)
@each_instructor
def subject_teachers_are_certified(facts: Facts, person: StaffFacts) -> Iterator[Fault]:
    if need(person.nationality, "nationality") != "CN" or not facts.teaches(person, "subject"):
        return
    if not holds(person, ("teacher_cert",)):
        held = tuple(qual.type for qual in person.quals)
        yield Fault("quals", found=held, required="teacher_cert")


@rule(
    id="STF-002",
    severity=Severity.BLOCKING,
    message_zh="非学科类教学、教研人员须具备相应职业（专业）能力证明",
    remedy_zh="补充该人员的职业（专业）能力证明",
    basis=(STAFF_MEASURES.at(),),
    effective_from=date(2021, 9, 14),
    applies=NONSUBJECT,
)
@each_instructor
def nonsubject_teachers_are_qualified(facts: Facts, person: StaffFacts) -> Iterator[Fault]:
    if facts.teaches(person, "nonsubject") and not person.quals:
        yield Fault("quals", found=0, required={"at_least": 1})


@rule(
    id="STF-016",
    severity=Severity.BLOCKING,
    message_zh="教师资格种类低于任教学段",
    remedy_zh="由具有相应及以上学段教师资格的人员任教，或补充证书",
    basis=(TEACHER_REGULATION.at("第5条"),),
    effective_from=date(1995, 12, 12),
    applies=SUBJECT,
)
@each_class
def certificate_reaches_the_stage(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    if need(taught.course.category, taught.of_course("category")) != "subject":
        return
    stage = need(taught.course.stage, taught.of_course("stage"))
    wanted = need(STAGE_RANK.get(stage), taught.of_course("stage"))
    for lead in facts.leads(taught):
        if need(lead.value.nationality, f"{lead.pointer}/nationality") != "CN":
            continue
        if certificate_rank(lead.value) < wanted:
            held = tuple(qual.stage for qual in lead.value.quals if qual.type == "teacher_cert")
            yield Fault(
                "teacher_ids",
                found={"staff_id": lead.value.staff_id, "cert_stages": held},
                required={"stage": stage},
            )


@rule(
    id="STF-017",
    severity=Severity.WARNING,
    message_zh="教师资格任教学科与课程学科不一致",
    remedy_zh="由相应学科教师资格的人员任教，或说明情况供审核部门核实",
    basis=(DOUBLE_REDUCTION.at("“相应教师资格”"), OWN),
    effective_from=date(2021, 10, 8),
    applies=SUBJECT,
)
@each_class
def certificate_is_for_the_subject(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    if need(taught.course.category, taught.of_course("category")) != "subject":
        return
    subject = need(taught.course.subject_code, taught.of_course("subject_code"))
    for lead in facts.leads(taught):
        held = tuple(qual.subject for qual in lead.value.quals)
        if holds(lead.value, ("teacher_cert",)) and subject not in held:
            yield Fault(
                "teacher_ids",
                found={"staff_id": lead.value.staff_id, "subjects": held},
                required={"subject": subject},
            )


@rule(
    id="STF-018",
    severity=Severity.BLOCKING,
    message_zh="体育执教人员须持有规定的证书之一",
    remedy_zh="补充教练员职称、社会体育指导员等规定证书之一",
    basis=(SPORTS_CONDUCT.at("第12条"),),
    effective_from=date(2021, 12, 14),
    applies=SPORTS,
    parameters=("sports_certs",),
)
@each_employed
def sports_coaches_are_certified(facts: Facts, person: StaffFacts) -> Iterator[Fault]:
    if person.staff_type == "teaching" and facts.teaches(person, "nonsubject"):
        certificates = facts.parameters.sports_certs
        if not holds(person, certificates):
            held = tuple(qual.type for qual in person.quals)
            yield Fault("quals", found=held, required=certificates)
