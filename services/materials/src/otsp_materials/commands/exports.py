"""The list of materials as a file: its columns, and with its contents an archive."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.exports.listed import ExportedList, Filters, Note
from otsp_chassis.problems import RuleBroken
from otsp_chassis.sheets import Column, Kind
from otsp_materials.commands.archives import Archive
from otsp_materials.queries import materials
from otsp_materials.rules import labels
from otsp_materials.rules.exports import MOST_BYTES, in_gigabytes
from otsp_materials.rules.states import STATUS_LABELS_ZH

NAME_ZH = "培训材料"
COLUMNS: Mapping[str, Column] = {
    "title": Column("材料名称", width=32),
    "version_no": Column("版次", Kind.INTEGER, width=6),
    "status": Column("状态", labels=STATUS_LABELS_ZH),
    "category": Column("类别", labels=labels.CATEGORIES_ZH),
    "subject_code": Column("科目", labels=labels.SUBJECTS_ZH),
    "stage": Column("学段", labels=labels.STAGES_ZH),
    "kind": Column("材料种类", labels=labels.KINDS_ZH),
    "form": Column("形式", labels=labels.FORMS_ZH),
    "origin": Column("来源", labels=labels.ORIGINS_ZH),
    "isbn": Column("书号", width=18),
    "internal_result": Column("内部审核结果", labels=labels.RESULTS_ZH),
    "internal_reviewed_on": Column("内部审核日期", Kind.DATE),
    "external_result": Column("外部审核结果", labels=labels.RESULTS_ZH),
    "external_reviewed_on": Column("外部审核日期", Kind.DATE),
    "used_from": Column("启用日期", Kind.DATE),
    "used_until": Column("停用日期", Kind.DATE),
}
"""Of the list's fields; the authors, who are persons, stay out."""


class ExportTooLarge(RuleBroken):
    slug: ClassVar[str] = "export-too-large"
    title: ClassVar[str] = "The files are too many for one archive"
    detail_zh: ClassVar[str] = "所选材料的附件超过一次导出的上限，请按条件筛选后分批导出。"


class _Contents:
    """The list with the content of each material."""

    def require_room(self, tx: Reader, institution_id: UUID, filters: Filters) -> None:
        size = materials.count_bytes(tx, institution_id, filters)
        if size > MOST_BYTES:
            told, most = in_gigabytes(size), in_gigabytes(MOST_BYTES)
            raise ExportTooLarge(
                f"所选材料的附件共 {told}，一次最多导出 {most}，"
                "请按状态、类别等条件筛选后分批导出。",
                bytes=size,
                most_bytes=MOST_BYTES,
            )

    def chunks(
        self, institution_id: UUID, filters: Filters, *, folder: Path, note: Note
    ) -> Iterator[bytes]:
        query = materials.listed_contents(institution_id, filters, tuple(COLUMNS))
        return Archive(institution_id, query, NAME_ZH, COLUMNS, folder).chunks(note)


_LIST = ExportedList(
    name_zh=NAME_ZH,
    part="material",
    operation="otsp_materials.api.materials.list_materials",
    columns=COLUMNS,
    query=materials.listed_columns,
)
EXPORTED = {
    "materials": replace(
        _LIST,
        archive=_Contents(),
        masked=replace(_LIST, query=materials.listed_beyond_draft),
    )
}
