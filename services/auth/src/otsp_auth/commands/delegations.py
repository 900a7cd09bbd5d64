"""Who stands in for whom: cover of a reviewer on leave, and a region administrator's rights lent.

Cover is told to others, who assign work by it; lent rights are carried by the sessions of whoever
has them, to the second (`queries.live_sessions`).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from otsp_auth.model import Account, Delegation
from otsp_auth.queries.delegation_rows import (
    DelegationRow,
    administers_for_another,
    get_delegation,
    may_end,
)
from otsp_auth.rules.roles import REVIEWING_ROLES
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Forbidden, Invalid, NotFound
from otsp_contracts.auth import DelegationChanged
from otsp_contracts.values import FieldError


def create_delegation(principal: Principal, fields: dict[str, Any]) -> DelegationRow:
    """A region administrator, for people of the own authority; a reviewer, for the own leave.

    Lent rights are not lent on.
    """
    authority_id = _own_authority(principal)
    if principal.role == "reviewer" and not _is_own_leave(principal, fields):
        raise Forbidden("只能为本人请假安排替班；其他委托和替班由本部门的区域管理员安排。")
    with transaction() as tx:
        if administers_for_another(tx, principal.account_id, clock.now()):
            raise Forbidden("受托行使管理权限期间不能再安排委托或替班。")
        delegation = _entered(tx, principal, fields, authority_id=authority_id)
        tx.add(delegation)
        _tell(tx, delegation, actor=principal.account_id)
        _record(tx, "auth.delegation_created", delegation, reason=delegation.reason)
        return get_delegation(tx, delegation.delegation_id)


def end_delegation(principal: Principal, delegation_id: UUID, *, reason: str) -> DelegationRow:
    """Before its time."""
    _own_authority(principal)
    with transaction() as tx:
        query = select(Delegation).where(
            Delegation.delegation_id == delegation_id, may_end(principal)
        )
        delegation = tx.scalars(query.with_for_update()).first()
        if delegation is None:
            raise NotFound
        delegation.end(clock.now())
        _tell(tx, delegation, actor=principal.account_id)
        _record(tx, "auth.delegation_ended", delegation, reason=reason)
        return get_delegation(tx, delegation_id)


def end_delegations_of(tx: Tx, account_id: UUID, *, actor: UUID) -> None:
    """Somebody left the authority or the role that they were made in."""
    query = select(Delegation).where(
        or_(Delegation.from_account_id == account_id, Delegation.to_account_id == account_id),
        Delegation.valid_to > clock.now(),
    )
    for delegation in tx.scalars(query.with_for_update()):
        delegation.end(clock.now())
        _tell(tx, delegation, actor=actor)
        _record(tx, "auth.delegation_ended", delegation, reason=None)


def as_arranged(delegation: Delegation, *, actor: UUID | None) -> DelegationChanged:
    """What others keep of it as it stands."""
    return DelegationChanged(
        delegation_id=delegation.delegation_id,
        version=delegation.version,
        actor=actor,
        authority_id=delegation.authority_id,
        kind=delegation.kind,
        from_account_id=delegation.from_account_id,
        to_account_id=delegation.to_account_id,
        valid_from=delegation.valid_from,
        valid_to=delegation.valid_to,
    )


def _own_authority(principal: Principal) -> UUID:
    if principal.role not in REVIEWING_ROLES or principal.authority is None:
        raise Forbidden("委托和替班由本部门的区域管理员安排。")
    return principal.authority.authority_id


def _is_own_leave(principal: Principal, fields: dict[str, Any]) -> bool:
    is_own = fields.get("from_account_id") == str(principal.account_id)
    return fields["kind"] == "leave_cover" and is_own


def _entered(
    tx: Tx, principal: Principal, fields: dict[str, Any], *, authority_id: UUID
) -> Delegation:
    kind, to_id = fields["kind"], UUID(fields["to_account_id"])
    from_id = principal.account_id
    if kind == "leave_cover":
        from_id = UUID(fields["from_account_id"])
        _require_person(tx, from_id, authority_id, pointer="/from_account_id")
    _require_person(tx, to_id, authority_id, pointer="/to_account_id")
    valid_to = datetime.fromisoformat(fields["valid_to"])
    if valid_to <= clock.now():
        detail = "结束时间已经过去，请重新填写。"
        raise Invalid(errors=[FieldError("/valid_to", "in_the_past", detail)])
    return Delegation(
        delegation_id=new_id(),
        authority_id=authority_id,
        kind=kind,
        from_account_id=from_id,
        to_account_id=to_id,
        valid_from=datetime.fromisoformat(fields["valid_from"]),
        valid_to=valid_to,
        reason=fields["reason"],
        created_by=principal.account_id,
    )


def _require_person(tx: Tx, account_id: UUID, authority_id: UUID, *, pointer: str) -> None:
    """Locked, so that a transfer at the same time finds what is made here, and shared, so that
    two who cover each other do not wait in a ring.
    """
    account = tx.get(Account, account_id, with_for_update={"read": True})
    is_theirs = account is not None and account.authority_id == authority_id
    if account is None or not is_theirs or account.status != "active":
        raise _not_of_this_authority(pointer)
    if account.role not in REVIEWING_ROLES:
        raise _not_of_this_authority(pointer)


def _not_of_this_authority(pointer: str) -> Invalid:
    detail = "请选择本部门在用的审核员账户。"
    return Invalid(errors=[FieldError(pointer, "unknown_person", detail)])


def _tell(tx: Tx, delegation: Delegation, *, actor: UUID) -> None:
    tx.flush()  # the event carries the version that the change has given the row
    publish(tx, as_arranged(delegation, actor=actor))


def _record(tx: Tx, action: str, delegation: Delegation, *, reason: str | None) -> None:
    names = ("kind", "from_account_id", "to_account_id", "valid_from", "valid_to")
    audit.record(
        tx,
        action,
        object_type="delegation",
        object_id=delegation.delegation_id,
        after={name: getattr(delegation, name) for name in names},
        reason=reason,
    )
