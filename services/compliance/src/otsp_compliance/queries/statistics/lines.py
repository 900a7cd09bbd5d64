"""A line of a figure: an institution with its dimensions, and columns that add up."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    cast,
    func,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from otsp_compliance.model import InstitutionRef

Columns = Mapping[str, ColumnElement[Any]]

REGISTERED: Final = and_(
    InstitutionRef.registration_status == "approved",
    InstitutionRef.compliance_status != "deregistered",
)
"""在册: what figures of the operation count."""

_HEAD = (
    InstitutionRef.institution_id,
    InstitutionRef.region_code,
    InstitutionRef.categories,
    InstitutionRef.delivery_modes,
    InstitutionRef.nonsubject_types,
    InstitutionRef.stages,
    InstitutionRef.legal_nature,
)


def lines(
    columns: Columns,
    *,
    days: ColumnElement[Any] | None = None,
    item: ColumnElement[Any] | None = None,
) -> Select[Any]:
    """`item` is what a line is about beside its institution: a rule, say. `days` counts by days."""
    return select(
        *_HEAD,
        (cast(null(), Text) if item is None else item).label("item"),
        (cast(null(), JSONB) if days is None else days).label("days"),
        *summed(columns),
    )


def summed(columns: Columns) -> list[ColumnElement[Any]]:
    """Nothing counted is 0."""
    return [func.coalesce(cast(each, BigInteger), 0).label(name) for name, each in columns.items()]


def one_if(test: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(test, Integer)
