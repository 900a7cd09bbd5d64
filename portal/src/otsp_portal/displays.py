"""How an answer of the API is told where no form is: differences, masks, whatever a list holds."""

from collections.abc import Mapping
from typing import Any

from otsp_portal.forms.entry import Cell

Json = Any
_NOTHING = "未填写"


def told(value: Json) -> str:
    """Any value in words: yes and no, lists with 、, members of objects one after the other."""
    if value is None or value in ("", [], {}):
        return _NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(told(each) for each in value)
    if isinstance(value, Mapping):
        return "，".join(told(each) for each in value.values() if each not in (None, "", []))
    return str(value)


def masked_of(stored: Mapping[str, Json], cell: Cell) -> str:
    """What the API shows of a value that it keeps to itself; empty where there is none.

    It stands beside the field as `mobile_masked` for `mobile`, `id_masked` for `id_no`.
    """
    at: Json = stored
    *above, name = cell.pointer.split("/")[1:]
    for step in above:
        at = at[int(step)] if isinstance(at, list) and int(step) < len(at) else at
        at = at.get(step, {}) if isinstance(at, Mapping) else {}
    if not isinstance(at, Mapping):
        return ""
    shown = at.get(f"{name}_masked") or at.get(f"{name.removesuffix('_no')}_masked")
    return str(shown or "")


FILTERS = (told, masked_of)
