"""使用手册: the guide's chapters as pages, and the pictures that they show."""

from typing import Final

from flask import Blueprint, abort, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access, guide
from otsp_portal.pages import know_person, page

views = Blueprint("guide", __name__)
_DAY_SECONDS: Final = 24 * 60 * 60


@views.get("/help")
@access.anyone
def contents() -> tuple[str, int]:
    know_person()
    return page("help/contents.html", nav="help", parts=guide.contents())


@views.get("/help/<slug>")
@access.anyone
def chapter(slug: str) -> tuple[str, int]:
    know_person()
    if slug not in guide.CHAPTERS:
        abort(404)
    before, after = guide.neighbours(slug)
    told = guide.chapter(slug)
    return page(
        "help/chapter.html", nav="help", help_chapter=slug, told=told, before=before, after=after
    )


@views.get("/help/pictures/<name>")
@access.anyone
def picture(name: str) -> BaseResponse:
    answer = send_from_directory(guide.PICTURES, name, max_age=_DAY_SECONDS)
    answer.headers["Cache-Control"] = f"public, max-age={_DAY_SECONDS}"
    return answer
