"""The forms of a material, and of what is done with it."""

from collections.abc import Mapping
from typing import Final

from otsp_portal.forms.fields import Field, Group, Options, layout, plain
from otsp_portal.texts import Tone, text
from otsp_portal.views.records import Kind
from otsp_portal.words import options

NAV: Final = "materials"
HELP: Final = "materials"
TONES: Final[Mapping[str, Tone]] = {
    "draft": "neutral",
    "internal_review": "info",
    "internal_passed": "info",
    "internal_failed": "bad",
    "external_pending": "info",
    "external_failed": "bad",
    "in_use": "ok",
    "suspended": "bad",
    "archived": "neutral",
    "purged": "neutral",
}
RECORDS: Final = frozenset({"archived", "purged"})
"""States in which a material is a record and nothing of it changes."""

_GROUPS: Final = (
    Group("材料", ("title", "version_no", "edition", "kind", "form", "origin", "isbn", "overseas")),
    Group("适用范围", ("category", "subject_code", "stage", "delivery")),
    Group("内容", ("file_id", "copyright_note")),
    Group("编写研发人员", ("authors",)),
    Group("承诺与备案", ("negative_list_ok", "negative_list_signer", "filed", "filed_on")),
)
_HINTS: Final = {
    "/file_id": text("hint.material.file"),
    "/isbn": text("hint.isbn"),
    "/authors": text("hint.authors"),
    "/filed_on": text("hint.date"),
}

MATERIAL: Final = Kind(
    word="材料",
    service="materials",
    path="/materials",
    nav=NAV,
    draft="material",
    help_chapter=HELP,
    layout=layout("material", *_GROUPS, hints=_HINTS),
    new_layout=layout(
        "material_new",
        *_GROUPS,
        Group(
            "此前已经在用的",
            ("existing", "status", "reviewed_file_id", "internal_review", "external_review",
             "used_from", "used_until", "retain_until", "purged_on"),
            note="新编写、新选用的不用填写，从草稿开始。",
        ),
        hints=_HINTS,
        kept=("/version_no", "/existing", "/status", "/reviewed_file_id", "/used_from",
              "/used_until", "/retain_until", "/purged_on"),
    ),
)  # fmt: skip

_DAY: Final = text("hint.date")
VERSION: Final = plain(
    "version",
    Field(name="file_id", label="新的材料文件", kind="file", hint=text("hint.material.file")),
    Field(name="edition", label="版本说明", kind="text", longest=50),
    Field(name="negative_list_ok", label="负面清单承诺", kind="yesno"),
    Field(name="negative_list_signer", label="负面清单承诺签署人", kind="text", longest=50),
    title="新版本",
)
RESULT: Final = plain(
    "result",
    Field(
        name="result",
        label="审核结果",
        kind="choice",
        options=tuple(
            each for each in options("materials.RESULTS_ZH") if each[0] in ("pass", "fail")
        ),
    ),
    Field(
        name="reviewer_ids",
        label="审核人员",
        kind="references",
        hint=text("hint.reviewers"),
    ),
    Field(name="reviewed_on", label="审核日期", kind="day", hint=_DAY),
    Field(name="opinion", label="审核意见", kind="area_text", longest=2000),
    Field(name="record_file_id", label="审核记录", kind="file"),
    title="内部审核结果",
)
ADOPTION: Final = plain(
    "adoption",
    Field(name="used_from", label="启用日期", kind="day", hint=_DAY),
    Field(name="filed", label="是否已备案", kind="yesno"),
    Field(name="filed_on", label="备案日期", kind="day", hint=_DAY),
    title="启用",
)
ARCHIVING: Final = plain(
    "archiving",
    Field(name="used_until", label="停用日期", kind="day", hint=_DAY),
    title="停用存档",
)
NOTHING: Final = plain("nothing")
"""Of acts that only ask whether they are meant."""


def author_options(people: Options) -> dict[str, Options]:
    """Whoever works there, as authors and as those who reviewed before."""
    return {"/authors/*/staff_id": people, "/internal_review/reviewer_ids": people}
