"""What a form lets people choose from: lists of the institution, asked of their owners."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from otsp_portal.forms.fields import Options
from otsp_portal.gateway_client import Api
from otsp_portal.identity import api
from otsp_portal.views.records import base
from otsp_portal.words import word

Json = Any
_PAGE: Final = 100
_MOST_PAGES: Final = 20
TEACHES: Final = frozenset({"teaching", "research"})


def all_of(asked: Api, path: str, **query: Json) -> list[Json]:
    """The list, page after page; what lies beyond two thousand rows is left out."""
    found: list[Json] = []
    cursor = None
    for _page in range(_MOST_PAGES):
        answer = asked.get(path, limit=_PAGE, cursor=cursor, **query)
        found += answer["items"]
        cursor = answer["next"]
        if cursor is None:
            break
    return found


def _asking(path: str, **query: Json) -> Callable[[], list[Json]]:
    """To be called beside others (`Api.together`), where no request is known any more."""
    asked = api()
    return lambda: all_of(asked, path, **query)


def employed() -> Callable[[], list[Json]]:
    """Whoever works there now."""
    return _asking(f"{base('staff')}/staff", status="employed")


def materials() -> Callable[[], list[Json]]:
    return _asking(f"{base('materials')}/materials")


def fee_items() -> Callable[[], list[Json]]:
    return _asking(f"{base('institution')}/funds/fee-items")


def people_options(people: Iterable[Mapping[str, Json]]) -> Options:
    """Name and kind; who teaches or does research stands first."""
    told = sorted(people, key=lambda each: each["staff_type"] not in TEACHES)
    return tuple(
        (
            each["staff_id"],
            f"{each['name'] or '未填写姓名'}（{word(each['staff_type'], 'staff.STAFF_TYPES_ZH')}）",
        )
        for each in told
    )


def teacher_options(people: Iterable[Mapping[str, Json]]) -> Options:
    return people_options(each for each in people if each["staff_type"] in TEACHES)


def material_options(given: Iterable[Mapping[str, Json]], chosen: Iterable[str]) -> Options:
    """Those in use, and whatever was chosen before, told in its state."""
    kept = set(chosen)
    return tuple(
        (each["material_id"], material_name(each))
        for each in given
        if each["status"] == "in_use" or each["material_id"] in kept
    )


def material_name(material: Mapping[str, Json]) -> str:
    state = word(material["status"], "materials.STATUS_LABELS_ZH")
    named = f"{material['title'] or '未填写名称'} {version_name(material)}"
    return named if material["status"] == "in_use" else f"{named}（{state}）"


def version_name(material: Mapping[str, Json]) -> str:
    number = material["version_no"]
    return f"第{number}版" if number else "未填写版次"


def fee_item_options(given: Iterable[Mapping[str, Json]]) -> Options:
    return tuple((each["fee_item_id"], each["name"] or "未填写名称") for each in given)
