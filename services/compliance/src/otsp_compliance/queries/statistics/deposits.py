"""How much of a cycle's charges a deposit must cover where an institution is (FND-006)."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from otsp_compliance.model import InstitutionRef, RegionParameterSet
from otsp_compliance.rules.inheritance import NATION
from otsp_compliance.rules.parameters import NATIONAL

_OWN = RegionParameterSet.parameters


def least_deposit(day: date) -> ColumnElement[Any]:
    """In basis points: regions may only be stricter, so it is the most that any above asks."""
    newest = (
        select(
            RegionParameterSet.region_code,
            RegionParameterSet.effective_to,
            func.greatest(
                cast(_OWN["deposit_ratio_bp"].as_string(), BigInteger),
                cast(_OWN["overrides"]["deposit_ratio_bp"].as_string(), BigInteger),
            ).label("ratio"),
        )
        .ext(distinct_on(RegionParameterSet.region_code))
        .where(RegionParameterSet.effective_from <= day)
        .order_by(RegionParameterSet.region_code, RegionParameterSet.effective_from.desc())
        .subquery()
    )
    asked = (
        select(newest.c.region_code, newest.c.ratio)
        .where(
            newest.c.ratio.is_not(None),
            or_(newest.c.effective_to.is_(None), newest.c.effective_to > day),
        )
        .cte("least_deposits")
    )
    region = InstitutionRef.region_code
    above = (region, func.left(region, 4) + "00", func.left(region, 2) + "0000", NATION)
    strictest = select(func.max(asked.c.ratio)).where(asked.c.region_code.in_(above))
    return func.greatest(
        NATIONAL.deposit_ratio_bp, strictest.correlate(InstitutionRef).scalar_subquery()
    )
