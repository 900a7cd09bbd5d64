"""The history of an institution: its own people see all of it, an authority what it may read."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import JSONPATH

from otsp_chassis.db import Reader
from otsp_chassis.history.reading import Change, Difference, History
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.tables import change
from otsp_institution.queries.registry import get_visible_institution
from otsp_institution.rules.labels import LABELS

_HISTORY = History(LABELS)
_LEFT_DRAFT = '$[*] ? (@.pointer == "/registration/status" && @.after != "draft")'
_OTHER = change.alias()


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
    tx: Reader, principal: Principal, institution_id: UUID, *, moments: Mapping[str, str]
) -> list[Difference]:
    return _HISTORY.list_differences(tx, _visible(tx, principal, institution_id), moments)


def _visible(tx: Reader, principal: Principal, institution_id: UUID) -> list[ColumnElement[bool]]:
    """An authority reads the institution without its parts, and nothing of its first draft."""
    get_visible_institution(tx, principal, institution_id)
    own = change.c.institution_id == institution_id
    if principal.authority is None:
        return [own]
    first = (
        select(func.min(_OTHER.c.sequence))
        .where(
            _OTHER.c.institution_id == institution_id,
            _OTHER.c.object_type == "institution",
            func.jsonb_path_exists(_OTHER.c.fields, literal(_LEFT_DRAFT, JSONPATH())),
        )
        .scalar_subquery()
    )
    return [own, change.c.object_type == "institution", change.c.sequence >= first]
