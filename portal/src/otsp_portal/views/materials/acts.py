"""What is done with a material: reviewed inside and outside, used, archived, destroyed, renewed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Layout, Options
from otsp_portal.forms.saving import Places, save
from otsp_portal.gateway_client import Answer
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views import choices
from otsp_portal.views.materials import kinds, one
from otsp_portal.views.materials.kinds import HELP, MATERIAL, NAV
from otsp_portal.views.records import Surroundings, base, form_route

Json = Any
Shown = tuple[str, int] | BaseResponse
views = Blueprint("material_acts", __name__, url_prefix="/materials/<uuid:material_id>")
_SMALL: Final = replace(MATERIAL, draft=None)


@views.route("/submission", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def submit(material_id: object) -> Shown:
    meaning = text("cf.material.submission")
    return _confirm(material_id, one.SUBMIT, "internal-review-submission", meaning=meaning)


@views.route("/external-review", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def ask_outside(material_id: object) -> Shown:
    meaning = text("cf.material.asked")
    return _confirm(material_id, one.ASK, "external-review-request", meaning=meaning)


@views.route("/purge", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def purge(material_id: object) -> Shown:
    meaning = text("cf.material.purge")
    return _confirm(material_id, one.PURGE, "purge", meaning=meaning, is_danger=True)


@form_route(views, "/result")
@access.roles(*access.INSTITUTION)
def record_result(material_id: object) -> Shown:
    """Editing and reviewing are apart: authors are not offered as reviewers."""
    asked, place = api(), MATERIAL.place(str(material_id))
    stored, people = asked.together(lambda: asked.get(place), choices.employed())
    authors = {each["staff_id"] for each in stored["authors"]}
    offered = [each for each in people if each["staff_id"] not in authors]
    told = {"/reviewer_ids": choices.people_options(offered)}
    return _form(stored, one.RESULT, "internal-review-result", asks=kinds.RESULT, options=told)


@form_route(views, "/adoption")
@access.roles(*access.INSTITUTION)
def adopt(material_id: object) -> Shown:
    return _form(_stored(material_id), one.ADOPT, "adoption", asks=kinds.ADOPTION)


@form_route(views, "/archiving")
@access.roles(*access.INSTITUTION)
def archive(material_id: object) -> Shown:
    return _form(_stored(material_id), one.ARCHIVE, "archiving", asks=kinds.ARCHIVING)


@form_route(views, "/version")
@access.roles(*access.INSTITUTION)
def add_version(material_id: object) -> Shown:
    """Changed content is another version, a draft; the former keeps its state."""
    return _form(_stored(material_id), one.VERSION, "versions", asks=kinds.VERSION)


def _stored(material_id: object) -> Json:
    return api().get(MATERIAL.place(str(material_id)))


def _form(
    stored: Json,
    act: one.Act,
    operation: str,
    *,
    asks: Layout,
    options: Mapping[str, Options] | None = None,
) -> Shown:
    place, href = _places(stored)
    entry = Entry(asks, options=options or {}, service="materials")
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.post(f"{place}/{operation}", _told(body), key=entry.key),
            then=_done(act),
            places=Places(f"{base('materials')}/files"),
        )
        if done is not None:
            return done
    else:
        entry.fill(stored if operation == "adoption" else None)
    name = one.name_of(stored)
    round_it = Surroundings(
        title=f"{act.button}：{name}",
        back=href,
        crumb=(one.TRAIL, (href, name)),
        button=act.button,
    )
    return page(
        "record.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        entry=entry,
        kind=_SMALL,
        round_it=round_it,
        current="",
    )


def _confirm(
    material_id: object,
    act: one.Act,
    operation: str,
    *,
    meaning: str,
    is_danger: bool = False,
) -> Shown:
    stored = _stored(material_id)
    place, href = _places(stored)
    entry = Entry(kinds.NOTHING)
    if request.method == "POST":
        entry.read(request)
        answer = entry.attempt(lambda: api().post(f"{place}/{operation}", key=entry.key))
        if answer is not None:
            return _done(act)(answer)
    name = one.name_of(stored)
    return page(
        "confirm.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        title=f"{act.button}：{name}",
        body=meaning,
        button=act.button,
        entry=entry,
        back=href,
        crumb=(one.TRAIL, (href, name)),
        is_danger=is_danger,
    )


def _places(stored: Json) -> tuple[str, str]:
    return MATERIAL.place(stored["material_id"]), f"/materials/{stored['material_id']}"


def _told(body: Mapping[str, Json]) -> Json:
    """What was left open is not said: some of these bodies know no null."""
    return {name: value for name, value in body.items() if value is not None}


def _done(act: one.Act) -> Callable[[Answer], BaseResponse]:
    def then(answer: Answer) -> BaseResponse:
        flash(text(act.done), "ok")
        return redirect(f"/materials/{answer.body['material_id']}")

    return then
