"""材料列表: by state in tabs, narrowed by what a material is."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from otsp_portal import access
from otsp_portal.forms.kinds import tidy
from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api
from otsp_portal.pages import page
from otsp_portal.views.choices import version_name
from otsp_portal.views.materials.kinds import HELP, MATERIAL, NAV, TONES
from otsp_portal.words import options

Json = Any
views = Blueprint("materials", __name__, url_prefix="/materials")
views.add_app_template_filter(version_name, "version_name")
_ROWS: Final = 20
TABS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "": ("全部", ()),
    "drafts": ("草稿", ("draft",)),
    "review": ("审核中", ("internal_review", "internal_passed", "external_pending")),
    "refused": ("须处理", ("internal_failed", "external_failed", "suspended")),
    "used": ("在用", ("in_use",)),
    "kept": ("已停用", ("archived", "purged")),
}
FILTERS: Final[Mapping[str, tuple[str, str]]] = {
    "category": ("类别", "all.CATEGORIES_ZH"),
    "stage": ("学段", "all.STAGES_ZH"),
    "kind": ("材料种类", "materials.KINDS_ZH"),
    "origin": ("来源", "materials.ORIGINS_ZH"),
}


@views.get("")
@access.roles(*access.INSTITUTION)
def index() -> tuple[str, int]:
    given = given_of(request.args)
    wanted = {name: value or None for name, value in given.items() if name != "view"}
    try:
        found = api().get(
            MATERIAL.collection(),
            **wanted,
            status=list(TABS[given["view"]][1]) or None,
            cursor=request.args.get("cursor"),
            limit=_ROWS,
        )
        refused = ""
    except Refusal as refusal:
        if refusal.status not in (400, 422):
            raise
        found, refused = {"items": [], "next": None}, refusal.detail
    return page(
        "materials/index.html",
        status=422 if refused else 200,
        nav=NAV,
        help_chapter=HELP,
        given=given,
        tabs=[
            (address(given | {"view": view}), title, None, view == given["view"])
            for view, (title, _states) in TABS.items()
        ],
        filters=[(name, label, options(table)) for name, (label, table) in FILTERS.items()],
        is_filtered=any(value for name, value in given.items() if name != "view"),
        export=export_address(given),
        materials=found["items"],
        tones=TONES,
        first=address(given) if request.args.get("cursor") else None,
        next=address(given | {"cursor": found["next"]}) if found["next"] else None,
        refused=refused,
    )


def given_of(args: "MultiDict[str, str]") -> dict[str, str]:
    """What narrows the list, as it was typed or chosen; what is not known is nothing."""
    known = {
        name: {code for code, _word in options(table)} for name, (_l, table) in FILTERS.items()
    }
    chosen = {name: args.get(name, "") for name in FILTERS}
    view = args.get("view", "")
    return {
        "q": tidy(args.get("q", "")),
        **{name: value if value in known[name] else "" for name, value in chosen.items()},
        "view": view if view in TABS else "",
    }


def address(given: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in given.items() if value})
    return f"/materials?{query}" if query else "/materials"


def export_address(given: Mapping[str, str]) -> str:
    """The same list as a file: what narrows it goes along."""
    narrowed = [(name, value) for name, value in given.items() if value and name != "view"]
    states = [("status", state) for state in TABS[given["view"]][1]]
    query = urlencode([*narrowed, *states])
    return f"/exports/materials.materials?{query}" if query else "/exports/materials.materials"
