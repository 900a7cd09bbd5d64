"""Where a site is: what an institution was approved for, and what moves with it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

PLACE: Final = ("region_code", "address", "lat_e6", "lng_e6")
_MAJOR: Final[Mapping[str, str]] = {"region_code": "办学点所属区县", "address": "办学点地址"}
"""Domain specification §3.2. The coordinates of the same address are a correction."""


def moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Fields, with their labels, by which the site is somewhere else than it was said to be."""
    for name, label in _MAJOR.items():
        if before[name] is not None and before[name] != after[name]:
            yield name, label
