"""The figure of account recoveries: requests as auth told of them."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, Uuid, and_, cast, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, array

from otsp_compliance.model import RecoveryRef
from otsp_compliance.queries.statistics.lines import one_if, summed
from otsp_compliance.rules.statistics.span import Span


def recoveries(span: Span) -> Select[Any]:
    """A line a request, where it was asked for: whose account it is need not be known yet."""
    nothing: ColumnElement[Any] = cast([], ARRAY(Text))
    handled = RecoveryRef.handled_on.between(span.first, span.day)
    is_new = RecoveryRef.submitted_on.between(span.first, span.day)
    is_pending = RecoveryRef.status == "submitted"
    sums = {
        "submitted": one_if(is_new),
        "pending": one_if(is_pending),
        "approved": one_if(and_(handled, RecoveryRef.status == "approved")),
        "rejected": one_if(and_(handled, RecoveryRef.status == "rejected")),
    }
    return select(
        cast(null(), Uuid).label("institution_id"),
        RecoveryRef.region_code,
        nothing.label("categories"),
        array([RecoveryRef.delivery]).label("delivery_modes"),
        nothing.label("nonsubject_types"),
        nothing.label("stages"),
        cast(null(), Text).label("legal_nature"),
        cast(null(), Text).label("item"),
        cast(null(), JSONB).label("days"),
        *summed(sums),
    ).where(or_(is_new, is_pending, handled))
