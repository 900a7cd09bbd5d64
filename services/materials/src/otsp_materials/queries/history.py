"""The history of materials: its own people see all of it, an authority what it reads of them."""

from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import JSONPATH

from otsp_chassis.db import Reader
from otsp_chassis.history.operations import View
from otsp_chassis.identity import Principal
from otsp_chassis.tables import change
from otsp_materials.queries.sight import sight_of

_LEFT_DRAFT = '$[*] ? (@.pointer == "/status" && @.after != "draft" && @.after != null)'
_EARLIER = change.alias()


def view_of(tx: Reader, principal: Principal, institution_id: UUID) -> View:
    """An authority reads of each material from where it left its draft."""
    own = change.c.institution_id == institution_id
    if sight_of(tx, principal, institution_id).drafts:
        return View([own])
    first = (
        select(func.min(_EARLIER.c.sequence))
        .where(
            _EARLIER.c.object_id == change.c.object_id,
            func.jsonb_path_exists(_EARLIER.c.fields, literal(_LEFT_DRAFT, JSONPATH())),
        )
        .scalar_subquery()
    )
    return View([own, change.c.sequence >= first])
