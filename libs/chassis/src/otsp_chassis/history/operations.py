"""The two operations on a history that every service declares; who sees what is the service's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from otsp_chassis.db import Reader, reading
from otsp_chassis.history.reading import Among, Change, Difference, FieldTold, History, Labels
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page

_Told = TypeVar("_Told", Change, Difference)


@dataclass(frozen=True, slots=True)
class View:
    """Which changes somebody may see, and what is done to each field before it is told."""

    among: Among
    shown: Callable[[FieldTold], FieldTold] | None = None


ViewOf = Callable[[Reader, Principal, UUID], View]
"""Of an institution; refuses who may not read of it at all."""


class HistoryOperations:
    """Change by change, and what became of each object between two moments."""

    def __init__(self, labels: Labels, view_of: ViewOf) -> None:
        self._history = History(labels)
        self._view_of = view_of

    def list_changes(
        self,
        institution_id: str,
        principal: Principal,
        *,
        limit: int,
        cursor: str | None = None,
        **filters: str,
    ) -> Page[Change]:
        with reading() as tx:
            view = self._view_of(tx, principal, UUID(institution_id))
            page = self._history.list_changes(tx, view.among, filters, cursor=cursor, limit=limit)
        return Page(_shown(view, page.items), page.next)

    def list_differences(
        self, institution_id: str, principal: Principal, **filters: str
    ) -> dict[str, Any]:
        with reading() as tx:
            view = self._view_of(tx, principal, UUID(institution_id))
            found = self._history.list_differences(tx, view.among, filters)
        return {"items": _shown(view, found)}


def _shown(view: View, told: Sequence[_Told]) -> Sequence[_Told]:
    if view.shown is None:
        return told
    return [replace(each, fields=[view.shown(field) for field in each.fields]) for each in told]
