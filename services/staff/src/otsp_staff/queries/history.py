"""The history of an institution's people: its own see it, and authorities that read the people."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement

from otsp_chassis.db import Reader
from otsp_chassis.history.reading import Change, Difference, History
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.tables import change
from otsp_staff.queries.sight import sight_of
from otsp_staff.rules.labels import LABELS

_HISTORY = History(LABELS)


def list_changes(
    tx: Reader,
    principal: Principal,
    institution_id: UUID,
    *,
    filters: Mapping[str, str],
    cursor: str | None,
    limit: int,
) -> Page[Change]:
    among = _visible(tx, principal, institution_id)
    return _HISTORY.list_changes(tx, among, filters, cursor=cursor, limit=limit)


def list_differences(
    tx: Reader, principal: Principal, institution_id: UUID, *, filters: Mapping[str, str]
) -> list[Difference]:
    return _HISTORY.list_differences(tx, _visible(tx, principal, institution_id), filters)


def _visible(tx: Reader, principal: Principal, institution_id: UUID) -> list[ColumnElement[bool]]:
    """Personal values are masked for all alike, so that an authority needs no case."""
    sight_of(tx, principal, institution_id)
    return [change.c.institution_id == institution_id]
