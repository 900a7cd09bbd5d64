"""The tabs of an institution's file (选项卡): what a notice names, and opens for writing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tab:
    """`place` is where it stands in its owner's section; classes stand within their courses.

    `key` names the member by which its rows are told apart; a tab that there is one of has none.
    """

    section: str
    label_zh: str
    place: str
    key: str | None = None


TABS: Final[Mapping[str, Tab]] = {
    "institution": Tab("institution", "机构基本信息", "/institution"),
    "licence": Tab("institution", "办学许可证", "/licence"),
    "certificates": Tab("institution", "机构证照", "/certificates", "certificate_id"),
    "party": Tab("institution", "党建情况", "/party"),
    "other_docs": Tab("institution", "其他资料", "/other_docs", "doc_id"),
    "supervision": Tab("institution", "监管信息", "/funds/supervision"),
    "basic_account": Tab("institution", "基础账户信息", "/funds/basic_account"),
    "contract": Tab("institution", "合同信息", "/funds/contract"),
    "fee_items": Tab("institution", "收费信息", "/funds/fee_items", "fee_item_id"),
    "audit_reports": Tab("institution", "审计报告", "/funds/audit_reports"),
    "staff": Tab("staff", "从业人员", "/staff", "staff_id"),
    "materials": Tab("materials", "培训材料", "/materials", "material_id"),
    "sites": Tab("courses", "办学点", "/sites", "site_id"),
    "systems": Tab("courses", "业务系统", "/systems", "system_id"),
    "courses": Tab("courses", "培训课程", "/courses", "course_id"),
    "classes": Tab("courses", "班级", "/courses/classes", "class_id"),
}
"""In the order in which an institution fills them in."""


def tab_label_zh(part: str) -> str:
    """A part that a newer sender names is told by its code."""
    tab = TABS.get(part)
    return part if tab is None else tab.label_zh
