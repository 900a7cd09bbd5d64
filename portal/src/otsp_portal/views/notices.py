"""一次告知书: what has to be supplied, item by item, what has been changed since, the answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.cures import Cure, cure_of_item
from otsp_portal.findings import known_of
from otsp_portal.forms.button import press
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.forms.saving import Places, save
from otsp_portal.gateway_client import Api
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.sealed import label_of, section_of
from otsp_portal.texts import text
from otsp_portal.views.records import base, form_route

Json = Any
views = Blueprint("own_notices", __name__, url_prefix="/apply")

_PATH: Final = "/api/compliance/v1/applications"
_ANSWER: Final = plain(
    "notice_answer",
    Field(name="text", label="答复", kind="area_text", longest=2000),
    Field(name="file_ids", label="证明材料", kind="files"),
    title="我的答复",
)
_HISTORY_PARTS: Final = {
    "licence": "school_licence",
    "certificates": "certificate",
    "other_docs": "other_doc",
    "audit_reports": "audit_report",
    "fee_items": "fee_item",
    "contract": "service_contract",
    "materials": "material",
    "sites": "site",
    "systems": "system",
    "courses": "course",
    "classes": "class",
}
"""What the owners' histories call the parts that a notice names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One item: where it lies, what was changed there since the notice, whether it is answered."""

    item: Json
    cure: Cure
    place: str
    changes: Sequence[Json]

    @property
    def is_answered(self) -> bool:
        return self.item["answered_at"] is not None


@views.get("/<uuid:application_id>/notice")
@access.roles(*access.INSTITUTION)
def notice(application_id: object) -> tuple[str, int]:
    """The last notice to be answered, the earlier ones below it."""
    asked = api()
    told, found = asked.together(
        lambda: asked.get(f"{_PATH}/{application_id}"),
        lambda: asked.get(f"{_PATH}/{application_id}/notices", limit=100),
    )
    rounds = list(reversed(found["items"]))
    current = rounds[0] if rounds else None
    items = _items(asked, current) if current else []
    return page(
        "notices/notice.html",
        nav="apply",
        help_chapter="apply",
        told=told,
        notice=current,
        earlier=rounds[1:],
        items=items,
        is_open=told["state"] == "supplementing",
        unanswered=[each.item["position"] for each in items if not each.is_answered],
        entry=Entry(plain("resubmission")),
    )


@form_route(views, "/<uuid:application_id>/notice/<uuid:notice_id>/<uuid:item_id>")
@access.roles(*access.INSTITUTION)
def answer(
    application_id: object, notice_id: object, item_id: object
) -> tuple[str, int] | BaseResponse:
    """One item with its answer: a draft until all answers are handed in."""
    asked = api()
    found = asked.get(f"{_PATH}/{application_id}/notices", limit=100)["items"]
    current = next((each for each in found if each["notice_id"] == str(notice_id)), None)
    items = _items(asked, current) if current else []
    this = next((each for each in items if each.item["item_id"] == str(item_id)), None)
    if this is None:
        abort(404)
    back = f"/apply/{application_id}/notice"
    entry = Entry(_ANSWER, service="compliance")
    if request.method == "POST":
        place = f"{_PATH}/{application_id}/notices/{notice_id}/items/{item_id}/answer"
        done = save(
            entry,
            lambda on, body: on.put(place, body, of=entry.version or None, key=entry.key),
            then=lambda _answer: _kept(back),
            places=Places(f"{base('compliance')}/files"),
        )
        if done is not None:
            return done
    else:
        stored = {"text": this.item["answer"], "file_ids": this.item["answer_file_ids"]}
        entry.fill(stored, this.item["version"] if this.is_answered else None)
    return page("notices/item.html", status=entry.status, nav="apply", help_chapter="apply",
                entry=entry, this=this, notice=current, back=back)  # fmt: skip


@views.post("/<uuid:application_id>/resubmission")
@access.roles(*access.INSTITUTION)
def resubmit(application_id: object) -> BaseResponse:
    """All answers at once; the file is gathered anew."""
    place = f"{_PATH}/{application_id}/resubmission"
    sent = press(lambda: api().post(place, key=request.form.get("_key")), said="ok.notice.answered")
    return redirect(f"/apply/{application_id}" if sent else f"/apply/{application_id}/notice")


def _items(asked: Api, told: Json) -> list[Asked]:
    """Every item with its place in the portal and what has been changed there since."""
    institution_id = the_person().institution_id or ""
    kinds = {_kind(each["part"]) for each in told["items"]}
    services = sorted({section_of(each["part"]) for each in told["items"]})
    since = datetime.combine(datetime.fromisoformat(told["issued_on"]), time(), clock.SHANGHAI)
    began = (since - (clock.business_now() - clock.now())).isoformat()
    calls: list[Callable[[], Json]] = [lambda: known_of(asked, institution_id, kinds)]
    calls += [
        partial(asked.find, f"/api/{service}/v1/institutions/{institution_id}/history/differences",
                **{"from": began, "to": clock.now().isoformat()})
        for service in services
    ]  # fmt: skip
    known, *changed = asked.together(*calls)
    changes = [each for answer in changed if answer for each in answer["items"]]
    return [_asked(each, known, changes) for each in told["items"]]


def _asked(item: Json, known: Json, changes: Sequence[Json]) -> Asked:
    part, object_id = item["part"], item["object_id"]
    cure = cure_of_item(part, object_id, item["pointer"], known=known)
    found = known.get(object_id or "", {})
    name = found.get("name") or found.get("title") or ""
    label = label_of(part, item["pointer"]) if item["pointer"] else ""
    here = [
        field
        for each in changes
        if each["part"] in (part, _HISTORY_PARTS.get(part))
        and (object_id is None or each["object_id"] in (object_id, None))
        for field in each["fields"]
    ]
    place = " · ".join(each for each in (item["part_zh"], name, label) if each)
    return Asked(item, cure, place, here)


def _kind(part: str) -> str:
    return "funds/fee_items" if part == "fee_items" else part


def _kept(path: str) -> BaseResponse:
    flash(text("ok.save"), "ok")
    return redirect(path)
