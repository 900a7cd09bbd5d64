"""创建课程 in three saved steps: 1 基本信息, 2 培训课程, 3 班级信息, and a last look (design §3.5).

Where somebody is stands in the address alone: `site` or `system` until the host exists, then its
id, then the ids of the course and the class behind it, so that going back changes what was saved
and enters nothing twice. There is one draft of a course not yet saved, and one of a class;
at another host or course it is pointed at and not written over.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.forms.entry import Entry
from otsp_portal.forms.fields import Layout, Options
from otsp_portal.forms.saving import Places, fill, keep_draft, save, take_draft
from otsp_portal.gateway_client import Answer, Api
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.texts import text
from otsp_portal.views import choices
from otsp_portal.views.courses.hosts import Host, get_host
from otsp_portal.views.courses.kinds import (
    CLASS_LAYOUTS,
    COURSES,
    HELP,
    HOSTS,
    NAV,
    ONLINE,
    STEP_LAYOUTS,
    classes_of,
)
from otsp_portal.views.courses.saying import week_of
from otsp_portal.views.records import Advice, base, form_route, tell_warnings

Json = Any
views = Blueprint("course_wizard", __name__, url_prefix="/courses/new")
TITLES: Final = ("基本信息", "培训课程", "班级信息")
_STEPS: Final = ("host", "course", "class")
_ID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ADDRESS: Final = re.compile(rf"(site|system|{_ID})(?:\.({_ID}))?(?:\.({_ID}))?")


@dataclass(frozen=True, slots=True)
class At:
    """How far a creation has come: what of it exists."""

    host: str
    course: str | None = None
    a_class: str | None = None

    @classmethod
    def of(cls, address: str) -> "At":
        found = _ADDRESS.fullmatch(address)
        if found is None or (found[1] in HOSTS and found[2]):
            abort(404)
        return cls(found[1], found[2], found[3])

    @property
    def host_id(self) -> str | None:
        return None if self.host in HOSTS else self.host

    def path(self, step: str) -> str:
        ids = ".".join(each for each in (self.host, self.course, self.a_class) if each)
        return f"/courses/new/{ids}/{step}"

    def steps(self) -> list[tuple[str, str]]:
        """(title, where it can be gone to) of the three."""
        is_open = (True, self.host_id is not None, self.course is not None)
        return [
            (title, self.path(step) if reachable else "")
            for title, step, reachable in zip(TITLES, _STEPS, is_open, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the three: its form, where that goes, and what comes before and after."""

    number: int
    part: str
    title: str
    at: At
    layout: Layout
    collection: str
    object_id: str | None
    belongs_to: Mapping[str, Json]
    """Whose draft of something new it is: the host's, the course's."""
    reached: Callable[[Json], At]
    """What exists once the object is stored."""
    options: Mapping[str, Options]
    given: Mapping[str, Json]
    """What the body says and nobody is asked: the host that the course is created at."""
    latest_end: str = ""

    @property
    def place(self) -> str:
        return f"{self.collection}/{self.object_id}" if self.object_id else self.collection

    @property
    def places(self) -> Places:
        below, part = base("courses"), self.part
        section = f"{below}/drafts/{part}.{self.object_id or 'new'}"
        return Places(f"{below}/files", section, {} if self.object_id else self.belongs_to)

    def before(self, at: At) -> str:
        return at.path(_STEPS[self.number - 2]) if self.number > 1 else "/courses"

    def after(self, at: At) -> str:
        return at.path((*_STEPS[1:], "check")[self.number - 1])

    def send(self, asked: Api, body: Json, entry: Entry) -> Answer:
        whole = {**body, **self.given}
        if self.object_id is None:
            return asked.post(self.place, whole, key=entry.key)
        return asked.put(self.place, whole, of=entry.version or None, key=entry.key)


@form_route(views, "/<draft>/host")
@access.roles(*access.INSTITUTION)
def host(draft: str) -> tuple[str, int] | BaseResponse:
    """第1步: the site or the system."""
    at = At.of(draft)
    kind = HOSTS[at.host] if at.host_id is None else get_host(at.host).kind
    part = kind.draft or ""
    return _step(
        Step(
            number=1,
            part=part,
            title=f"创建{kind.word}",
            at=at,
            layout=kind.layout,
            collection=kind.collection(),
            object_id=at.host_id,
            belongs_to={},
            reached=lambda stored: replace(at, host=stored[f"{part}_id"]),
            options={},
            given={},
        )
    )


@form_route(views, "/<draft>/course")
@access.roles(*access.INSTITUTION)
def course(draft: str) -> tuple[str, int] | BaseResponse:
    """第2步: what is taught there."""
    at = At.of(draft)
    if at.host_id is None:
        abort(404)
    where, options = api().together(lambda: get_host(at.host), lambda: _course_options(at.course))
    return _step(
        Step(
            number=2,
            part="course",
            title=where.name,
            at=at,
            layout=STEP_LAYOUTS[where.part, at.course is None],
            collection=COURSES.collection(),
            object_id=at.course,
            belongs_to={"host_id": at.host},
            reached=lambda stored: replace(at, course=stored["course_id"]),
            options=options if where.is_site else {**options, "/delivery": ONLINE},
            given={"host_id": where.id, **({"delivery": "offline"} if where.is_site else {})},
        )
    )


@form_route(views, "/<draft>/class")
@access.roles(*access.INSTITUTION)
def a_class(draft: str) -> tuple[str, int] | BaseResponse:
    """第3步: who is taught when, and by whom."""
    at = At.of(draft)
    if at.host_id is None or at.course is None:
        abort(404)
    where, people = api().together(lambda: get_host(at.host), choices.employed())
    return _step(
        Step(
            number=3,
            part="class",
            title=where.name,
            at=at,
            layout=CLASS_LAYOUTS[where.part, at.a_class is None],
            collection=classes_of(at.course, where.part).collection(),
            object_id=at.a_class,
            belongs_to={"course_id": at.course},
            reached=lambda stored: replace(at, a_class=stored["class_id"]),
            options=class_options(where, people),
            given={},
            latest_end=where.latest_end,
        )
    )


@views.route("/<draft>/check", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def check(draft: str) -> tuple[str, int] | BaseResponse:
    """The last look: what was entered, what filing still lacks, what a rule would say."""
    at = At.of(draft)
    if at.host_id is None or at.course is None or at.a_class is None:
        abort(404)
    asked, courses = api(), COURSES.place(at.course)
    class_path = f"{COURSES.place(at.course)}/classes/{at.a_class}"
    where = get_host(at.host)
    stored, held, people = asked.together(
        lambda: asked.get(courses), lambda: asked.get(class_path), choices.employed()
    )
    entry = Entry(COURSES.layout, version=str(stored["version"]))
    if request.method == "POST":
        entry.read(request)
        week = f"{where.href}/week?week={week_of(held['start_on'])}"
        done = _finish(entry, stored, then=week)
        if done is not None:
            return done
    told = (
        (where.kind.layout, where.stored),
        (COURSES.layout, stored),
        (CLASS_LAYOUTS[where.part, False], held),
    )
    return page(
        "courses/check.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        at=at,
        entry=entry,
        host=where,
        course=stored,
        held=held,
        names={each["staff_id"]: each["name"] for each in people},
        advice=[
            (title, href, Advice.of(body, layout))
            for (title, href), (layout, body) in zip(at.steps(), told, strict=True)
        ],
    )


def class_options(where: Host, people: list[Json]) -> dict[str, Options]:
    told = {
        "/teacher_ids": choices.teacher_options(people),
        "/assistant_ids": choices.people_options(people),
    }
    return {**told, "/room_no": where.rooms()} if where.is_site else told


def _course_options(course_id: str | None) -> dict[str, Options]:
    asked = api()
    known = COURSES.place(course_id) if course_id else None
    materials, fees, stored = asked.together(
        choices.materials(),
        choices.fee_items(),
        lambda: asked.find(known) if known else None,
    )
    chosen = (stored or {}).get("material_ids") or ()
    return {
        "/material_ids": choices.material_options(materials, chosen),
        "/fee_item_id": choices.fee_item_options(fees),
    }


def _step(step: Step) -> tuple[str, int] | BaseResponse:
    entry = Entry(step.layout, options=step.options, service="courses", latest_end=step.latest_end)
    places, elsewhere = step.places, None
    draft = None if step.object_id else api().find(str(places.draft))
    if draft is not None and not draft["content"].items() >= step.belongs_to.items():
        places, elsewhere, draft = replace(places, draft=None), draft["content"], None
    if request.method == "POST":
        done = _move(entry, step, places)
        if done is not None:
            return done
    elif step.object_id:
        fill(entry, lambda: api().read(step.place), places)
    else:
        entry.fill({"slots": [{}]})
        take_draft(entry, draft)
    return page(
        "courses/step.html",
        status=entry.status,
        nav=NAV,
        help_chapter=HELP,
        entry=entry,
        step=step,
        has_draft=places.draft is not None,
        elsewhere=_whose(elsewhere),
        current=step.place if step.object_id else "",
    )


def _whose(draft: Mapping[str, Json] | None) -> str:
    """Where somebody began something new that is still a draft; empty where nobody did."""
    if not draft:
        return ""
    host_id, course_id = draft.get("host_id"), draft.get("course_id")
    return f"/courses/course/{course_id}" if course_id else f"/courses/new/{host_id}/course"


def _move(entry: Entry, step: Step, places: Places) -> BaseResponse | None:
    """On and back alike: saved; what cannot be saved yet is kept as a draft on the way back."""
    is_back = "_back" in request.form

    def moved(answer: Answer) -> BaseResponse:
        at = step.reached(answer.body)
        if not is_back:
            tell_warnings(answer, step.layout)
        return redirect(step.before(at) if is_back else step.after(at))

    if is_back and step.object_id is None:
        entry.read(request)
        if entry.is_blank:
            return redirect(step.before(step.at))
    done = save(
        entry,
        lambda asked, body: step.send(asked, body, entry),
        then=moved,
        places=places,
    )
    if done is None and is_back and places.draft and not entry.is_reshown:
        keep_draft(entry, places)
        flash(text("wizard.kept"), "warn")
        return redirect(step.before(step.at))
    return done


def _finish(entry: Entry, stored: Json, *, then: str) -> BaseResponse | None:
    """完成: a draft course is complete because the institution says so."""
    if stored["status"] == "draft":
        asked, path = api(), f"{COURSES.place(stored['course_id'])}/status"
        answer = entry.attempt(
            lambda: asked.put(path, {"status": "ready"}, of=entry.version, key=entry.key)
        )
        if answer is None:
            return None
    flash(text("wizard.done", name=stored["name"] or "课程"), "ok")
    return redirect(then)
