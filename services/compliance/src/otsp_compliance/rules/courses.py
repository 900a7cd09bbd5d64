"""CRS: courses and classes (课程)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from otsp_compliance.rules.facts import Facts
from otsp_compliance.rules.outcome import Breach, Fault, Outcome, need
from otsp_compliance.rules.registry import Severity, each_class, each_course, rule
from otsp_compliance.rules.scopes import SPORTS
from otsp_compliance.rules.sources import (
    CLASSIFICATION_GUIDE,
    DISGUISED_TRAINING,
    DOUBLE_REDUCTION,
    MATERIALS_MEASURES,
    MODEL_CONTRACT,
    OWN,
    PENALTIES,
    SPORTS_CONDUCT,
    STAFF_MEASURES,
    SUBJECT_SCOPE,
)
from otsp_compliance.rules.timetable import OpenClass
from otsp_contracts.snapshots import CourseFacts

_BASELINE: Final = date(2021, 10, 8)
_DOUBLE_REDUCTION: Final = date(2021, 7, 24)
_SERVICE_HEADING: Final = "“规范培训服务行为”"
_SPORTS_CLASS: Final = 35


@rule(
    id="CRS-001",
    severity=Severity.BLOCKING,
    message_zh="该课程属学科类，不得按非学科类填报",
    remedy_zh="将课程类别改为学科类；没有学科类许可的，停开该课程",
    basis=(SUBJECT_SCOPE.at(),),
    effective_from=date(2021, 7, 28),
    parameters=("subject_codes",),
)
@each_course
def school_subject_is_filed_as_such(facts: Facts, course: CourseFacts) -> Iterator[Fault]:
    category = need(course.category, "category")
    subject = need(course.subject_code, "subject_code")
    if category == "nonsubject" and subject in facts.parameters.subject_codes:
        found = {"category": category, "subject_code": subject}
        yield Fault("category", found=found, required={"category": "subject"})


@rule(
    id="CRS-002",
    severity=Severity.BLOCKING,
    message_zh="严禁非学科类培训机构从事学科类培训（反之亦须另行许可）",
    remedy_zh="停开该课程，或先取得相应类别的许可并变更机构培训类别",
    basis=(DOUBLE_REDUCTION.at(_SERVICE_HEADING), MODEL_CONTRACT.at("特别提示一")),
    effective_from=_DOUBLE_REDUCTION,
)
@each_course
def course_is_of_a_registered_category(facts: Facts, course: CourseFacts) -> Iterator[Fault]:
    registered = facts.institution.categories
    if need(course.category, "category") not in registered:
        yield Fault("category", found=course.category, required=registered)


@rule(
    id="CRS-003",
    severity=Severity.BLOCKING,
    message_zh="严禁提供境外教育课程",
    remedy_zh="停开该课程",
    basis=(DOUBLE_REDUCTION.at(_SERVICE_HEADING),),
    effective_from=_DOUBLE_REDUCTION,
)
@each_course
def no_overseas_curriculum(_: Facts, course: CourseFacts) -> Iterator[Fault]:
    if need(course.overseas_curriculum, "overseas_curriculum"):
        yield Fault("overseas_curriculum", found=True, required=False)


@rule(
    id="CRS-004",
    severity=Severity.WARNING,
    message_zh="课程名称疑似学科类隐形变异，请审核部门鉴别",
    remedy_zh="核对课程内容与名称；不属学科类的，改用准确的课程名称",
    basis=(CLASSIFICATION_GUIDE.at(), DISGUISED_TRAINING.at(), PENALTIES.at(), OWN),
    effective_from=date(2021, 11, 15),
    parameters=("disguise_words",),
)
@each_course
def name_does_not_hint_at_a_subject(facts: Facts, course: CourseFacts) -> Iterator[Fault]:
    if need(course.category, "category") != "nonsubject":
        return
    name = need(course.name, "name")
    words = tuple(word for word in facts.parameters.disguise_words if word in name)
    if words:
        yield Fault("name", found={"name": name, "words": words}, required={"without": words})


@rule(
    id="CRS-005",
    severity=Severity.BLOCKING,
    message_zh="班级未配备在职授课教师",
    remedy_zh="为班级指定在职的教学人员",
    basis=(OWN, STAFF_MEASURES.at()),
    effective_from=_BASELINE,
)
@each_class
def class_has_a_teacher(facts: Facts, taught: OpenClass) -> Iterator[Fault]:
    if not facts.leads(taught):
        yield Fault("teacher_ids", found=taught.facts.teacher_ids, required={"at_least": 1})


@rule(
    id="CRS-006",
    severity=Severity.WARNING,
    message_zh="课程未关联已审核在用的培训材料",
    remedy_zh="为课程选择已审核在用的培训材料",
    basis=(MATERIALS_MEASURES.at("“凡用必审”"), OWN),
    effective_from=_BASELINE,
)
@each_course
def course_uses_reviewed_material(facts: Facts, course: CourseFacts) -> Iterator[Fault]:
    if facts.ids_in_use.isdisjoint(course.material_ids):
        yield Fault("material_ids", found=course.material_ids, required={"at_least": 1})


@rule(
    id="CRS-007",
    severity=Severity.WARNING,
    message_zh="体育培训每班次学员一般不超过35人",
    remedy_zh="将班级额定人数调整到35人以内",
    basis=(SPORTS_CONDUCT.at(),),
    effective_from=date(2021, 12, 14),
    applies=SPORTS,
)
@each_class
def sports_class_is_small(_: Facts, taught: OpenClass) -> Iterator[Fault]:
    capacity = need(taught.facts.capacity, "capacity")
    if capacity > _SPORTS_CLASS:
        yield Fault("capacity", found=capacity, required={"at_most": _SPORTS_CLASS})


@rule(
    id="CRS-008",
    severity=Severity.WARNING,
    message_zh="同一教师授课时间冲突",
    remedy_zh="调整其中一个班级的上课时间或授课教师",
    basis=(OWN,),
    effective_from=_BASELINE,
)
def nobody_teaches_in_two_places(facts: Facts) -> Iterator[Outcome]:
    pointers = {row.value.facts.class_id: row.pointer for row in facts.classes}
    for staff_id, class_ids in facts.clashes.items():
        yield Breach(
            (staff_id, *class_ids),
            f"{pointers[class_ids[0]]}/slots",
            found={"staff_id": staff_id, "class_ids": class_ids},
            required={"classes_at_once": 1},
        )


@rule(
    id="CRS-009",
    severity=Severity.BLOCKING,
    message_zh="在班人数超过班级额定人数",
    remedy_zh="核对在班人数，或调整额定人数（须符合场所面积要求）",
    basis=(OWN,),
    effective_from=_BASELINE,
)
@each_class
def class_is_not_overfull(_: Facts, taught: OpenClass) -> Iterator[Fault]:
    enrolled = need(taught.facts.enrolled, "enrolled")
    capacity = need(taught.facts.capacity, "capacity")
    if enrolled > capacity:
        yield Fault("enrolled", found=enrolled, required={"at_most": capacity})
