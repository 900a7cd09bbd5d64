"""A host edited, moved to another address, removed."""

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.forms.saving import save
from otsp_portal.gateway_client import Answer, Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.courses.hosts import get_host
from otsp_portal.views.courses.kinds import HELP, NAV, SITE
from otsp_portal.views.records import (
    Surroundings,
    base,
    bring_back,
    edit,
    form_route,
    remove,
)

Json = Any
Shown = tuple[str, int] | BaseResponse
views = Blueprint("course_hosts", __name__, url_prefix="/courses")
_TRAIL: Final = ("/courses", "课程管理")
RELOCATION: Final = plain(
    "relocation",
    Field(name="region_code", label="新所属区县", kind="region", hint=text("hint.region")),
    Field(name="address", label="新办学地址", kind="text", longest=200),
    Field(name="lat_e6", label="新纬度", kind="degrees", hint=text("hint.degrees")),
    Field(name="lng_e6", label="新经度", kind="degrees"),
    title="迁往何处",
)


@form_route(views, "/<uuid:host_id>/edit")
@access.roles(*access.INSTITUTION)
def edit_host(host_id: object) -> Shown:
    where = get_host(host_id)
    round_it = Surroundings(
        title=f"编辑{where.kind.word}",
        back=where.href,
        crumb=(_TRAIL, (where.href, where.name)),
    )
    return edit(where.kind, round_it, where.id)


@views.route("/<uuid:host_id>/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def remove_host(host_id: object) -> Shown:
    where = get_host(host_id)
    return remove(
        where.kind,
        where.id,
        name=where.name,
        back="/courses",
        crumb=(_TRAIL, (where.href, where.name)),
    )


@views.post("/<uuid:host_id>/restoration")
@access.roles(*access.INSTITUTION)
def restore_host(host_id: object) -> BaseResponse:
    """The list of removals says whether it was a site or a system."""
    asked, below = api(), base("courses")
    removed = asked.get(f"{below}/removals", limit=100)["items"]
    place = next((each["place"] for each in removed if each["object_id"] == str(host_id)), None)
    if place is None:
        abort(404)
    bring_back(f"{below}/{place}")
    return redirect("/courses")


@form_route(views, "/<uuid:host_id>/relocation")
@access.roles(*access.INSTITUTION)
def relocate(host_id: object) -> Shown:
    """迁址: where the site is to be once a change application is approved (docs/changes.md)."""
    where = get_host(host_id)
    if not where.is_site:
        abort(404)
    entry = Entry(RELOCATION, service="courses")
    path = f"{SITE.place(where.id)}/relocation"
    proposed = _find(path)
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.put(path, body, of=entry.version or None, key=entry.key),
            then=lambda _answer: _told("relocation.proposed", where.href),
        )
        if done is not None:
            return done
    else:
        entry.fill(proposed.body["after"] if proposed else None, proposed and proposed.etag)
    return page(
        "courses/relocation.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        entry=entry,
        host=where,
        is_proposed=proposed is not None,
    )


@views.route("/<uuid:host_id>/relocation/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def discard_relocation(host_id: object) -> Shown:
    where = get_host(host_id)
    path = f"{SITE.place(where.id)}/relocation"
    entry = Entry(RELOCATION)
    if request.method == "POST":
        entry.read(request)
        gone = entry.attempt(lambda: api().delete(path, of=entry.version, key=entry.key))
        if gone is None:
            flash(entry.note, "bad")
            return redirect(f"{where.href}/relocation")
        return _told("relocation.discarded", where.href)
    entry.version = api().read(path).etag or ""
    return page(
        "confirm.html",
        nav=NAV,
        title=text("cf.relocation.title"),
        body=text("cf.relocation.text", name=where.name),
        button=text("btn.relocation.discard"),
        entry=entry,
        back=f"{where.href}/relocation",
        crumb=(_TRAIL, (where.href, where.name)),
        is_danger=True,
    )


def _find(path: str) -> Answer | None:
    try:
        return api().read(path)
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise


def _told(key: str, href: str) -> BaseResponse:
    flash(text(key), "ok")
    return redirect(href)
