"""The history of materials: its own people see all of it, an authority what it reads of them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import JSONPATH

from otsp_chassis.db import Reader
from otsp_chassis.history.reading import Change, Difference, History
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.tables import change
from otsp_materials.queries.sight import sight_of
from otsp_materials.rules.labels import HISTORY_LABELS

_HISTORY = History(HISTORY_LABELS)
_LEFT_DRAFT = '$[*] ? (@.pointer == "/status" && @.after != "draft" && @.after != null)'
_EARLIER = change.alias()


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
    """An authority reads of each material from where it left its draft."""
    own = change.c.institution_id == institution_id
    if sight_of(tx, principal, institution_id).drafts:
        return [own]
    first = (
        select(func.min(_EARLIER.c.sequence))
        .where(
            _EARLIER.c.object_id == change.c.object_id,
            func.jsonb_path_exists(_EARLIER.c.fields, literal(_LEFT_DRAFT, JSONPATH())),
        )
        .scalar_subquery()
    )
    return [own, change.c.sequence >= first]
