"""The history of an institution: its own people see all of it, an authority what it may read."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import JSONPATH

from otsp_chassis.db import Reader
from otsp_chassis.history.reading import Change, Difference, History
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.sight import Sight
from otsp_chassis.tables import change
from otsp_institution.queries.concealment import with_masked_accounts
from otsp_institution.queries.sight import sight_of
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
    sight = sight_of(tx, principal, institution_id)
    among = _visible(institution_id, sight)
    page = _HISTORY.list_changes(tx, among, filters, cursor=cursor, limit=limit)
    return Page(with_masked_accounts(page.items), page.next) if sight.is_masked else page


def list_differences(
    tx: Reader, principal: Principal, institution_id: UUID, *, moments: Mapping[str, str]
) -> list[Difference]:
    sight = sight_of(tx, principal, institution_id)
    found = _HISTORY.list_differences(tx, _visible(institution_id, sight), moments)
    return with_masked_accounts(found) if sight.is_masked else found


def _visible(institution_id: UUID, sight: Sight) -> list[ColumnElement[bool]]:
    """An authority reads nothing of the first draft."""
    own = change.c.institution_id == institution_id
    if sight.is_own:
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
    return [own, change.c.sequence >= first]
