"""What is counted of an institution itself for the statistics: its funds and its licence."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Subquery, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from otsp_chassis.counters import Counting
from otsp_chassis.db import Reader
from otsp_contracts.counters import InstitutionCounters
from otsp_contracts.institution import InstitutionCountersChanged
from otsp_institution.model import (
    CountersTold,
    FundsStatement,
    Institution,
    SchoolLicence,
    Supervision,
)

_MODES = ("bank_custody", "risk_deposit", "both", "exempt_post_pay")
_FILED = _MODES[:3]
"""Modes that are supervision once the agreement is filed (FND-001)."""
_DEPOSITING = ("risk_deposit", "both")
_SUMS = ("balance_fen", "deposit_balance_fen", "cycle_total_fen")
_GONE = ("returned", "revoked")


def count_institutions(
    tx: Reader, institution_ids: Sequence[UUID], today: date
) -> Mapping[UUID, InstitutionCounters]:
    latest = _latest_statements(institution_ids)
    columns = _supervision(latest) | _licence(today)
    query = (
        select(
            Institution.institution_id,
            *(
                func.coalesce(cast(value, Integer), 0).label(name)
                for name, value in columns.items()
            ),
            *(func.coalesce(latest.c[name], 0).label(name) for name in _SUMS),
        )
        .outerjoin(Supervision, Supervision.institution_id == Institution.institution_id)
        .outerjoin(SchoolLicence, SchoolLicence.institution_id == Institution.institution_id)
        .outerjoin(latest, latest.c.institution_id == Institution.institution_id)
        .where(Institution.institution_id.in_(institution_ids))
    )
    return {
        row["institution_id"]: InstitutionCounters.model_validate(row)
        for row in tx.execute(query).mappings()
    }


def _latest_statements(institution_ids: Sequence[UUID]) -> Subquery:
    """Of each institution the statement of its latest month that nothing corrects."""
    later = aliased(FundsStatement)
    is_corrected = select(later.statement_id).where(
        later.corrects_id == FundsStatement.statement_id
    )
    return (
        select(FundsStatement)
        .ext(distinct_on(FundsStatement.institution_id))
        .where(FundsStatement.institution_id.in_(institution_ids), ~is_corrected.exists())
        .order_by(FundsStatement.institution_id, FundsStatement.month.desc())
        .subquery()
    )


def _supervision(latest: Subquery) -> dict[str, ColumnElement[Any]]:
    mode = Supervision.mode
    return {
        "filed": and_(mode.in_(_FILED), Supervision.agreement_filed_on.is_not(None)),
        **{f"mode_{name}": mode == name for name in _MODES},
        "deposit_stated": and_(
            mode.in_(_DEPOSITING),
            latest.c.deposit_balance_fen.is_not(None),
            latest.c.cycle_total_fen.is_not(None),
        ),
    }


def _licence(today: date) -> dict[str, ColumnElement[Any]]:
    held = SchoolLicence.licence_no.is_not(None)
    stands = and_(held, func.coalesce(SchoolLicence.status, "valid").not_in(_GONE))
    ends = SchoolLicence.valid_to
    is_over = or_(ends < today, func.coalesce(SchoolLicence.status, "valid") == "expired")

    def ending(days: int) -> ColumnElement[Any]:
        return and_(stands, ~is_over, ends <= today + timedelta(days=days))

    return {
        "licences": stands,
        "licences_expiring_30": ending(30),
        "licences_expiring_90": ending(90),
        "licences_expired": and_(stands, is_over),
    }


COUNTING = Counting(
    event=InstitutionCountersChanged,
    nothing=InstitutionCounters(),
    told=CountersTold,
    watched=(Institution, Supervision, FundsStatement, SchoolLicence),
    count=count_institutions,
)
