"""One person: entered, changed, removed; leaving and coming back; what is masked, shown."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Layout
from otsp_portal.forms.saving import Places, save
from otsp_portal.gateway_client import Answer, Api
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views.records import (
    Surroundings,
    base,
    create,
    edit,
    form_route,
    remove,
    restore,
    tell_warnings,
)
from otsp_portal.views.staff.kinds import (
    DEPARTED,
    DEPARTURE,
    EMPLOYED,
    HELP,
    NAV,
    PERSON,
    REINSTATEMENT,
    SERVICE,
)

Json = Any
views = Blueprint("person", __name__, url_prefix="/staff")

_CRUMB: Final = ((EMPLOYED, "人员管理"),)
_OVER: Final = frozenset({"finished", "cancelled"})
_SHOWN: Final = ("id_no", "mobile", "political_status", "prohibited_kind", "work_permit_no")


@form_route(views, "/new")
@access.roles(*access.INSTITUTION)
def new_person() -> tuple[str, int] | BaseResponse:
    round_it = Surroundings(title="创建在职人员", back=EMPLOYED, crumb=_CRUMB)
    return create(PERSON, round_it)


@form_route(views, "/<uuid:staff_id>")
@access.roles(*access.INSTITUTION)
def person(staff_id: object) -> tuple[str, int] | BaseResponse:
    found = _person(staff_id)
    round_it = Surroundings(
        title=_name(found),
        back=_list_of(found),
        crumb=_CRUMB,
        template="staff/person.html",
        more={"shown": found},
    )
    return edit(PERSON, round_it, str(staff_id))


@views.route("/<uuid:staff_id>/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def remove_person(staff_id: object) -> tuple[str, int] | BaseResponse:
    found = _person(staff_id)
    back = _list_of(found)
    return remove(PERSON, str(staff_id), name=_name(found), back=back, crumb=_CRUMB)


@views.post("/<uuid:staff_id>/restoration")
@access.roles(*access.INSTITUTION)
def restore_person(staff_id: object) -> BaseResponse:
    return restore(PERSON, str(staff_id), back=EMPLOYED)


@form_route(views, "/<uuid:staff_id>/departure")
@access.roles(*access.INSTITUTION)
def depart(staff_id: object) -> tuple[str, int] | BaseResponse:
    """Whoever still leads a class is replaced first: which classes, stands there beforehand."""
    asked, place, classes_of = api(), PERSON.place(str(staff_id)), f"{base('courses')}/classes"
    found, classes = asked.together(
        lambda: asked.get(place),
        lambda: asked.get(classes_of, teacher_id=str(staff_id), limit=100),
    )
    led = [each for each in classes["items"] if each["status"] not in _OVER]
    name = _name(found)
    return _move(
        found,
        DEPARTURE,
        title=text("cf.depart.title", name=name),
        button=text("cf.depart.button"),
        verb="departure",
        done=text("ok.depart", name=name),
        then=DEPARTED,
        lead=text("staff.depart.lead"),
        led=led,
        led_title=text("cf.depart.lead.title", name=name, n=len(led)),
    )


@form_route(views, "/<uuid:staff_id>/reinstatement")
@access.roles(*access.INSTITUTION)
def reinstate(staff_id: object) -> tuple[str, int] | BaseResponse:
    found = _person(staff_id)
    name = _name(found)
    return _move(
        found,
        REINSTATEMENT,
        title=text("cf.reinstate.title", name=name),
        button=text("cf.reinstate.button"),
        verb="reinstatement",
        done=text("ok.reinstate", name=name),
        then=EMPLOYED,
        lead=text("cf.reinstate.text"),
    )


@views.route("/<uuid:staff_id>/secrets", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def show_secrets(staff_id: object) -> tuple[str, int]:
    """Asked for on a page and shown on it, for half a minute; each look leaves an entry."""
    found = _person(staff_id)
    values = None
    if request.method == "POST":
        body = {"fields": list(_SHOWN)}
        values = api().post(f"{PERSON.place(str(staff_id))}/reveals", body).body["values"]
    return page(
        "staff/secrets.html",
        nav=NAV,
        help_chapter=HELP,
        shown=found,
        crumb=_crumb_to(found),
        values=values,
        entry=Entry(PERSON.layout),
    )


def _move(
    found: Json, form: Layout, *, verb: str, done: str, then: str, **told: Json
) -> tuple[str, int] | BaseResponse:
    """The page on which somebody leaves or comes back."""
    staff_id = found["staff_id"]
    entry = Entry(form, service=SERVICE)
    if request.method == "POST":
        gone = save(
            entry,
            _sending(f"{PERSON.place(staff_id)}/{verb}", entry),
            then=_moved(done, then),
            places=Places(files=f"{base(SERVICE)}/files"),
        )
        if gone is not None:
            return gone
    return page(
        "staff/move.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        entry=entry,
        crumb=_crumb_to(found),
        back=_list_of(found),
        **told,
    )


def _sending(path: str, entry: Entry) -> Callable[[Api, Json], Answer]:
    def send(asked: Api, body: Json) -> Answer:
        filled = {name: value for name, value in body.items() if value not in (None, "")}
        return asked.post(path, filled, key=entry.key)

    return send


def _moved(done: str, then: str) -> Callable[[Answer], BaseResponse]:
    def go(answer: Answer) -> BaseResponse:
        flash(done, "ok")
        tell_warnings(answer, PERSON.layout)
        return redirect(then)

    return go


def _person(staff_id: object) -> Json:
    return api().get(PERSON.place(str(staff_id)))


def _name(found: Json) -> str:
    return found["name"] or text("staff.nameless")


def _list_of(found: Json) -> str:
    return EMPLOYED if found["status"] == "employed" else DEPARTED


def _crumb_to(found: Json) -> list[tuple[str, str]]:
    return [*_CRUMB, (f"/staff/{found['staff_id']}", _name(found))]
