"""One material: what it is, its versions, what may be done with it next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint
from werkzeug.wrappers import Response as BaseResponse

from otsp_chassis import clock
from otsp_portal import access
from otsp_portal.formatters import day
from otsp_portal.forms.fields import Options
from otsp_portal.identity import api
from otsp_portal.views import choices
from otsp_portal.views.materials.kinds import MATERIAL, RECORDS, TONES, author_options
from otsp_portal.views.records import Surroundings, create, edit, form_route, remove, restore
from otsp_portal.words import word

Json = Any
Shown = tuple[str, int] | BaseResponse
views = Blueprint("material", __name__, url_prefix="/materials")
TRAIL: Final = ("/materials", "材料管理")


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with a material: where, what the button says, what is said afterwards."""

    slug: str
    button: str
    done: str
    is_next: bool = False


SUBMIT: Final = Act("submission", "提交内部审核", "ok.material.submission", is_next=True)
RESULT: Final = Act("result", "登记内部审核结果", "ok.material.result", is_next=True)
ASK: Final = Act("external-review", "申请外部审核", "ok.material.asked", is_next=True)
ADOPT: Final = Act("adoption", "启用", "ok.material.adoption", is_next=True)
ARCHIVE: Final = Act("archiving", "停用存档", "ok.material.archiving")
PURGE: Final = Act("purge", "销毁", "ok.material.purge")
VERSION: Final = Act("version", "登记新版本", "ok.material.version")


def acts_on(material: Mapping[str, Json], today: str) -> Sequence[Act]:
    """What the material's state lets the institution do; what guards it, the platform tells."""
    status, outside = material["status"], material["external_review"]
    must_ask = outside["required"] or (
        material["category"] == "subject" and material["form"] == "basic"
    )
    offered: Mapping[str, Sequence[Act]] = {
        "draft": (SUBMIT,),
        "internal_review": (RESULT,),
        "internal_passed": (ASK if must_ask else ADOPT, VERSION),
        "internal_failed": (VERSION,),
        "external_pending": (VERSION,),
        "external_failed": (VERSION,),
        "in_use": (VERSION, ARCHIVE),
        "suspended": (VERSION, ARCHIVE),
        "archived": (PURGE,) if (material["retain_until"] or "") < today else (),
    }
    asks_again = status == "in_use" and outside["required"] and outside["result"] is None
    return (*offered.get(status, ()), *((ASK,) if asks_again else ()))


def facts_of(
    material: Mapping[str, Json], names: Mapping[str, str | None]
) -> list[tuple[str, str, str]]:
    """What was reviewed and used when; days that have not come yet are left out."""
    inside, outside = material["internal_review"], material["external_review"]
    days = (
        ("启用日期", "used_from"),
        ("停用日期", "used_until"),
        ("保管至", "retain_until"),
        ("销毁日期", "purged_on"),
    )
    reviewers = (names.get(each) or "已离职人员" for each in inside["reviewer_ids"] or ())
    asked = "须审核" if outside["required"] else "不须审核"
    told = [
        ("内部审核", _result(inside) or "还没有审核", ""),
        ("内部审核人员", "、".join(reviewers), ""),
        ("外部审核", _result(outside) or asked, ""),
        ("外部审核编号", outside["approval_no"] or "", "mono"),
        *((label, day(material[name]), "") for label, name in days),
    ]
    return [each for each in told if each[1]]


def _result(review: Mapping[str, Json]) -> str:
    if not review["result"]:
        return ""
    result = word(review["result"], "materials.RESULTS_ZH")
    return f"{result}，{day(review['reviewed_on'])}" if review["reviewed_on"] else result


@form_route(views, "/new")
@access.roles(*access.INSTITUTION)
def new_material() -> Shown:
    people = choices.people_options(choices.employed()())
    round_it = Surroundings(
        title="创建材料", back="/materials", crumb=(TRAIL,), options=author_options(people)
    )
    return create(MATERIAL, round_it)


@form_route(views, "/<uuid:material_id>")
@access.roles(*access.INSTITUTION)
def material(material_id: object) -> Shown:
    """Its state first, then its versions and reviews, then the form."""
    asked, place = api(), MATERIAL.place(str(material_id))
    stored, versions, people = asked.together(
        lambda: asked.get(place),
        lambda: asked.get(f"{place}/versions", limit=100),
        choices.employed(),
    )
    known = _and_former(choices.people_options(people), stored)
    round_it = Surroundings(
        title=name_of(stored),
        back=f"/materials/{material_id}",
        crumb=(TRAIL,),
        template="materials/material.html",
        options=author_options(known),
        more={
            "material": stored,
            "tone": TONES.get(stored["status"], "neutral"),
            "tones": TONES,
            "acts": acts_on(stored, clock.today().isoformat()),
            "versions": versions["items"],
            "told": facts_of(stored, {each["staff_id"]: each["name"] for each in people}),
            "is_record": stored["status"] in RECORDS,
        },
    )
    return edit(MATERIAL, round_it, str(material_id))


@views.route("/<uuid:material_id>/removal", methods=["GET", "POST"])
@access.roles(*access.INSTITUTION)
def remove_material(material_id: object) -> Shown:
    stored = api().get(MATERIAL.place(str(material_id)))
    return remove(
        MATERIAL, str(material_id), name=name_of(stored), back="/materials", crumb=(TRAIL,)
    )


@views.post("/<uuid:material_id>/restoration")
@access.roles(*access.INSTITUTION)
def restore_material(material_id: object) -> BaseResponse:
    return restore(MATERIAL, str(material_id), back="/materials")


def name_of(stored: Mapping[str, Json]) -> str:
    return stored["title"] or "未命名的材料"


def _and_former(people: Options, stored: Mapping[str, Json]) -> Options:
    """Authors who work there no longer stay authors."""
    here = {staff_id for staff_id, _name in people}
    former = (
        (each["staff_id"], f"{each['name'] or '已离职人员'}（不在职）")
        for each in stored["authors"]
        if each["staff_id"] and each["staff_id"] not in here
    )
    return (*people, *former)
