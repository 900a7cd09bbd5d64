"""Codes of the API in words: the services' own tables, and the few that no service has.

`codes.zh.json` and `forms.zh.json` are written by `./dev export-docs` from the services;
`words.zh.json` is the portal's own.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

import orjson

from otsp_contracts import regions

_TEXTS = resources.files("otsp_portal").joinpath("texts")


def read_json(name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    return orjson.loads(_TEXTS.joinpath(name).read_bytes())


@cache
def tables() -> Mapping[str, Mapping[str, str]]:
    """Table name (`staff.SEXES_ZH`, `auth.role`) → code → word."""
    written: dict[str, Mapping[str, str]] = read_json("codes.zh.json")
    own: dict[str, Mapping[str, str]] = read_json("words.zh.json")
    return {**written, **own}


def word(code: object, table: str) -> str:
    """What people call the code; an unknown code is told as it is, nothing as a dash."""
    if code is None or code == "":
        return "—"
    return tables()[table].get(str(code), str(code))


def words(codes: list[str] | None, table: str) -> str:
    """Several, in the order given."""
    return "、".join(word(code, table) for code in codes) if codes else "—"


def options(table: str) -> list[tuple[str, str]]:
    return list(tables()[table].items())


def region_name(code: str | None) -> str:
    """Province, city and county in one; a dash for none, the code itself for an unknown one."""
    if not code:
        return "—"
    return full_region_name(code) or code


def full_region_name(code: str) -> str | None:
    """浙江省杭州市西湖区; None for an unknown code."""
    return regions.full_name(code) if regions.find_region(code) else None


@cache
def _codes_by_name() -> tuple[tuple[str, str], ...]:
    def below(code: str | None) -> Iterator[str]:
        for region in regions.children(code):
            yield region.code
            yield from below(region.code)

    return tuple((regions.full_name(code), code) for code in below(None))


def regions_called(typed: str) -> list[tuple[str, str]]:
    """(code, full name) of the divisions that `typed` may mean: a code, or the end of a name."""
    text = "".join(typed.split())
    if text.isdecimal():
        name = full_region_name(text)
        return [(text, name)] if name else []
    return [(code, name) for name, code in _codes_by_name() if name.endswith(text)]
