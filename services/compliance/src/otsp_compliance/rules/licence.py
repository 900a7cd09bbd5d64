"""LIC: licence and registration (证照)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from otsp_compliance.rules.facts import Facts, delivery_family
from otsp_compliance.rules.outcome import Breach, Fault, MissingData, Outcome, need
from otsp_compliance.rules.registry import (
    Severity,
    each_certificate,
    each_course,
    each_institution,
    each_legal_rep,
    each_licence,
    each_site,
    rule,
)
from otsp_compliance.rules.scopes import CHINESE_HEAD, COMPULSORY, OFFLINE, SUBJECT, SUBJECT_ONLINE
from otsp_compliance.rules.sources import (
    DOUBLE_REDUCTION,
    ID_STANDARD,
    LICENSING_LAW,
    MANUAL,
    MODEL_CONTRACT,
    NONPROFIT_REGISTRATION,
    ONLINE_APPROVAL,
    OWN,
    PENALTIES,
    PRIVATE_EDUCATION_LAW,
    PRIVATE_EDUCATION_REGULATION,
    USCC_STANDARD,
    local,
)
from otsp_contracts.snapshots import (
    CertificateFacts,
    CourseFacts,
    InstitutionFacts,
    LegalRepFacts,
    LicenceFacts,
    SiteFacts,
)
from otsp_contracts.values import is_uscc

BASELINE: Final = date(2021, 10, 8)
REGULATION_IN_FORCE: Final = date(2021, 9, 1)
DOUBLE_REDUCTION_ON: Final = date(2021, 7, 24)
_RENEWAL_NOTICE: Final = timedelta(days=30)
_APPROVAL_HEADING: Final = "“坚持从严审批机构”"


@rule(
    id="LIC-001",
    severity=Severity.BLOCKING,
    message_zh="未上传有效的办学许可证",
    remedy_zh="填写办学许可证编号和有效期，并上传许可证扫描件；尚未取得许可的，先向审批机关申请",
    basis=(PRIVATE_EDUCATION_LAW.at("第12条、第18条"), PENALTIES.at("第17条")),
    effective_from=date(2003, 9, 1),
)
def holds_a_licence(facts: Facts) -> Iterator[Outcome]:
    licence = facts.snapshot.institution.licence
    if licence is None:
        yield Breach((), "/licence", found=None, required={"present": True})
        return
    for field in ("licence_no", "valid_from", "valid_to", "scan_file_id"):
        if not getattr(licence, field):
            yield Breach((), f"/licence/{field}", found=None, required={"present": True})


@rule(
    id="LIC-002",
    severity=Severity.BLOCKING,
    message_zh="办学许可证不在有效期内",
    remedy_zh="向审批机关办理许可证延续或换发后更新有效期",
    basis=(PRIVATE_EDUCATION_REGULATION.at("第22条"),),
    effective_from=REGULATION_IN_FORCE,
)
@each_licence
def licence_is_valid(facts: Facts, licence: LicenceFacts) -> Iterator[Fault]:
    valid_from = need(licence.valid_from, "valid_from")
    valid_to = need(licence.valid_to, "valid_to")
    if facts.as_of < valid_from:
        yield Fault("valid_from", found=valid_from, required={"not_after": facts.as_of})
    if facts.as_of > valid_to:
        yield Fault("valid_to", found=valid_to, required={"not_before": facts.as_of})


@rule(
    id="LIC-003",
    severity=Severity.WARNING,
    message_zh="办学许可证将于30日内到期，请及时申请延续",
    remedy_zh="在到期前30日向审批机关申请延续",
    basis=(LICENSING_LAW.at("第50条"),),
    effective_from=date(2004, 7, 1),
)
@each_licence
def licence_does_not_run_out_soon(facts: Facts, licence: LicenceFacts) -> Iterator[Fault]:
    left = need(licence.valid_to, "valid_to") - facts.as_of
    if timedelta(0) <= left < _RENEWAL_NOTICE:
        yield Fault("valid_to", found={"days_left": left.days}, required={"days_left": 30})


@rule(
    id="LIC-004",
    severity=Severity.WARNING,
    message_zh="办学许可证编号格式异常，请核对",
    remedy_zh="按许可证原件核对编号，格式为“教民”加13或15位数字加“号”",
    basis=(local("办学许可证编号规则"),),
    effective_from=BASELINE,
    parameters=("licence_no_re",),
)
@each_licence
def licence_number_has_the_known_form(facts: Facts, licence: LicenceFacts) -> Iterator[Fault]:
    number = need(licence.licence_no, "licence_no")
    pattern = facts.parameters.licence_no_re
    if not re.fullmatch(pattern, number):
        yield Fault("licence_no", found=number, required={"pattern": pattern})


@rule(
    id="LIC-005",
    severity=Severity.BLOCKING,
    message_zh="统一社会信用代码校验失败或与证照不一致",
    remedy_zh="按登记证照核对并更正统一社会信用代码",
    basis=(USCC_STANDARD.at(),),
    effective_from=date(2015, 10, 1),
)
@each_certificate
def credit_code_is_sound_and_the_same(
    facts: Facts, certificate: CertificateFacts
) -> Iterator[Fault]:
    code = need(certificate.uscc, "uscc")
    registered = need(facts.institution.uscc, "/institution/uscc")
    if registered != code:
        yield Fault("/institution/uscc", found=registered, required=code)
    if not is_uscc(code):
        yield Fault("uscc", found=code, required={"check_digit": True})


@rule(
    id="LIC-006",
    severity=Severity.BLOCKING,
    message_zh="机构名称与办学许可证、登记证照不一致",
    remedy_zh="以登记证照名称为准统一各处名称；证载名称已变更的，先办理许可证变更",
    basis=(PRIVATE_EDUCATION_REGULATION.at("第20条"),),
    effective_from=REGULATION_IN_FORCE,
)
def bears_one_name(facts: Facts) -> Iterator[Outcome]:
    name = need(facts.institution.name, "/institution/name")
    certificate = facts.primary_certificate
    for pointer, other in (
        ("/licence/name_on_licence", facts.licence.name_on_licence),
        (f"{certificate.pointer}/name_on_cert", certificate.value.name_on_cert),
    ):
        if other is None:
            yield MissingData(pointer)
        elif other != name:
            yield Breach((), pointer, found=other, required=name)


@rule(
    id="LIC-007",
    severity=Severity.BLOCKING,
    message_zh="面向义务教育阶段的学科类机构须登记为非营利性法人",
    remedy_zh="办理营转非：换发办学许可证并在民政部门登记为民办非企业单位",
    basis=(
        DOUBLE_REDUCTION.at(_APPROVAL_HEADING),
        NONPROFIT_REGISTRATION.at(),
        MANUAL.at("1.3.3(2)"),
    ),
    effective_from=DOUBLE_REDUCTION_ON,
    applies=COMPULSORY,
)
@each_institution
def compulsory_stage_is_not_for_profit(_: Facts, who: InstitutionFacts) -> Iterator[Fault]:
    if need(who.legal_nature, "legal_nature") != "nonprofit":
        yield Fault("legal_nature", found=who.legal_nature, required="nonprofit")


@rule(
    id="LIC-008",
    severity=Severity.BLOCKING,
    message_zh="登记证照类型与机构属性（营利/非营利）不符",
    remedy_zh="核对机构属性与主要证照；不符的，到登记机关办理相应登记",
    basis=(USCC_STANDARD.at(), PRIVATE_EDUCATION_LAW.at("第19条"), OWN),
    effective_from=REGULATION_IN_FORCE,
    parameters=("uscc_prefixes_nonprofit", "uscc_prefixes_forprofit"),
)
@each_certificate
def registration_fits_the_nature(facts: Facts, certificate: CertificateFacts) -> Iterator[Fault]:
    prefixes = {
        "nonprofit": facts.parameters.uscc_prefixes_nonprofit,
        "forprofit": facts.parameters.uscc_prefixes_forprofit,
    }.get(need(facts.institution.legal_nature, "/institution/legal_nature"), ())
    code = need(certificate.uscc, "uscc")
    if code[:2] not in prefixes:
        yield Fault("uscc", found={"prefix": code[:2]}, required={"prefix": prefixes})


@rule(
    id="LIC-009",
    severity=Severity.BLOCKING,
    message_zh="课程超出办学许可范围",
    remedy_zh="停开该课程，或先向审批机关申请变更许可范围",
    basis=(PRIVATE_EDUCATION_REGULATION.at("第63条第(九)项"),),
    effective_from=REGULATION_IN_FORCE,
)
@each_course
def course_is_within_the_licence(facts: Facts, course: CourseFacts) -> Iterator[Fault]:
    licence = facts.licence
    for field, value, scope, scope_field in (
        ("category", course.category, licence.scope_categories, "scope_categories"),
        ("stage", course.stage, licence.scope_stages, "scope_stages"),
        ("subject_code", course.subject_code, licence.scope_subject_codes, "scope_subject_codes"),
    ):
        allowed = need(scope, f"/licence/{scope_field}")
        if need(value, field) not in allowed:
            yield Fault(field, found=value, required=allowed)


@rule(
    id="LIC-010",
    severity=Severity.BLOCKING,
    message_zh="仅持线上（线下）许可不得开展线下（线上）培训",
    remedy_zh="停开该课程，或先取得相应培训方式的许可",
    basis=(MODEL_CONTRACT.at("特别提示一"),),
    effective_from=date(2021, 10, 13),
)
@each_course
def delivery_is_licensed(facts: Facts, course: CourseFacts) -> Iterator[Fault]:
    licensed = need(facts.licence.scope_delivery, "/licence/scope_delivery")
    delivery = need(course.delivery, "delivery")
    if delivery_family(delivery) not in {delivery_family(one) for one in licensed}:
        yield Fault("delivery", found=delivery, required=licensed)


@rule(
    id="LIC-011",
    severity=Severity.WARNING,
    message_zh="学科类机构批准日期晚于2021-07-24，请审核部门核实是否属新批机构",
    remedy_zh="核对首次批准日期；由原平台迁移或整改而来的，请说明",
    basis=(DOUBLE_REDUCTION.at(_APPROVAL_HEADING),),
    effective_from=DOUBLE_REDUCTION_ON,
    applies=SUBJECT,
)
@each_institution
def subject_institution_is_not_new(facts: Facts, who: InstitutionFacts) -> Iterator[Fault]:
    approved = need(who.first_approved_on, "first_approved_on")
    explained = who.migrated_from or facts.snapshot.rectifications
    if approved > DOUBLE_REDUCTION_ON and not explained:
        latest = {"not_after": DOUBLE_REDUCTION_ON}
        yield Fault("first_approved_on", found=approved, required=latest)


@rule(
    id="LIC-012",
    severity=Severity.BLOCKING,
    message_zh="线上学科类机构须由省级教育行政部门（或其授权部门）审批",
    remedy_zh="向省级教育行政部门（或其授权部门）申请办学许可",
    basis=(ONLINE_APPROVAL.at(), local("河南省委托县级审批的规定")),
    effective_from=date(2021, 9, 18),
    applies=SUBJECT_ONLINE,
    parameters=("online_subject_issuer_levels",),
)
@each_licence
def online_subject_licence_is_provincial(facts: Facts, licence: LicenceFacts) -> Iterator[Fault]:
    levels = facts.parameters.online_subject_issuer_levels
    if need(licence.issuer_level, "issuer_level") not in levels:
        yield Fault("issuer_level", found=licence.issuer_level, required=levels)


@rule(
    id="LIC-013",
    severity=Severity.BLOCKING,
    message_zh="法定代表人应由决策机构负责人或校长担任",
    remedy_zh="核对法定代表人职务；不符的，到登记机关变更法定代表人",
    basis=(PRIVATE_EDUCATION_LAW.at("第23条"), PRIVATE_EDUCATION_REGULATION.at("第25条")),
    effective_from=REGULATION_IN_FORCE,
)
@each_legal_rep
def legal_representative_heads_the_school(_: Facts, person: LegalRepFacts) -> Iterator[Fault]:
    allowed = ("chair", "principal")
    if need(person.position, "position") not in allowed:
        yield Fault("position", found=person.position, required=allowed)


@rule(
    id="LIC-014",
    severity=Severity.BLOCKING,
    message_zh="机构负责人须具有中国国籍并在境内定居",
    remedy_zh="更换符合条件的负责人并办理变更登记",
    basis=(PRIVATE_EDUCATION_REGULATION.at("第25条"), ONLINE_APPROVAL.at("统一设置要求1(6)")),
    effective_from=REGULATION_IN_FORCE,
)
@each_legal_rep
def head_is_a_resident_citizen(_: Facts, person: LegalRepFacts) -> Iterator[Fault]:
    if need(person.nationality, "nationality") != "CN":
        yield Fault("nationality", found=person.nationality, required="CN")
    if not need(person.resides_in_china, "resides_in_china"):
        yield Fault("resides_in_china", found=False, required=True)


@rule(
    id="LIC-015",
    severity=Severity.BLOCKING,
    message_zh="法定代表人公民身份号码校验失败",
    remedy_zh="按身份证原件核对并更正号码",
    basis=(ID_STANDARD.at(),),
    effective_from=BASELINE,
    applies=CHINESE_HEAD,
)
@each_legal_rep
def head_has_a_sound_number(_: Facts, person: LegalRepFacts) -> Iterator[Fault]:
    if not person.id_valid:
        yield Fault("id_valid", found=person.id_valid, required=True)


@rule(
    id="LIC-016",
    severity=Severity.BLOCKING,
    message_zh="跨县（市、区）办学点须在所在地单独申请办学许可",
    remedy_zh="向办学点所在县（市、区）申请办学许可，或停用该办学点",
    basis=(PRIVATE_EDUCATION_REGULATION.at("第23条"), DOUBLE_REDUCTION.at(_APPROVAL_HEADING)),
    effective_from=REGULATION_IN_FORCE,
    applies=OFFLINE,
)
@each_site
def site_lies_in_the_licensed_county(facts: Facts, site: SiteFacts) -> Iterator[Fault]:
    home = need(facts.institution.region_code, "/institution/region_code")
    if need(site.region_code, "region_code") != home:
        yield Fault("region_code", found=site.region_code, required=home)


@rule(
    id="LIC-017",
    severity=Severity.BLOCKING,
    message_zh="存在未完成的整改任务，不能提交合规申请",
    remedy_zh="完成整改并提交核验材料后再申请",
    basis=(MANUAL.at("3"), NONPROFIT_REGISTRATION.at(), ONLINE_APPROVAL.at()),
    effective_from=BASELINE,
)
def rectifications_are_answered(facts: Facts) -> Iterator[Outcome]:
    for number, task in enumerate(facts.snapshot.rectifications):
        if task.status not in ("submitted", "closed", "waived"):
            yield Breach(
                (task.kind,),
                f"/rectifications/{number}/status",
                found=task.status,
                required=("submitted", "closed", "waived"),
            )


@rule(
    id="LIC-018",
    severity=Severity.BLOCKING,
    message_zh="学科类机构不得上市融资，外资不得控股或参股",
    remedy_zh="清理外资股权和上市公司关联后更新填报",
    basis=(DOUBLE_REDUCTION.at(_APPROVAL_HEADING),),
    effective_from=DOUBLE_REDUCTION_ON,
    applies=SUBJECT,
)
@each_institution
def subject_institution_is_unlisted_and_domestic(
    _: Facts, who: InstitutionFacts
) -> Iterator[Fault]:
    if need(who.foreign_controlled, "foreign_controlled"):
        yield Fault("foreign_controlled", found=True, required=False)
    if need(who.listed_affiliate, "listed_affiliate"):
        yield Fault("listed_affiliate", found=True, required=False)
