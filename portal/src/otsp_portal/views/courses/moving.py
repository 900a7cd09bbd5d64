"""The next state of a course or a class, asked once on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.courses.kinds import HELP, NAV

Json = Any
STATUS: Final = plain("status", Field(name="status", label="状态", kind="text"))


@dataclass(frozen=True, slots=True)
class Move:
    """To which state, what the button says, and what it means."""

    to: str
    button: str
    meaning: str
    is_danger: bool = False


def move(
    place: str,
    moves: Mapping[str, Move],
    *,
    word: str,
    back: str,
    crumb: Sequence[tuple[str, str]],
) -> tuple[str, int] | BaseResponse:
    """All that keeps it from moving is told on the same page."""
    stored = api().read(place)
    offered = moves.get(stored.body["status"])
    if offered is None:
        abort(404)
    entry = Entry(STATUS, version=stored.etag or "")
    if request.method == "POST":
        entry.read(request)
        asked, body = api(), {"status": offered.to}
        moved = entry.attempt(
            lambda: asked.put(f"{place}/status", body, of=entry.version, key=entry.key)
        )
        if moved is not None:
            flash(text("ok.save"), "ok")
            return redirect(back)
    name = stored.body["name"] or f"未命名的{word}"
    return page(
        "confirm.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        title=f"{offered.button}：{name}",
        body=offered.meaning,
        button=offered.button,
        entry=entry,
        back=back,
        crumb=(*crumb, (back, name)),
        is_danger=offered.is_danger,
    )
