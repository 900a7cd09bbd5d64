"""课程管理: every host with its courses and classes, one host by itself, and its week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, request

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.views import choices
from otsp_portal.views.courses import saying
from otsp_portal.views.courses.hosts import Host, get_host, told_hosts
from otsp_portal.views.courses.kinds import COURSES, HELP, HOSTS, NAV, SITE, SYSTEM
from otsp_portal.views.records import base

Json = Any
views = Blueprint("courses", __name__, url_prefix="/courses")
for _filter in (saying.schedule, saying.names_of):
    views.add_app_template_filter(_filter, _filter.__name__)
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Held:
    """A course and the classes of it that are shown."""

    course: Mapping[str, Json]
    classes: Sequence[Mapping[str, Json]]

    @property
    def name(self) -> str:
        return self.course["name"] or "未命名的课程"

    @property
    def href(self) -> str:
        return f"/courses/course/{self.course['course_id']}"

    @property
    def next_class(self) -> str:
        """Where one more class is entered, by the wizard's third step."""
        return f"/courses/new/{self.course['host_id']}.{self.course['course_id']}/class"


@dataclass(frozen=True, slots=True)
class Section:
    """The hosts of one kind: 办学点 (固定场所 where all teaching is online, D40) or 业务系统."""

    part: str
    title: str
    hosts: Sequence[tuple[Host, Sequence[Held]]]

    @property
    def create_href(self) -> str:
        return f"/courses/new/{self.part}/host"


@views.get("")
@access.roles(*access.INSTITUTION)
def index() -> tuple[str, int]:
    """Offline: sites; online: systems and the fixed premises."""
    asked, below = api(), base("courses")
    own = base("institution")
    institution, sites, systems, courses, classes = asked.together(
        lambda: asked.get(own),
        lambda: asked.get(SITE.collection(), limit=_SHOWN),
        lambda: asked.get(SYSTEM.collection(), limit=_SHOWN),
        lambda: asked.get(COURSES.collection(), limit=_SHOWN),
        lambda: asked.get(f"{below}/classes", limit=_SHOWN),
    )
    hosts = told_hosts(sites["items"], systems["items"])
    held = hold(courses["items"], classes["items"])
    known = {host.id for host in hosts}
    return page(
        "courses/index.html",
        nav=NAV,
        help_chapter=HELP,
        sections=sections(hosts, held, modes=institution["delivery_modes"] or ()),
        elsewhere=[each for each in held if each.course["host_id"] not in known],
        is_cut=bool(courses["next"] or classes["next"]),
    )


def sections(hosts: Iterable[Host], held: Sequence[Held], *, modes: Iterable[str]) -> list[Section]:
    """What is asked of the institution stands first; what it has all the same, too."""
    ways = set(modes) or {"offline"}
    found = list(hosts)
    by_part = {
        part: [
            (host, [each for each in held if each.course["host_id"] == host.id])
            for host in found
            if host.part == part
        ]
        for part in HOSTS
    }
    title = "办学点" if "offline" in ways else "固定场所"
    sites = Section("site", title, by_part["site"])
    systems = Section("system", "业务系统", by_part["system"])
    if "online" not in ways and not systems.hosts:
        return [sites]
    return [sites, systems] if "offline" in ways else [systems, sites]


def hold(courses: Iterable[Json], classes: Iterable[Json]) -> list[Held]:
    of_course: dict[str, list[Json]] = {}
    for each in classes:
        of_course.setdefault(each["course_id"], []).append(each)
    return [Held(course, of_course.get(course["course_id"], [])) for course in courses]


@views.get("/<uuid:host_id>")
@access.roles(*access.INSTITUTION)
def host(host_id: object) -> tuple[str, int]:
    """One host: itself, what lacks, its courses page by page."""
    where = get_host(host_id)
    asked, below, own = api(), base("courses"), base("institution")
    cursor = request.args.get("cursor")
    moving = f"{SITE.place(where.id)}/relocation"
    institution, courses, classes, relocation = asked.together(
        lambda: asked.get(own),
        lambda: asked.get(COURSES.collection(), host_id=where.id, cursor=cursor),
        lambda: asked.get(f"{below}/classes", host_id=where.id, limit=_SHOWN),
        lambda: asked.find(moving) if where.is_site else None,
    )
    return page(
        "courses/host.html",
        nav=NAV,
        help_chapter=HELP,
        host=where,
        held=hold(courses["items"], classes["items"]),
        next_page=f"{where.href}?cursor={courses['next']}" if courses["next"] else None,
        first_page=where.href if cursor else None,
        relocation=relocation,
        is_fixed=bool(institution.get("major_fields")),
    )


@views.get("/<uuid:host_id>/week")
@access.roles(*access.INSTITUTION)
def week(host_id: object) -> tuple[str, int]:
    """周课表. The whole institution's sessions are asked for: clashes name classes elsewhere."""
    where = get_host(host_id)
    shown = saying.a_week(request.args.get("week"))
    asked, below = api(), base("courses")
    timetable, people = asked.together(
        lambda: asked.get(f"{below}/timetable", week=shown), choices.employed()
    )
    names = {each["staff_id"]: each["name"] for each in people}
    before, after = saying.weeks_round(shown)
    return page(
        "courses/week.html",
        nav=NAV,
        help_chapter=HELP,
        host=where,
        days=saying.days_of(timetable["days"], where.id, names),
        span=(timetable["from"], timetable["to"]),
        before=f"{where.href}/week?week={before}",
        after=f"{where.href}/week?week={after}",
        is_this_week=shown == saying.week_of(clock.today().isoformat()),
    )
