"""Lists that the institution has as files, and how what narrows each is typed (docs/exports.md)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from otsp_portal.words import word, words

Json = Any
Filters = Mapping[str, str | None]
"""Name of a filter → the table of its codes, None where what was typed is told as it is."""

_PLAIN: Final = ("xlsx", "csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """One list: of which service, where it stands in the portal, what narrows it."""

    service: str
    name: str
    word: str
    nav: str
    back: str
    one: Filters = field(default_factory=dict)
    many: Filters = field(default_factory=dict)
    formats: tuple[str, ...] = _PLAIN

    @property
    def key(self) -> str:
        return f"{self.service}.{self.name}"

    def filters(self, given: Iterable[tuple[str, str]]) -> dict[str, Json]:
        """As the list's own operation takes them; what it does not know is left out."""
        told: dict[str, Json] = {}
        for name, value in given:
            if not value:
                continue
            if name in self.one:
                told[name] = value
            elif name in self.many:
                told.setdefault(name, []).append(value)
        return told

    def conditions(self, filters: Mapping[str, Json]) -> list[tuple[str, str]]:
        """(what, value) in words, for the page on which the format is chosen."""
        tables = {**self.one, **self.many}
        return [
            (_LABELS.get(name, name), _told(value, tables[name]))
            for name, value in filters.items()
            if name in _LABELS
        ]


def _told(value: Json, table: str | None) -> str:
    if isinstance(value, list):
        return words(value, table) if table else "、".join(value)
    return word(value, table) if table else str(value)


_LABELS: Final = {
    "q": "名称",
    "status": "状态",
    "staff_type": "人员类别",
    "employment": "用工形式",
    "check_due": "需要处理",
    "category": "培训类别",
    "stage": "学段",
    "kind": "种类",
    "form": "形式",
    "origin": "来源",
    "delivery": "培训方式",
    "retention_due_by": "保存期限至",
    "month": "月份",
}
"""Order and the ids of other objects go on as they are, and are not told."""

_CODES: Final[Filters] = {"category": "all.CATEGORIES_ZH", "stage": "all.STAGES_ZH"}

LISTS: Final[Mapping[str, Exported]] = {
    each.key: each
    for each in (
        Exported(
            service="staff", name="staff", word="从业人员", nav="staff", back="/staff/employed",
            one={"status": "staff.STATUS_LABELS_ZH", "q": None, "sort": None},
            many={"staff_type": "staff.STAFF_TYPES_ZH", "employment": "staff.EMPLOYMENTS_ZH",
                  "check_due": "staff.check_kind"},
        ),
        Exported(
            service="materials", name="materials", word="培训材料", nav="materials",
            back="/materials", formats=("xlsx", "csv", "zip"),
            one={"q": None, "retention_due_by": None},
            many={"status": "materials.STATUS_LABELS_ZH", "kind": "materials.KINDS_ZH",
                  "form": "materials.FORMS_ZH", "origin": "materials.ORIGINS_ZH",
                  "delivery": "all.DELIVERIES_ZH", **_CODES},
        ),
        Exported(
            service="courses", name="sites", word="办学点", nav="courses", back="/courses",
            one={"status": "courses.SITE_STATUSES_ZH", "q": None},
        ),
        Exported(
            service="courses", name="systems", word="业务系统", nav="courses", back="/courses",
            one={"kind": "courses.SYSTEM_KINDS_ZH", "q": None},
        ),
        Exported(
            service="courses", name="courses", word="培训课程", nav="courses", back="/courses",
            one={"status": "courses.COURSE_LABELS_ZH", "host_id": None, "q": None,
                 "delivery": "all.DELIVERIES_ZH", **_CODES},
        ),
        Exported(
            service="courses", name="classes", word="班级", nav="courses", back="/courses",
            one={"status": "courses.CLASS_LABELS_ZH", "course_id": None, "host_id": None,
                 "teacher_id": None, "q": None},
        ),
        Exported(service="institution", name="fee_items", word="收费信息", nav="funds",
                 back="/funds/fees"),
        Exported(service="institution", name="statements", word="资金月报", nav="funds",
                 back="/funds/supervision", one={"month": None}),
        Exported(service="institution", name="certificates", word="机构证照", nav="institution",
                 back="/institution/certificates"),
        Exported(service="institution", name="other_docs", word="其他资料", nav="institution",
                 back="/institution/documents"),
        Exported(service="institution", name="audit_reports", word="年度审计报告",
                 nav="institution", back="/institution/documents"),
        Exported(service="institution", name="former_licences", word="历史办学许可证",
                 nav="institution", back="/institution/licence"),
    )
}  # fmt: skip
