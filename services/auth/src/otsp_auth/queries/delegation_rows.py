"""Delegations as they are told, and whether one is in force."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select, true

from otsp_auth.model import Account, Delegation
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page, decode_id, make_page
from otsp_chassis.problems import NotFound


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """One delegation; it counts from `valid_from` until `valid_to`."""

    delegation_id: UUID
    version: int
    authority_id: UUID
    kind: str
    from_account_id: UUID
    to_account_id: UUID
    valid_from: datetime
    valid_to: datetime
    reason: str


def get_delegation(tx: Reader, delegation_id: UUID) -> DelegationRow:
    row = tx.execute(_delegations().where(Delegation.delegation_id == delegation_id)).first()
    if row is None:
        raise NotFound
    return DelegationRow(*row)


def list_delegations(
    tx: Reader,
    principal: Principal,
    *,
    account_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> Page[DelegationRow]:
    """In order of creation; of one person when asked for, who gives or who takes."""
    query = _delegations().where(_within_reach(principal))
    if account_id is not None:
        query = query.where(
            (Delegation.from_account_id == account_id) | (Delegation.to_account_id == account_id)
        )
    if cursor is not None:
        query = query.where(Delegation.delegation_id > decode_id(cursor))
    rows = tx.execute(query.order_by(Delegation.delegation_id).limit(limit + 1))
    found = [DelegationRow(*row) for row in rows]
    return make_page(found, limit, key=lambda each: [each.delegation_id])


def may_end(principal: Principal) -> ColumnElement[bool]:
    """Those of the own authority; a reviewer those that she gave."""
    of_own_authority = Delegation.authority_id == (
        principal.authority.authority_id if principal.authority else None
    )
    if principal.role == "reviewer":
        return of_own_authority & (Delegation.from_account_id == principal.account_id)
    return of_own_authority


def _within_reach(principal: Principal) -> ColumnElement[bool]:
    """The national administrator reads them all, a reviewer also those that she takes."""
    if principal.role == "national_admin":
        return true()
    is_cover = Delegation.to_account_id == principal.account_id
    return may_end(principal) | (is_cover if principal.role == "reviewer" else false())


def administration_in_force(now: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a moment or its bind
    """Whether the account of the enclosing query has a region administrator's rights lent to it.

    Only a reviewer can have, and only of the authority that they were lent in.
    """
    return (
        select(Delegation.delegation_id)
        .where(
            Delegation.to_account_id == Account.account_id,
            Delegation.authority_id == Account.authority_id,
            Account.role == "reviewer",
            Delegation.kind == "administration",
            Delegation.valid_from <= now,
            Delegation.valid_to > now,
        )
        .correlate(Account)
        .exists()
    )


def administers_for_another(tx: Reader, account_id: UUID, now: datetime) -> bool:
    query = select(Account.account_id).where(
        Account.account_id == account_id, administration_in_force(now)
    )
    return tx.execute(query).first() is not None


def _delegations() -> Select[*tuple[Any, ...]]:
    return select(
        Delegation.delegation_id,
        Delegation.version,
        Delegation.authority_id,
        Delegation.kind,
        Delegation.from_account_id,
        Delegation.to_account_id,
        Delegation.valid_from,
        Delegation.valid_to,
        Delegation.reason,
    )
