"""The forms of 人员管理: one person, leaving, coming back."""

from typing import Any, Final

from otsp_portal.forms.fields import Group, Layout, layout
from otsp_portal.texts import text
from otsp_portal.views.records import Kind

NAV: Final = "staff"
HELP: Final = "staff"
SERVICE: Final = "staff"
EMPLOYED: Final = "/staff/employed"
DEPARTED: Final = "/staff/departed"

_KEPT: Final = ("/id_no", "/mobile", "/political_status", "/prohibited_kind", "/work_permit_no")
"""Fields that answers only mask, or leave out: blank, they stay as they are."""

_RECORD: Final = (("true", "无违法犯罪记录"), ("false", "有违法犯罪记录"))
_CHANGED: Final[dict[str, dict[str, Any]]] = {
    "/precheck_clear": {"options": _RECORD},
    "/annual_check_clear": {"options": _RECORD},
    "/prohibited": {"options": (("true", "有"), ("false", "没有"))},
}
_HINTS: Final = {
    "/id_no": text("hint.idno"),
    "/hired_on": text("hint.date"),
}
_IDENTITY: Final = (
    "name", "photo_file_id", "sex", "nationality", "id_type", "id_no", "mobile",
    "political_status", "education", "graduated_from", "major",
)  # fmt: skip
_POST: Final = (
    "staff_type", "employment", "hired_on", "contract_signed", "contract_no", "contract_from",
    "contract_to", "contract_file_id", "social_insurance", "teach_subjects", "teach_stages",
    "teach_experience",
)  # fmt: skip
_CHECKS: Final = (
    "precheck_on", "precheck_clear", "precheck_proof_file_id", "annual_check_on",
    "annual_check_clear", "prohibited", "prohibited_kind", "in_service_teacher",
    "in_service_declared_on", "inducted", "inducted_on",
)  # fmt: skip
_FOREIGNERS: Final = (
    "in_china", "work_permit_no", "work_permit_to", "residence_permit_to", "foreign_bio",
)  # fmt: skip
_EARLIER: Final = ("existing", "status", "departed_on", "depart_reason")


def _person(name: str, *more: Group, hints: dict[str, str], kept: tuple[str, ...] = ()) -> Layout:
    return layout(
        name,
        Group("身份", _IDENTITY),
        Group("任职", _POST, text("staff.group.post")),
        Group("资质证明", ("quals",), text("staff.group.quals")),
        Group("查询与承诺", _CHECKS, text("staff.group.checks")),
        Group("公示", ("publicized", "publicized_on"), text("staff.group.public")),
        Group("外籍人员", _FOREIGNERS, text("staff.group.foreigners")),
        *more,
        hints={**_HINTS, **hints},
        kept=kept,
        changed=_CHANGED,
    )


PERSON: Final = Kind(
    word="人员",
    service=SERVICE,
    path="/staff",
    nav=NAV,
    draft="staff",
    help_chapter=HELP,
    layout=_person(
        "staff",
        hints={
            "/political_status": text("hint.staff.secret"),
            "/prohibited_kind": text("hint.staff.secret"),
        },
        kept=_KEPT,
    ),
    new_layout=_person(
        "staff_new",
        Group("补录", _EARLIER, text("hint.staff.existing")),
        hints={"/departed_on": text("hint.staff.departed")},
        kept=("/existing",),
    ),
)
DEPARTURE: Final = layout(
    "departure",
    Group("离职", ("departed_on", "reason")),
    hints={"/departed_on": text("hint.date")},
)
REINSTATEMENT: Final = layout(
    "reinstatement",
    Group("重新入职", ("hired_on", "employment", "contract_signed", "contract_no",
                  "contract_from", "contract_to", "contract_file_id")),
    Group("新的招用前查询", ("precheck_on", "precheck_clear", "precheck_proof_file_id")),
    hints={"/hired_on": text("hint.date"), "/precheck_on": text("hint.staff.precheck")},
    changed={"/precheck_clear": {"options": _RECORD}},
)  # fmt: skip
