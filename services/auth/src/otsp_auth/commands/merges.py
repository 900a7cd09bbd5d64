"""Two migrated accounts of one institution become one (合并账户), by a region administrator.

The same institution had an account on both legacy platforms (domain specification §1.7). Both
names log in to the one that is kept, with its password; the other is cancelled, with its sessions.
"""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select, update

from otsp_auth.commands.sessions import close_all_sessions
from otsp_auth.model import Account, LegacyAccount
from otsp_auth.queries.merge_rows import MergedRow, get_merged
from otsp_chassis import audit
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import AuthorityClaim, Principal
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Forbidden, Invalid, NotFound
from otsp_contracts.auth import AccountsMerged
from otsp_contracts.values import FieldError


class AccountInUse(Conflict):
    slug: ClassVar[str] = "merged-account-in-use"
    title: ClassVar[str] = "The account to be merged has been activated"
    detail_zh: ClassVar[str] = (
        "要并入的账户已激活，其机构已有填报数据，不能并入其他账户。请改为保留该账户；"
        "两个账户均已激活的，请由机构注销其中一个。"
    )


def merge_accounts(
    principal: Principal, *, keep_id: UUID, merge_id: UUID, reason: str
) -> MergedRow:
    """Raises Invalid when they are not two accounts of one USCC, AccountInUse when the one that
    would go has been activated, NotFound for what lies outside the administrator's region.
    """
    authority = require_region_admin(principal)
    if keep_id == merge_id:
        raise _not_two("要合并的应是两个不同的账户。")
    with transaction() as tx:
        kept, merged = _locked_pair(tx, keep_id, merge_id)
        if _numbers(tx, authority, keep_id) != _numbers(tx, authority, merge_id):
            raise _not_two("两个账户的统一社会信用代码不同，不是同一机构。")
        if merged.status != "migrated_inactive":
            raise AccountInUse
        tx.execute(
            update(LegacyAccount)
            .where(LegacyAccount.account_id == merge_id)
            .values(account_id=keep_id)
        )
        merged.cancel()
        close_all_sessions(tx, merge_id)
        _tell(tx, kept, merged, actor=principal.account_id)
        _record(tx, kept, after={"merged_account_id": merge_id}, reason=reason)
        _record(tx, merged, after={"kept_account_id": keep_id}, reason=reason)
        tx.flush()
        return get_merged(tx, keep_id, merged_account_id=merge_id)


def require_region_admin(principal: Principal) -> AuthorityClaim:
    if principal.role != "region_admin" or principal.authority is None:
        raise Forbidden("只有区域管理员可以合并账户。")
    return principal.authority


def _locked_pair(tx: Tx, keep_id: UUID, merge_id: UUID) -> tuple[Account, Account]:
    """In one order, so that two merges the other way round do not wait for each other."""
    query = select(Account).where(
        Account.account_id.in_((keep_id, merge_id)), Account.status != "cancelled"
    )
    found = tx.scalars(query.order_by(Account.account_id).with_for_update()).all()
    by_id = {account.account_id: account for account in found}
    if len(by_id) < 2:
        raise NotFound
    return by_id[keep_id], by_id[merge_id]


def _numbers(tx: Tx, authority: AuthorityClaim, account_id: UUID) -> set[str]:
    """The USCC of a migrated account whose region the authority covers, or NotFound."""
    query = select(LegacyAccount.uscc, LegacyAccount.region_code)
    rows = tx.execute(query.where(LegacyAccount.account_id == account_id)).all()
    if not rows or not all(authority.covers(region_code) for _, region_code in rows):
        raise NotFound
    return {uscc for uscc, _ in rows}


def _tell(tx: Tx, kept: Account, merged: Account, *, actor: UUID) -> None:
    if kept.institution_id is None or merged.institution_id is None:
        message = "an institution's account has its id"
        raise ValueError(message)
    told = AccountsMerged(
        account_id=kept.account_id,
        institution_id=kept.institution_id,
        merged_account_id=merged.account_id,
        merged_institution_id=merged.institution_id,
        actor=actor,
    )
    publish(tx, told)


def _record(tx: Tx, account: Account, *, after: dict[str, Any], reason: str) -> None:
    audit.record(
        tx,
        "auth.accounts_merged",
        object_type="account",
        object_id=account.account_id,
        institution_id=account.institution_id,
        after=after,
        reason=reason,
    )


def _not_two(detail: str) -> Invalid:
    return Invalid(errors=[FieldError("/merge_account_id", "not_one_institution", detail)])
