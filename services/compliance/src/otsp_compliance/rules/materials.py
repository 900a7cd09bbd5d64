"""MAT: what is taught from (培训材料)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Fault, need
from otsp_compliance.rules.registry import Severity, each_material, each_material_in_use, rule
from otsp_compliance.rules.scopes import COMPULSORY, SUBJECT
from otsp_compliance.rules.sources import (
    MANUAL,
    MATERIALS_MEASURES,
    ONLINE_APPROVAL,
    OWN,
    PRIVATE_EDUCATION_REGULATION,
    Standing,
)
from otsp_contracts.snapshots import MaterialFacts

_BASELINE: Final = date(2021, 10, 8)
_MEASURES: Final = date(2021, 8, 25)
_AUTHOR_YEARS: Final = 3
_KEPT: Final = timedelta(days=3 * 365)


@rule(
    id="MAT-001",
    severity=Severity.BLOCKING,
    message_zh="培训材料未通过机构内部审核",
    remedy_zh="完成内部审核并登记审核人和结果；未通过的停止使用",
    basis=(MATERIALS_MEASURES.at("“凡编必审、凡用必审”"),),
    effective_from=_MEASURES,
)
@each_material_in_use
def material_passed_inside(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    review = material.internal_review
    result = review.result if review else None
    if result != "pass":
        yield Fault("internal_review/result", found=result, required="pass")


@rule(
    id="MAT-002",
    severity=Severity.BLOCKING,
    message_zh="学科类培训材料未通过教育行政部门外部审核",
    remedy_zh="提交外部审核；审核通过前停止使用",
    basis=(MATERIALS_MEASURES.at("“双审核”"),),
    effective_from=_MEASURES,
    applies=SUBJECT,
)
@each_material_in_use
def subject_material_passed_outside(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    if need(material.category, "category") != "subject":
        return
    review = material.external_review
    is_sampled = review is not None and review.required
    if need(material.form, "form") == "basic" or is_sampled:
        result = review.result if review else None
        if result != "pass":
            yield Fault("external_review/result", found=result, required="pass")


@rule(
    id="MAT-003",
    severity=Severity.BLOCKING,
    message_zh="培训材料编审人员未分离",
    remedy_zh="由未参与编写的人员重新进行内部审核",
    basis=(MATERIALS_MEASURES.at("“编审分离”"),),
    effective_from=_MEASURES,
)
@each_material_in_use
def nobody_reviews_his_own_work(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    # A material without any review is told by MAT-001.
    reviewers = material.internal_review.reviewer_ids if material.internal_review else ()
    authors = {author.staff_id for author in material.authors}
    both = tuple(reviewer for reviewer in reviewers if reviewer in authors)
    if both:
        yield Fault(
            "internal_review/reviewer_ids", found={"staff_ids": both}, required={"separate": True}
        )


@rule(
    id="MAT-004",
    severity=Severity.BLOCKING,
    message_zh="编写研发人员须从教3年及以上并具备相应资质",
    remedy_zh="由符合条件的人员编写（学科类须有教师资格证），或补充其从教年限和资质",
    basis=(MATERIALS_MEASURES.at(),),
    effective_from=_MEASURES,
)
@each_material_in_use
def authors_are_experienced(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    for number, author in enumerate(material.authors):
        place = f"authors/{number}"
        years = need(author.years, f"{place}/years")
        if years < _AUTHOR_YEARS:
            yield Fault(f"{place}/years", found=years, required={"at_least": _AUTHOR_YEARS})
        if not author.qual:
            yield Fault(f"{place}/qual", found=None, required={"present": True})
        elif need(material.category, "category") == "subject" and author.qual != "teacher_cert":
            yield Fault(f"{place}/qual", found=author.qual, required="teacher_cert")


@rule(
    id="MAT-005",
    severity=Severity.BLOCKING,
    message_zh="未承诺培训材料不含负面清单（12项）内容",
    remedy_zh="核对12项负面清单后作出承诺",
    basis=(MATERIALS_MEASURES.at(),),
    effective_from=_MEASURES,
)
@each_material_in_use
def negative_list_is_respected(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    if not material.negative_list_ok:
        yield Fault("negative_list_ok", found=material.negative_list_ok, required=True)


@rule(
    id="MAT-006",
    severity=Severity.OVERRIDABLE,
    message_zh="培训材料存档保管期限不少于使用完毕后3年",
    remedy_zh="说明提前销毁的原因并申请例外；其余材料保管满3年后再销毁",
    basis=(MATERIALS_MEASURES.at(standing=Standing.RECALLED),),
    effective_from=_MEASURES,
)
@each_material
def material_is_kept_three_years(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    if material.purged_on is None:
        return
    kept = material.purged_on - need(material.used_until, "used_until")
    if kept < _KEPT:
        yield Fault("purged_on", found={"days_kept": kept.days}, required={"days_kept": _KEPT.days})


@rule(
    id="MAT-007",
    severity=Severity.BLOCKING,
    message_zh="义务教育阶段学科类培训不得引入境外教材",
    remedy_zh="停止使用该材料",
    basis=(ONLINE_APPROVAL.at(), PRIVATE_EDUCATION_REGULATION.at("第29条")),
    effective_from=date(2021, 9, 18),
    applies=COMPULSORY,
)
@each_material_in_use
def no_overseas_textbook(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    if need(material.category, "category") == "subject" and need(material.overseas, "overseas"):
        yield Fault("overseas", found=True, required=False)


@rule(
    id="MAT-008",
    severity=Severity.BLOCKING,
    message_zh="材料内容变更后未重新审核",
    remedy_zh="对变更后的内容重新审核，或恢复为已审核的内容",
    basis=(OWN, MATERIALS_MEASURES.at()),
    effective_from=_BASELINE,
)
@each_material_in_use
def reviewed_content_is_used(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    content = need(material.content_sha256, "content_sha256")
    if content != material.reviewed_sha256:
        yield Fault("reviewed_sha256", found=material.reviewed_sha256, required=content)


@rule(
    id="MAT-009",
    severity=Severity.WARNING,
    message_zh="培训材料未备案",
    remedy_zh="向主管部门备案后登记备案日期",
    basis=(MATERIALS_MEASURES.at("选用备案"), MANUAL.at("1.3.3(6)")),
    effective_from=_BASELINE,
)
@each_material_in_use
def material_is_on_file(_: Facts, material: MaterialFacts) -> Iterator[Fault]:
    if not material.filed:
        yield Fault("filed", found=material.filed, required=True)
