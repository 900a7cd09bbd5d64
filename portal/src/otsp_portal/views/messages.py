"""消息: the inbox, what was sent of it by text and mail, and the way to what it is about."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.button import press
from otsp_portal.identity import api, forget_person, the_person
from otsp_portal.pages import page
from otsp_portal.texts import text

Json = Any
views = Blueprint("messages", __name__, url_prefix="/messages")
_NOTIFICATIONS: Final = "/api/auth/v1/notifications"
_ABOUT: Final = (
    ("rectification_id", "/rectifications/{}", "/desk/rectifications/{}"),
    ("application_id", "/apply/{}/result", ""),
    ("case_id", "", "/desk/cases/{}"),
    ("material_id", "/materials/{}", ""),
)


@views.get("")
@access.roles(*access.ALL)
def inbox() -> tuple[str, int]:
    found = api().get(_NOTIFICATIONS, cursor=request.args.get("cursor"), limit=30)
    return page(
        "messages/inbox.html", nav="messages", help_chapter="account",
        messages=found["items"], following=found["next"],
    )  # fmt: skip


@views.post("/read")
@access.roles(*access.ALL)
def read_all() -> BaseResponse:
    api().post(f"{_NOTIFICATIONS}/readings")
    forget_person()
    flash(text("ok.messages.read"), "ok")
    return redirect("/messages")


@views.post("/<uuid:notification_id>/open")
@access.roles(*access.ALL)
def open_one(notification_id: object) -> BaseResponse:
    """Read it, and go to what it is about."""
    api().post(f"{_NOTIFICATIONS}/{notification_id}/reading")
    forget_person()
    return redirect(_place(dict(request.form.items())))


@views.get("/<uuid:notification_id>/deliveries")
@access.roles(*access.ALL)
def deliveries(notification_id: object) -> tuple[str, int]:
    found = api().get(f"{_NOTIFICATIONS}/{notification_id}/deliveries")["items"]
    return page(
        "messages/deliveries.html", nav="messages", help_chapter="account", deliveries=found,
        notification_id=str(notification_id),
    )  # fmt: skip


@views.post("/<uuid:notification_id>/deliveries")
@access.roles(*access.ALL)
def resend(notification_id: object) -> BaseResponse:
    here = f"{_NOTIFICATIONS}/{notification_id}/deliveries"
    body = {"channel": request.form.get("channel")}
    press(lambda: api().post(here, body, key=request.form.get("_key")), said="ok.resent")
    return redirect(f"/messages/{notification_id}/deliveries")


def _place(about: dict[str, str]) -> str:
    """The page of the first thing that a message names and this person has a page for."""
    is_institution = the_person().is_institution
    for name, of_institution, of_authority in _ABOUT:
        place = of_institution if is_institution else of_authority
        if name in about and place:
            return place.format(about[name])
    return "/messages"
