"""Required of what is taught from (domain specification §2.10)."""

from typing import Final

from otsp_contracts.snapshots.materials import (
    MaterialFacts,
)
from otsp_contracts.snapshots.required.field import RequiredField

MATERIAL: Final[tuple[RequiredField[MaterialFacts], ...]] = (
    RequiredField("title", "材料名称"),
    RequiredField("version_no", "材料版次"),
    RequiredField("category", "材料类别"),
    RequiredField("stage", "材料适用学段"),
    RequiredField("kind", "材料种类"),
    RequiredField("form", "材料形式"),
    RequiredField("origin", "材料来源"),
    RequiredField("overseas", "境外教材"),
    RequiredField("status", "材料状态"),
    RequiredField("negative_list_ok", "负面清单承诺"),
    RequiredField("content_sha256", "材料文件"),
    RequiredField("authors", "编写研发人员"),
    RequiredField("internal_review/result", "内部审核结果"),
    RequiredField("internal_review/reviewer_ids", "内部审核人员"),
    RequiredField(
        "external_review/required", "是否须外部审核", lambda _, row: row.category == "subject"
    ),
    RequiredField("filed", "材料是否已备案"),
)
