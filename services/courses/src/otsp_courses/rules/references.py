"""What the things of others that a course or class names say: told on entry, asked for on opening.

What is named and not known here may be another institution's, or so new that its owner's news has
yet to arrive: both are told in the same words.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from otsp_contracts.values import FieldError
from otsp_courses.rules.rows import ClassRow, CourseRow, FeeItemRef, MaterialRef, PersonRef

_MATERIAL_LABELS_ZH: Mapping[str, str] = {
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
}
_LATER = "刚登记的信息稍后同步，请刷新；仍有此提示的，请重新选择。"


def unfit_materials(
    course: CourseRow, materials: Mapping[UUID, MaterialRef]
) -> Iterator[FieldError]:
    """Only what was reviewed and is in use may be taught from (凡用必审)."""
    for index, material_id in enumerate(course.material_ids):
        pointer, material = f"/material_ids/{index}", materials.get(material_id)
        if material is None:
            yield FieldError(pointer, "unknown_material", f"本机构没有这个培训材料。{_LATER}")
        elif material.status != "in_use":
            label = _MATERIAL_LABELS_ZH.get(material.status, material.status)
            detail = (
                f"材料“{material.title or '未命名'}”当前为“{label}”，不能用于授课；"
                "请完成审核备案，或改选在用的材料。"
            )
            yield FieldError(pointer, "material_not_in_use", detail)


def unfit_fee_item(course: CourseRow, fee_items: Mapping[UUID, FeeItemRef]) -> Iterator[FieldError]:
    if course.fee_item_id is None:
        return
    item = fee_items.get(course.fee_item_id)
    if item is None:
        yield FieldError("/fee_item_id", "unknown_fee_item", f"本机构没有这个收费项目。{_LATER}")
    elif not item.publicized:
        detail = f"收费项目“{item.name or '未命名'}”尚未公示；请先在收费信息中登记公示情况。"
        yield FieldError("/fee_item_id", "fee_item_not_publicized", detail)


def unfit_people(a_class: ClassRow, people: Mapping[UUID, PersonRef]) -> Iterator[FieldError]:
    """Who teaches is employed teaching staff; an assistant is employed."""
    yield from _absent("teacher_ids", a_class.teacher_ids, people)
    for index, staff_id in enumerate(a_class.teacher_ids):
        person = people.get(staff_id)
        if person and person.status == "employed" and person.staff_type != "teaching":
            detail = "该人员登记的类别不是教学人员，不能担任授课教师；请更换，或更正其人员类别。"
            yield FieldError(f"/teacher_ids/{index}", "not_teaching", detail)
    yield from _absent("assistant_ids", a_class.assistant_ids, people)


def _absent(
    name: str, staff_ids: list[UUID], people: Mapping[UUID, PersonRef]
) -> Iterator[FieldError]:
    for index, staff_id in enumerate(staff_ids):
        person = people.get(staff_id)
        if person is None:
            detail = f"本机构没有这名从业人员。{_LATER}"
            yield FieldError(f"/{name}/{index}", "unknown_person", detail)
        elif person.status != "employed":
            yield FieldError(f"/{name}/{index}", "departed_person", "该人员已离职，请更换。")
