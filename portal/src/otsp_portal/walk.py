"""From finding to field and on: the way through a check's findings, over the pages that cure them.

`?from={application or self-check}&finding={number}` brings it to an editor; the form carries it on
as `_from` and `_finding`, so that saving leads to the next page that has something to cure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask import Request

from otsp_portal.cures import kinds_of
from otsp_portal.findings import Item, items_of, known_of, next_after
from otsp_portal.gateway_client import Api

Json = Any

_ADDRESSED_BY_OTHERS: Final = frozenset({"classes", "certificates"})
"""Kinds whose page is known only with the object at hand."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where somebody is on that way."""

    source: str
    number: int
    result: str
    items: Sequence[Item]

    @property
    def current(self) -> Item | None:
        return next((each for each in self.items if each.number == self.number), None)

    @property
    def next(self) -> Item | None:
        return next_after(self.items, self.number)

    @property
    def left(self) -> int:
        """How many pages after this one have something to cure."""
        here = self.current.cure.path if self.current else ""
        after = (each for each in self.items if each.number > self.number)
        return len({each.cure.path for each in after} - {here})

    @property
    def onward(self) -> str:
        """Where to go from here: the next page with something to cure, or back to the result."""
        following = self.next
        if following is None:
            return self.result
        return following.cure.href(**{"from": self.source, "finding": following.number})

    def on(self, path: str) -> Sequence[Item]:
        """What is found on this page, all of it."""
        return [each for each in self.items if each.cure.path == path]


def read_walk(asked: Api, request: Request) -> Walk | None:
    """None where nobody came from a finding, or from one that is not there."""
    told = request.form if request.method == "POST" else request.args
    mark = "_" if request.method == "POST" else ""
    source, number = _uuid(told.get(f"{mark}from", "")), told.get(f"{mark}finding", "")
    if source is None or not number.isdecimal():
        return None
    application, check = asked.together(
        lambda: asked.find(f"/api/compliance/v1/applications/{source}"),
        lambda: asked.find(f"/api/compliance/v1/self-checks/{source}"),
    )
    found = application or check
    if found is None:
        return None
    pointers = [
        breach["pointer"]
        for group in found["findings"].values()
        for each in group
        for breach in each["breaches"]
    ]
    kinds = kinds_of(pointers) & _ADDRESSED_BY_OTHERS
    known = known_of(asked, found["institution_id"], kinds)
    result = f"/apply/{source}/result" if application else f"/self-checks/{source}"
    return Walk(source, int(number), result, items_of(found["findings"], known))


def _uuid(typed: str) -> str | None:
    try:
        return str(UUID(typed))
    except ValueError:
        return None
