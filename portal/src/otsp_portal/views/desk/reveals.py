"""揭示: numbers that the snapshot masks, read in clear for a case, for a reason (D26)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, abort, request

from otsp_portal import access
from otsp_portal.displays import Fact, in_words, told
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Options, contract_fields, plain
from otsp_portal.gateway_client import Api
from otsp_portal.identity import api
from otsp_portal.texts import text
from otsp_portal.views.desk.case import open_file, show, shown_or_none

Json = Any
views = Blueprint("reveals", __name__, url_prefix="/desk/cases/<uuid:case_id>/reveal")

_OF_A_PERSON: Final = (
    "id_no", "mobile", "political_status", "precheck_on", "precheck_clear", "annual_check_on",
    "annual_check_clear", "prohibited", "prohibited_kind", "work_permit_no", "work_permit_to",
    "residence_permit_to",
)  # fmt: skip
_STAFF: Final = {each.name: each for each in contract_fields("staff")}
_BEHIND: Final = {
    "legal_rep.id_no": "法定代表人证件号码",
    "sponsors[].id_no": "举办者证件号码",
    "actual_controller.id_no": "实际控制人证件号码",
}
_REASON: Final = Field(
    name="reason",
    label="查看的理由",
    kind="area_text",
    longest=200,
    is_required=True,
    hint=text("desk.reveal.reason"),
)


@dataclass(frozen=True, slots=True)
class Whose:
    """The people of one part of the file: where they are asked about, and what may be asked."""

    section: str
    path: str
    asked: Options

    def facts(self, values: Json) -> list[Fact]:
        """What was asked for and told, in the words and order of the choice."""
        return [
            (label, self._in_words(name, values[name]), "w2 mono")
            for name, label in self.asked
            if name in values
        ]

    def _in_words(self, name: str, value: Json) -> str:
        return in_words(_STAFF[name], value) if self.section == "staff" else told(value)


def _whose(institution_id: str) -> Whose:
    """Of the address: a person of the staff, or those behind the institution."""
    if request.args.get("part") == "institution":
        path = f"/api/institution/v1/institutions/{institution_id}/reveals"
        return Whose("institution", path, tuple(_BEHIND.items()))
    try:
        staff_id = UUID(request.args.get("object", ""))
    except ValueError:
        abort(404)
    path = f"/api/staff/v1/institutions/{institution_id}/staff/{staff_id}/reveals"
    return Whose("staff", path, tuple((name, _STAFF[name].label) for name in _OF_A_PERSON))


def _person(asked: Api, case: Json) -> list[Callable[[], Json]]:
    """Whom the look is about, by name; nobody where it is about those behind the institution."""
    if request.args.get("part") == "institution":
        return [lambda: None]
    place = f"/api/staff/v1/institutions/{case['institution_id']}/staff"
    return [lambda: shown_or_none(lambda: asked.get(f"{place}/{request.args.get('object')}"))]


@views.route("", methods=["GET", "POST"])
@access.roles(*access.REVIEWERS)
def reveal(case_id: object) -> tuple[str, int]:
    """Asked for with a reason and shown on the page for half a minute; each look is recorded."""
    file, notes, [person] = open_file(case_id, _person)
    if not file.lies_here:
        abort(403)
    whose = _whose(file.case["institution_id"])
    fields = Field(
        name="fields",
        label="要查看的项目",
        kind="choices",
        options=whose.asked,
        is_required=True,
    )
    entry, values = Entry(plain("reveal", fields, _REASON)), None
    if request.method == "POST" and entry.read(request):
        body = {**entry.body(), "case_id": str(case_id)}
        answer = entry.attempt(lambda: api().post(whose.path, body))
        values = answer.body["values"] if answer else None
    shown = show(
        "desk/reveal.html",
        file,
        notes,
        entry=entry,
        whose=(person or {}).get("name") or file.title,
        part=whose.section,
        facts_told=None if values is None else whose.facts(values),
    )
    return shown[0], entry.status
