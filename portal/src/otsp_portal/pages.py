"""Rendering: what every page is told, whoever made it."""

from datetime import datetime
from typing import Any

from flask import current_app, g, render_template, request

from otsp_chassis import clock
from otsp_portal.identity import api, find_person

Json = Any
TYPE_COOKIE = "ui_type"


def page(template: str, *, status: int = 200, nav: str = "", **told: Json) -> tuple[str, int]:
    """A page and its status. `nav` is the item of the rail that is current."""
    return render_template(template, nav=nav, **told), status


def shared_context() -> dict[str, Json]:
    """What base.html asks of every page; errors while a session is looked up are no new ones."""
    person = g.get("person")
    return {
        "person": person,
        "nav": "",
        "help_chapter": None,
        "demo_date": clock.today() if current_app.config["OTSP_ENV"] != "production" else None,
        "request_id": g.get("request_id", ""),
        "type_is_large": request.cookies.get(TYPE_COOKIE) == "large",
        "session_seconds": seconds_left() if person else None,
    }


def seconds_left() -> int | None:
    """Until the session ends by itself, as the platform told with its last answer."""
    told = api().session_expires_at
    if told is None:
        return None
    return max(0, int((datetime.fromisoformat(told) - clock.now()).total_seconds()))


def know_person() -> None:
    """For pages that are open to all but greet who is logged in."""
    find_person()
