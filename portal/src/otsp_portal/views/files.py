"""Stored files: looked at page by page, or downloaded; the same for the institution and for those
who review it, who see their own name across every page.
"""

from typing import Any, Final

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text

Json = Any
views = Blueprint("files", __name__)

_SERVICES: Final = "any(institution,staff,materials,courses,compliance):service"
_OWN: Final = f"/files/<{_SERVICES}>/<uuid:file_id>"
_OTHERS: Final = f"/desk/institutions/<uuid:institution_id>/files/<{_SERVICES}>/<uuid:file_id>"
_HANDED_ON: Final = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Last-Modified",
)
_ASKED_ON: Final = ("Range", "If-Range", "If-None-Match")
_CHUNK: Final = 64 * 1024


@views.get(_OWN)
@access.roles(*access.INSTITUTION)
def own_file(service: str, file_id: object) -> tuple[str, int]:
    return _show(service, _own(), file_id, up=request.path)


@views.get(f"{_OWN}/preview")
@access.roles(*access.INSTITUTION)
def own_preview(service: str, file_id: object) -> BaseResponse:
    return _preview(service, _own(), file_id)


@views.get(f"{_OWN}/content")
@access.roles(*access.INSTITUTION)
def own_content(service: str, file_id: object) -> BaseResponse:
    return _stream(f"{_place(service, _own(), file_id)}/content")


@views.get(_OTHERS)
@access.roles(*access.OVERSEERS)
def file(institution_id: object, service: str, file_id: object) -> tuple[str, int]:
    return _show(service, institution_id, file_id, up=request.path)


@views.get(f"{_OTHERS}/preview")
@access.roles(*access.OVERSEERS)
def preview(institution_id: object, service: str, file_id: object) -> BaseResponse:
    return _preview(service, institution_id, file_id)


@views.get(f"{_OTHERS}/content")
@access.roles(*access.OVERSEERS)
def content(institution_id: object, service: str, file_id: object) -> BaseResponse:
    return _stream(f"{_place(service, institution_id, file_id)}/content")


def _own() -> object:
    """The caller's own institution; a registration that is not begun yet has none."""
    return the_person().institution_id or abort(404)


def _place(service: str, institution_id: object, file_id: object) -> str:
    return f"/api/{service}/v1/institutions/{institution_id}/files/{file_id}"


def _show(service: str, institution_id: object, file_id: object, *, up: str) -> tuple[str, int]:
    told = api().get(_place(service, institution_id, file_id))
    pages = told["pages"] or (1 if told["content_type"].startswith("image/") else 0)
    at = min(max(request.args.get("page", 1, type=int), 1), max(pages, 1))
    person = the_person()
    return page(
        "file.html",
        nav="",
        told=told,
        size=_size(told["size"]),
        pages=pages,
        at=at,
        up=up,
        case=_case(),
        is_watermarked=not person.is_institution,
    )


def _case() -> str:
    """The case from which an authority came, by its id; nothing else is taken from the address."""
    told = request.args.get("case", "")
    return told if len(told) == 36 and told.replace("-", "").isalnum() else ""


def _preview(service: str, institution_id: object, file_id: object) -> BaseResponse:
    at = request.args.get("page", 1, type=int)
    path = f"{_place(service, institution_id, file_id)}/preview?page={at}&width=1200"
    return _stream(path)


def _stream(path: str) -> BaseResponse:
    """Bytes as the platform sends them, a range where one was asked for; nothing is kept here."""
    asked = {name: request.headers[name] for name in _ASKED_ON if name in request.headers}
    try:
        source = api().stream(path, asked)
    except Refusal as refusal:
        if refusal.status != 416:
            raise
        return Response(text("file.range"), 416, mimetype="text/plain")
    headers = {name: source.headers[name] for name in _HANDED_ON if name in source.headers}
    answer = Response(source.iter_raw(_CHUNK), source.status_code, headers)
    answer.call_on_close(source.close)
    return answer


def _size(size: int) -> str:
    if size < 1024 * 1024:
        return f"{max(size // 1024, 1)}KB"
    return f"{size / 1024 / 1024:.1f}MB"
