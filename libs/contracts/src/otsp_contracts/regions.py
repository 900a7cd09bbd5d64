"""The GB/T 2260 table of provinces, cities and counties, and how they lie in each other.

`regions.tsv` holds code and name of every division that was in force at some time from 2023 to
2026: a record keeps the county that it was entered with, so dissolved ones stay findable.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

MUNICIPALITIES = frozenset({"11", "12", "31", "50"})

Level = Literal["province", "city", "county"]


@dataclass(frozen=True, slots=True)
class Region:
    """One administrative division."""

    code: str
    name: str

    @property
    def level(self) -> Level:
        """By the form of the code; a city without counties (东莞) is a city."""
        if self.code.endswith("0000"):
            return "province"
        return "city" if self.code.endswith("00") else "county"


@cache
def _table() -> dict[str, Region]:
    text = resources.files("otsp_contracts").joinpath("regions.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {code: Region(code, name) for code, name in rows}


@cache
def _children() -> dict[str | None, tuple[Region, ...]]:
    grouped: dict[str | None, list[Region]] = {}
    for region in _table().values():
        grouped.setdefault(parent(region.code), []).append(region)
    return {code: tuple(regions) for code, regions in grouped.items()}


def find_region(code: str) -> Region | None:
    """The division of that code, None when there is none."""
    return _table().get(code)


def name_of(code: str) -> str:
    """Its own name; raises KeyError for an unknown code."""
    return _table()[code].name


def level(code: str) -> Level:
    """Its level; raises KeyError for an unknown code."""
    return _table()[code].level


def has_city_level(code: str) -> bool:
    """False in municipalities and for counties directly under a province (xx90xx)."""
    return code[:2] not in MUNICIPALITIES and code[2:4] != "90"


def parent(code: str) -> str | None:
    """The division that it lies in: a county's city, or its province where no city is between."""
    if code.endswith("0000"):
        return None
    if code.endswith("00") or not has_city_level(code):
        return code[:2] + "0000"
    return code[:4] + "00"


def children(code: str | None = None) -> tuple[Region, ...]:
    """The divisions directly inside, in the table's order; the provinces for None."""
    return _children().get(code, ())


def is_lowest(code: str) -> bool:
    """Whether an institution can be registered there: a county, or a city without counties."""
    region = find_region(code)
    return region is not None and region.level != "province" and not children(code)


def full_name(code: str) -> str:
    """From the province down: 浙江省杭州市西湖区. Raises KeyError for an unknown code."""
    above = parent(code)
    return ("" if above is None else full_name(above)) + name_of(code)
