"""The history of an institution: its own people see all of it, an authority what it may read."""

from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import JSONPATH

from otsp_chassis.db import Reader
from otsp_chassis.history.operations import View
from otsp_chassis.identity import Principal
from otsp_chassis.tables import change
from otsp_institution.queries.concealment import with_masked_account
from otsp_institution.queries.sight import sight_of

_LEFT_DRAFT = '$[*] ? (@.pointer == "/registration/status" && @.after != "draft")'
_OTHER = change.alias()


def view_of(tx: Reader, principal: Principal, institution_id: UUID) -> View:
    """An authority reads nothing of the first draft, and without a case the ends of accounts."""
    sight = sight_of(tx, principal, institution_id)
    own = change.c.institution_id == institution_id
    if sight.is_own:
        return View([own])
    first = (
        select(func.min(_OTHER.c.sequence))
        .where(
            _OTHER.c.institution_id == institution_id,
            _OTHER.c.object_type == "institution",
            func.jsonb_path_exists(_OTHER.c.fields, literal(_LEFT_DRAFT, JSONPATH())),
        )
        .scalar_subquery()
    )
    shown = with_masked_account if sight.is_masked else None
    return View([own, change.c.sequence >= first], shown)
