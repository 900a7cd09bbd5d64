"""A class edited, moved through its states, counted, cancelled, removed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Field, plain
from otsp_portal.forms.saving import save
from otsp_portal.gateway_client import Answer
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views import choices
from otsp_portal.views.courses.hosts import Host, find_host, told_hosts
from otsp_portal.views.courses.kinds import (
    CLASS_LAYOUTS,
    COURSES,
    HELP,
    LATEST_END,
    NAV,
    SITE,
    SYSTEM,
    classes_of,
)
from otsp_portal.views.courses.moving import Move, move
from otsp_portal.views.courses.wizard import class_options
from otsp_portal.views.records import (
    Surroundings,
    edit,
    form_route,
    remove,
    restore,
    tell_warnings,
)

Json = Any
Shown = tuple[str, int] | BaseResponse
views = Blueprint("course_classes", __name__, url_prefix="/courses/course/<uuid:course_id>/classes")
TRAIL: Final = ("/courses", "课程管理")
MOVES: Final[Mapping[str, Move]] = {
    "planned": Move("enrolling", "开始招生", "机构须已通过合规审核，课程须为待开课或开课中。"),
    "enrolling": Move("in_session", "开始上课", "学员已经到班上课。"),
    "in_session": Move("finished", "结班", "结班后成为记录，不能再修改。", is_danger=True),
}
OPEN: Final = frozenset(MOVES)
"""States in which a class may be cancelled, and its people counted."""

ATTENDANCE: Final = plain(
    "attendance",
    Field(name="enrolled", label="在班人数", kind="whole", hint=text("hint.nopupil")),
    Field(name="skip_dates", label="停课日", kind="days", hint=text("hint.days")),
    title="人数与停课日",
)
CANCELLATION: Final = plain(
    "cancellation",
    Field(name="reason", label="取消原因", kind="area_text", longest=500),
    title="取消原因",
)


@form_route(views, "/<uuid:class_id>")
@access.roles(*access.INSTITUTION)
def a_class(course_id: object, class_id: object) -> Shown:
    """The class, and what it may become."""
    asked = api()
    course_place = COURSES.place(str(course_id))
    course, stored, people, sites, systems = asked.together(
        lambda: asked.get(course_place),
        lambda: asked.get(f"{course_place}/classes/{class_id}"),
        choices.employed(),
        lambda: asked.get(SITE.collection(), limit=100)["items"],
        lambda: asked.get(SYSTEM.collection(), limit=100)["items"],
    )
    hosts = {each.id: each for each in told_hosts(sites, systems)}
    where = hosts.get(course["host_id"]) or _host_of(course)
    part = where.part if where else _part_of(course)
    kind = classes_of(str(course_id), part)
    href = f"/courses/course/{course_id}/classes/{class_id}"
    round_it = Surroundings(
        title=_name(stored),
        back=href,
        crumb=(TRAIL, (f"/courses/course/{course_id}", course["name"] or "未命名的课程")),
        template="courses/class.html",
        options=class_options(where, people) if where else {},
        latest_end=LATEST_END[part],
        more={
            "held": stored,
            "href": href,
            "move": MOVES.get(stored["status"]),
            "is_open": stored["status"] in OPEN,
            "host": where,
        },
    )
    return edit(kind, round_it, str(class_id))


@views.route("/<uuid:class_id>/status", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def move_class(course_id: object, class_id: object) -> Shown:
    """计划 → 招生中 → 上课中 → 已结班."""
    place, href = _places(course_id, class_id)
    return move(place, MOVES, word="班级", back=href, crumb=(TRAIL,))


@form_route(views, "/<uuid:class_id>/attendance")
@access.roles(*access.INSTITUTION)
def attendance(course_id: object, class_id: object) -> Shown:
    """How many come, and which days fall out: during a review too."""
    place, href = _places(course_id, class_id)
    stored = api().read(place)
    entry = Entry(ATTENDANCE)
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.put(
                f"{place}/attendance", body, of=entry.version, key=entry.key
            ),
            then=_told(href, "ok.save"),
        )
        if done is not None:
            return done
    else:
        entry.fill(stored.body, stored.etag)
    return _small(entry, stored.body, href, title="登记人数与停课日", button=text("btn.save"))


@form_route(views, "/<uuid:class_id>/cancellation")
@access.roles(*access.INSTITUTION)
def cancellation(course_id: object, class_id: object) -> Shown:
    place, href = _places(course_id, class_id)
    stored = api().get(place)
    entry = Entry(CANCELLATION)
    if request.method == "POST":
        done = save(
            entry,
            lambda asked, body: asked.post(f"{place}/cancellation", body, key=entry.key),
            then=_told(href, "class.cancelled"),
        )
        if done is not None:
            return done
    else:
        entry.fill(None)
    return _small(entry, stored, href, title="取消班级", button="取消班级")


@views.route("/<uuid:class_id>/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def remove_class(course_id: object, class_id: object) -> Shown:
    place, href = _places(course_id, class_id)
    name = _name(api().get(place))
    return remove(
        classes_of(str(course_id), "site"),
        str(class_id),
        name=name,
        back=f"/courses/course/{course_id}",
        crumb=(TRAIL, (href, name)),
    )


@views.post("/<uuid:class_id>/restoration")
@access.roles(*access.INSTITUTION)
def restore_class(course_id: object, class_id: object) -> BaseResponse:
    kind = classes_of(str(course_id), "site")
    return restore(kind, str(class_id), back=f"/courses/course/{course_id}")


def _places(course_id: object, class_id: object) -> tuple[str, str]:
    """Where the class lies in the API, and its page."""
    below = f"classes/{class_id}"
    return f"{COURSES.place(str(course_id))}/{below}", f"/courses/course/{course_id}/{below}"


def _host_of(course: Mapping[str, Json]) -> Host | None:
    host_id = course["host_id"]
    return find_host(api(), SITE.place(host_id), SYSTEM.place(host_id)) if host_id else None


def _part_of(course: Mapping[str, Json]) -> str:
    is_online = (course.get("delivery") or "").startswith("online")
    return "system" if is_online else "site"


def _name(stored: Mapping[str, Json]) -> str:
    return stored["name"] or "未命名的班级"


def _told(href: str, key: str) -> Callable[[Answer], BaseResponse]:
    def then(answer: Answer) -> BaseResponse:
        flash(text(key), "ok")
        tell_warnings(answer, CLASS_LAYOUTS["site", False])
        return redirect(href)

    return then


def _small(
    entry: Entry, stored: Mapping[str, Json], href: str, *, title: str, button: str
) -> tuple[str, int]:
    name = _name(stored)
    round_it = Surroundings(
        title=f"{title}：{name}", back=href, crumb=(TRAIL, (href, name)), button=button
    )
    return page(
        "record.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        entry=entry,
        kind=replace(classes_of(str(stored["course_id"]), "site"), draft=None),
        round_it=round_it,
        current="",
    )
