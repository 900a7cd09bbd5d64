"""A course edited, moved through its states, removed."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal import access
from otsp_portal.identity import api
from otsp_portal.views import choices
from otsp_portal.views.courses.hosts import Host, told_hosts
from otsp_portal.views.courses.kinds import COURSES, SITE, SYSTEM
from otsp_portal.views.courses.moving import Move, move
from otsp_portal.views.records import Surroundings, edit, form_route, remove, restore

Json = Any
Shown = tuple[str, int] | BaseResponse
views = Blueprint("course", __name__, url_prefix="/courses/course")
TRAIL: Final = ("/courses", "课程管理")
MOVES: Final[Mapping[str, Move]] = {
    "draft": Move("ready", "填写完成", "课程资料已填写完整，等待开课。以后仍可以修改。"),
    "ready": Move(
        "active", "开课", "机构须已通过合规审核，课程使用的材料须在用，收费项目须已公示。"
    ),
    "active": Move(
        "closed",
        "停开",
        "停开后不能再开班，也不能恢复。正在招生、上课的班级须先结班或取消。",
        is_danger=True,
    ),
}


@form_route(views, "/<uuid:course_id>")
@access.roles(*access.INSTITUTION)
def course(course_id: object) -> Shown:
    """The course, its classes below, and what it may become."""
    asked, place = api(), COURSES.place(str(course_id))
    stored, classes, sites, systems, materials, fees = asked.together(
        lambda: asked.get(place),
        lambda: asked.get(f"{place}/classes", limit=100),
        lambda: asked.get(SITE.collection(), limit=100),
        lambda: asked.get(SYSTEM.collection(), limit=100),
        choices.materials(),
        choices.fee_items(),
    )
    hosts = told_hosts(sites["items"], systems["items"])
    at = next((each for each in hosts if each.id == stored["host_id"]), None)
    name = stored["name"] or "未命名的课程"
    round_it = Surroundings(
        title=name,
        back=f"/courses/course/{course_id}",
        crumb=(TRAIL, (at.href, at.name)) if at else (TRAIL,),
        template="courses/course.html",
        options={
            "/host_id": _host_options(hosts),
            "/material_ids": choices.material_options(materials, stored["material_ids"] or ()),
            "/fee_item_id": choices.fee_item_options(fees),
        },
        more={
            "course": stored,
            "classes": classes["items"],
            "move": MOVES.get(stored["status"]),
            "next_class": f"/courses/new/{at.id}.{course_id}/class" if at else None,
        },
    )
    return edit(COURSES, round_it, str(course_id))


@views.route("/<uuid:course_id>/status", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def move_course(course_id: object) -> Shown:
    """草稿 → 待开课 → 开课中 → 已停开."""
    place, href = COURSES.place(str(course_id)), f"/courses/course/{course_id}"
    return move(place, MOVES, word="课程", back=href, crumb=(TRAIL,))


@views.route("/<uuid:course_id>/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def remove_course(course_id: object) -> Shown:
    stored = api().get(COURSES.place(str(course_id)))
    return remove(
        COURSES,
        str(course_id),
        name=stored["name"] or "未命名的课程",
        back=f"/courses/{stored['host_id']}" if stored["host_id"] else "/courses",
        crumb=(TRAIL,),
    )


@views.post("/<uuid:course_id>/restoration")
@access.roles(*access.INSTITUTION)
def restore_course(course_id: object) -> BaseResponse:
    return restore(COURSES, str(course_id), back="/courses")


def _host_options(hosts: list[Host]) -> tuple[tuple[str, str], ...]:
    return tuple((host.id, f"{host.name}（{host.kind.word}）") for host in hosts)
