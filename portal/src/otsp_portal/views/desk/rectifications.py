"""整改管理: what institutions have to mend; set one by one or for many, verified or waived."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.forms.saving import save
from otsp_portal.gateway_client import Answer, Api
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text

Json = Any
views = Blueprint("rectifications", __name__, url_prefix="/desk/rectifications")

_PATH: Final = "/api/compliance/v1/rectifications"
_INSTITUTIONS: Final = "/api/institution/v1/institutions"
_NAV: Final = "rectifications"
_FILTERS: Final = ("status", "kind", "batch_id", "institution_id")
_MOST: Final = 100
"""Institutions looked up in one request; the platform takes five hundred."""

NEW: Final = plain(
    "rectification",
    Field(name="institutions", label="机构", kind="texts", hint=text("rect.hint.institutions"),
          is_required=True),
    Field(name="kind", label="整改类型", kind="choice", codes="auth.RECTIFICATIONS_ZH",
          is_required=True),
    Field(name="reason_text", label="整改事项和依据", kind="area_text", longest=2000,
          hint=text("rect.hint.reason"), is_required=True),
    Field(name="steps", label="整改步骤（选填）", kind="texts", hint=text("rect.hint.steps")),
    Field(name="due_on", label="整改期限（选填）", kind="day", hint=text("rect.hint.due")),
)  # fmt: skip
CLOSURE: Final = plain(
    "closure",
    Field(name="status", label="办理", kind="choice", codes="desk.closure", is_required=True),
    Field(name="note", label="说明", kind="area_text", longest=2000, hint=text("rect.hint.note")),
    Field(name="closed_on", label="办结日期（选填）", kind="day", hint=text("rect.hint.closed")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Named:
    """An institution that was asked for: by what was typed, and as it is registered."""

    institution_id: str
    name: str
    uscc: str


@views.get("")
@access.roles(*access.AUTHORITIES)
def index() -> tuple[str, int]:
    given = {name: request.args.get(name, "") for name in _FILTERS}
    query = {name: value for name, value in given.items() if value}
    cursor = request.args.get("cursor")
    asked = api()
    found = asked.get(_PATH, cursor=cursor, limit=20, **query)
    address = f"/desk/rectifications?{urlencode(query)}"
    return page(
        "desk/rectifications.html",
        nav=_NAV,
        help_chapter="desk-rectifications",
        rows=found["items"],
        given=given,
        is_filtered=bool(query),
        today=clock.today(),
        first=address if cursor else None,
        next=f"{address}&cursor={found['next']}" if found["next"] else None,
    )


@views.route("/<uuid:rectification_id>", methods=["GET", "POST"])
@access.roles(*access.AUTHORITIES)
def rectification(rectification_id: object) -> tuple[str, int] | BaseResponse:
    """One task; verified, sent back, waived, or noted as handed in on paper."""
    asked, path = api(), f"{_PATH}/{rectification_id}"
    entry = Entry(CLOSURE)
    if request.method == "POST":
        done = save(
            entry,
            lambda sent, body: sent.post(f"{path}/closure", body, key=entry.key),
            then=lambda _answer: _closed(f"/desk/rectifications/{rectification_id}"),
        )
        if done is not None:
            return done
    told = asked.get(path)
    return page(
        "desk/rectification.html",
        status=entry.status,
        nav=_NAV,
        help_chapter="desk-rectifications",
        told=told,
        entry=entry,
        is_open=told["status"] not in ("closed", "waived"),
        may_close=the_person().role in access.REVIEWERS,
        today=clock.today(),
    )


@views.route("/new", methods=["GET", "POST"])
@access.roles(*access.AUTHORITIES)
def new() -> tuple[str, int] | BaseResponse:
    """Written, looked through with all whom it reaches, then sent."""
    entry, asked = Entry(NEW), api()
    if request.method == "GET":
        wanted = request.args.get("institution")
        known = asked.find(f"{_INSTITUTIONS}/{wanted}") if wanted else None
        entry.typed = {"institutions": known["name"] if known else "", "kind": "other"}
        return _form(entry)
    entry.read(request)
    body = entry.body()
    named = _look_up(asked, entry, body["institutions"])
    for name in ("kind", "reason_text"):
        if not body[name]:
            label = NEW.fields[name].label
            entry.refuse_with(f"/{name}", text("val.required.input", label=label))
    if body["kind"] in ("for_profit_to_nonprofit", "filing_to_approval") and len(named) > 1:
        entry.refuse_with("/kind", text("rect.one_only"))
    if entry.faults or "_back" in request.form:
        return _form(entry)
    if "_send" not in request.form:
        return page("desk/rectification_check.html", nav=_NAV, help_chapter="desk-rectifications",
                    entry=entry, named=named, body=body)  # fmt: skip
    answer = entry.attempt(lambda: _send(asked, entry, body, named=named))
    return _form(entry) if answer is None else _sent(answer, named)


def _form(entry: Entry) -> tuple[str, int]:
    return page(
        "desk/rectification_new.html",
        status=entry.status,
        nav=_NAV,
        help_chapter="desk-rectifications",
        entry=entry,
    )


def _look_up(asked: Api, entry: Entry, lines: Sequence[str]) -> list[Named]:
    """Whom each line means: an exact name or number; what is not one institution is a fault."""
    if not 0 < len(lines) <= _MOST:
        key = "rect.too_many" if lines else "rect.none"
        entry.refuse_with("/institutions", text(key, n=_MOST))
        return []
    found = asked.together(
        *(
            lambda line=line: asked.get(_INSTITUTIONS, q=line[:60], limit=5)["items"]
            for line in lines
        )
    )
    named: dict[str, Named] = {}
    for line, items in zip(lines, found, strict=True):
        exact = [each for each in items if line in (each["name"], each["uscc"])] or items
        if len(exact) != 1:
            key = "rect.several" if exact else "rect.unknown"
            entry.refuse_with("/institutions", text(key, line=line))
            continue
        one = exact[0]
        named[one["institution_id"]] = Named(one["institution_id"], one["name"], one["uscc"])
    return list(named.values())


def _send(asked: Api, entry: Entry, body: Json, *, named: Sequence[Named]) -> Answer:
    told = {
        name: value
        for name, value in body.items()
        if name in ("reason_text", "due_on", "steps") and value not in (None, [])
    }
    if len(named) == 1:
        whom = {"institution_id": named[0].institution_id, "kind": body["kind"]}
        return asked.post(_PATH, {**told, **whom}, key=entry.key)
    ids = {"institution_ids": [each.institution_id for each in named]}
    path = "/api/compliance/v1/rectification-batches"
    return asked.post(path, {**told, **ids}, key=entry.key)


def _sent(answer: Answer, named: Sequence[Named]) -> tuple[str, int] | BaseResponse:
    if len(named) == 1:
        flash(text("ok.rect.set"), "ok")
        return redirect(f"/desk/rectifications/{answer.body['rectification_id']}")
    names = {each.institution_id: each.name for each in named}
    return page(
        "desk/rectification_batch.html",
        nav=_NAV,
        help_chapter="desk-rectifications",
        batch=answer.body,
        names=names,
    )


def _closed(back: str) -> BaseResponse:
    flash(text("ok.rect.closed"), "ok")
    return redirect(back)
