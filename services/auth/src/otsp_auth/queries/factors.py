"""Second factors: who has one, and what is told of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from otsp_auth.model import RecoveryCode, SecondFactor
from otsp_auth.rules.factors import Method, needs_second_factor
from otsp_auth.settings import current_settings
from otsp_chassis.db import Reader

_Ids = ColumnElement[UUID] | InstrumentedAttribute[UUID]


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A factor in use; its secret is never told again."""

    factor_id: UUID
    kind: str
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class FactorPage:
    """All factors of the own account, and how many recovery codes are left."""

    items: list[FactorRow]
    next: None
    recovery_codes_left: int


def has_second_factor(account_id: _Ids) -> ColumnElement[bool]:
    """A column of a SELECT over accounts: whether the row's account has one in use."""
    return (
        select(SecondFactor.factor_id)
        .where(SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None))
        .exists()
    )


def lacks_second_factor(role: str, *, has_one: bool) -> bool:
    """Whether it is required here of this role and missing."""
    is_required = current_settings().second_factor == "required"
    return is_required and needs_second_factor(role) and not has_one


def list_factors(tx: Reader, account_id: UUID) -> FactorPage:
    """Without those that were begun and not confirmed."""
    query = (
        select(SecondFactor.factor_id, SecondFactor.kind, SecondFactor.confirmed_at)
        .where(SecondFactor.account_id == account_id)
        .order_by(SecondFactor.factor_id)
    )
    items = [FactorRow(of, kind, at) for of, kind, at in tx.execute(query) if at is not None]
    return FactorPage(items, None, _recovery_codes_left(tx, account_id))


def methods_of(tx: Reader, account_id: UUID) -> list[Method]:
    """What may answer for the second step; empty when none is asked for."""
    page = list_factors(tx, account_id)
    methods = [Method(each.kind) for each in page.items]
    if methods and page.recovery_codes_left:
        methods.append(Method.RECOVERY_CODE)
    return methods


def _recovery_codes_left(tx: Reader, account_id: UUID) -> int:
    query = select(func.count()).where(RecoveryCode.account_id == account_id)
    return int(tx.execute(query).scalar_one())
