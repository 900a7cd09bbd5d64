"""What an approval forbids: to alter what it was given for without an application (§3.2)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from otsp_chassis.problems import Conflict
from otsp_contracts.values import FieldError
from otsp_institution.model import Institution
from otsp_institution.rules import major
from otsp_institution.rules.labels import LABELS


class ChangeApplicationNeeded(Conflict):
    slug: ClassVar[str] = "institution-change-application-needed"
    title: ClassVar[str] = "Major fields change by application only"
    detail_zh: ClassVar[str] = (
        "本机构已审核合规，所列重大事项不能直接修改：请将修改后的内容保存到“拟变更事项”，"
        "再提交变更申请，审核通过后自动更新。其他内容请在重大事项保持不变的情况下保存。"
    )


def require_application(
    institution: Institution,
    part: major.MajorPart,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
) -> None:
    """Raises ChangeApplicationNeeded with every major field that a write would alter.

    `before` is None of a part that was never entered: to enter it is a change too.
    """
    if not institution.has_approval:
        return
    held = dict.fromkeys(part.columns) if before is None else before
    errors = [
        _refusal(part, name)
        for name in major.changed_majors(part, held, after)
        if not major.is_handed_back(part, name, after[name])
    ]
    if errors:
        raise ChangeApplicationNeeded(errors=errors, part=part.table)


def _refusal(part: major.MajorPart, column: str) -> FieldError:
    pointer = major.pointer_of(column)
    label = LABELS[part.table][1][pointer.replace("/id_no", "/id_masked")]
    return FieldError(pointer, "major_field", f"{label}属于重大事项，须经变更申请修改。")
