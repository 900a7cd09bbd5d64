"""申报快照: the file part by part as it was sealed; every row can be named in a notice."""

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, request

from otsp_contracts.snapshots import TABS
from otsp_portal import access
from otsp_portal.gateway_client import Api
from otsp_portal.sealed import names_in, objects_of, rows_of, section_of
from otsp_portal.views.desk.case import of_application, open_file, show

Json = Any
views = Blueprint("snapshot", __name__, url_prefix="/desk/cases/<uuid:case_id>/snapshot")

_ROWS: Final = 30
_TOLD_BESIDES: Final = {
    "institution": (),
    "staff": (),
    "materials": ("staff",),
    "courses": ("staff", "materials", "institution"),
}
"""Whose names are needed where only an id stands."""


@views.get("")
@access.roles(*access.REVIEWERS)
def part(case_id: object) -> tuple[str, int]:
    wanted = request.args.get("part", "institution")
    chosen = wanted if wanted in TABS else "institution"
    section = section_of(chosen)
    sections = (section, *_TOLD_BESIDES[section])
    file, notes, sealed = open_file(case_id, _asking(sections))
    own = sealed[0]
    names: dict[str, str] = {}
    for name, told in zip(sections, sealed, strict=True):
        names |= names_in(name, told["content"]) if told else {}
    rows = rows_of(chosen, own["content"]) if own else []
    at = max(request.args.get("page", 1, type=int), 1)
    shown = rows[(at - 1) * _ROWS : at * _ROWS]
    return show(
        "desk/snapshot.html",
        file,
        notes,
        part=chosen,
        parts=[(code, tab.label_zh) for code, tab in TABS.items()],
        sealed=own,
        objects=objects_of(chosen, shown, names),
        count=len(rows),
        service=section,
        first=(at - 1) * _ROWS + 1,
        previous=_page(file.path, chosen, at - 1) if at > 1 else None,
        next=_page(file.path, chosen, at + 1) if at * _ROWS < len(rows) else None,
    )


def _page(path: str, part: str, at: int) -> str:
    return f"{path}/snapshot?part={part}&page={at}"


def _asking(sections: tuple[str, ...]) -> Callable[[Api, Json], list[Callable[[], Json]]]:
    def asking(asked: Api, case: Json) -> list[Callable[[], Json]]:
        def of(section: str) -> Callable[[], Json]:
            return lambda: of_application(asked, case, f"/snapshot/{section}")

        return [of(section) for section in sections]

    return asking
