"""导出: any list of the institution as a file, with what narrows it (docs/exports.md).

What narrows a list may be a name, so it travels in the body of a form, never in an address. The
lists that nobody is named in may also come by a link.
"""

from typing import Any, Final

from flask import Blueprint, abort, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.exchange import export_progress, export_state, export_words, percent_done
from otsp_portal.exported import LISTS, Exported
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, Layout, plain
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.streams import size_zh
from otsp_portal.views.records import base
from otsp_portal.words import word

Json = Any
views = Blueprint("exports", __name__)

_SERVICES: Final = "any(institution,staff,materials,courses):service"
_JOB: Final = f"/jobs/<{_SERVICES}>/<uuid:export_id>"


@views.get("/exports")
@access.roles(*access.INSTITUTION)
def index() -> tuple[str, int]:
    """Every list, for whoever does not come from one."""
    return page("exchange/exports.html", nav="", lists=list(LISTS.values()))


@views.route("/exports/<key>", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def choose(key: str) -> tuple[str, int] | BaseResponse:
    """In which format, and once more what narrows the list; then it is asked for."""
    of = LISTS.get(key) or abort(404)
    filters = of.filters(_sent())
    if filters.get("check_due") == ["any"]:
        filters["check_due"] = _every_check()
    entry = Entry(_form(of))
    entry.typed = {"format": of.formats[0]}
    if "format" in request.form:
        entry.read(request)
        body = {"list": of.name, "format": entry.body()["format"], "filters": filters}
        place = f"{base(of.service)}/exports"
        done = entry.attempt(lambda: api().post(place, body, key=entry.key))
        if done is not None:
            return redirect(f"/jobs/{of.service}/{done.body['export_id']}")
    return page(
        "exchange/export.html",
        status=entry.status,
        nav=of.nav,
        help_chapter=of.nav,
        of=of,
        entry=entry,
        filters=_hidden(filters),
        conditions=of.conditions(filters),
    )


@views.get(_JOB)
@access.roles(*access.INSTITUTION)
def job(service: str, export_id: object) -> tuple[str, int]:
    told = _job(service, export_id)
    of = LISTS[f"{service}.{told['list']}"]
    file = _file(service, told) if told["state"] == "done" else None
    return page(
        "exchange/job.html",
        nav=of.nav,
        help_chapter=of.nav,
        of=of,
        told=told,
        state=export_state(told),
        running=export_words(told),
        value=percent_done(told),
        file=file,
        size=size_zh(file["size"]) if file else "",
        above=[(of.back, of.word)],
        again=f"/exports/{of.key}",
        preview=_stored(service, told),
        download=f"{_stored(service, told)}/content",
        link=f"{request.host_url.rstrip('/')}{_stored(service, told)}/content",
        is_wechat="MicroMessenger" in request.user_agent.string,
    )


@views.get(f"{_JOB}/progress")
@access.roles(*access.INSTITUTION)
def progress(service: str, export_id: object) -> BaseResponse:
    """For progress.js."""
    told = _job(service, export_id)
    return jsonify(export_progress(told, next_path=f"/jobs/{service}/{export_id}"))


def _form(of: Exported) -> Layout:
    offered = tuple((each, word(each, "jobs.format")) for each in of.formats)
    asked = Field(name="format", label="文件格式", kind="choice", options=offered, is_required=True)
    return plain("export", asked, title="选择格式")


def _every_check() -> list[str]:
    return ["precheck", "annual_check", "contract", "work_permit", "residence_permit"]


def _hidden(filters: dict[str, Json]) -> list[tuple[str, str]]:
    """Name and value of each, as a form sends them."""
    return [
        (name, each)
        for name, value in filters.items()
        for each in (value if isinstance(value, list) else [value])
    ]


def _job(service: str, export_id: object) -> Json:
    return api().get(f"{base(service)}/exports/{export_id}")


def _file(service: str, told: Json) -> Json | None:
    """None where it was erased between the two questions."""
    try:
        return api().get(f"{base(service)}/files/{told['file_id']}")
    except Refusal as refusal:
        if refusal.status == 404:
            return None
        raise


def _stored(service: str, told: Json) -> str:
    return f"/files/{service}/{told['file_id']}"


def _sent() -> list[tuple[str, str]]:
    """Everything that came with the request, in its address or its form."""
    return [(name, value) for name in request.values for value in request.values.getlist(name)]
