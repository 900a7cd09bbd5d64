"""Stored files: looked at page by page, or downloaded; the same for the institution and for those
who review it, who see their own name across every page.
"""

from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api, the_person
from otsp_portal.pages import page
from otsp_portal.streams import size_zh, streamed

Json = Any
views = Blueprint("files", __name__)

_SERVICES: Final = "any(institution,staff,materials,courses,compliance):service"
_OWN: Final = f"/files/<{_SERVICES}>/<uuid:file_id>"
_OTHERS: Final = f"/desk/institutions/<uuid:institution_id>/files/<{_SERVICES}>/<uuid:file_id>"


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
    return _download(service, _own(), file_id)


@views.get(_OTHERS)
@access.roles(*access.REVIEWERS)
def file(institution_id: object, service: str, file_id: object) -> tuple[str, int]:
    return _show(service, institution_id, file_id, up=request.path)


@views.get(f"{_OTHERS}/preview")
@access.roles(*access.REVIEWERS)
def preview(institution_id: object, service: str, file_id: object) -> BaseResponse:
    return _preview(service, institution_id, file_id)


@views.get(f"{_OTHERS}/content")
@access.roles(*access.REVIEWERS)
def content(institution_id: object, service: str, file_id: object) -> BaseResponse:
    return _download(service, institution_id, file_id)


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
        size=size_zh(told["size"]),
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
    return streamed(path)


def _download(service: str, institution_id: object, file_id: object) -> BaseResponse:
    """Scans of identity papers, contracts and accounts authorities see as pictures alone."""
    try:
        return streamed(f"{_place(service, institution_id, file_id)}/content")
    except Refusal as refusal:
        if refusal.slug != "file-preview-only":
            raise
        flash(refusal.detail, "warn")
        return redirect(request.path.removesuffix("/content"))
