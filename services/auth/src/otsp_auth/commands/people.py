"""What administrators do with the accounts of others, each time with a reason.

A region administrator has the reviewers of the own authority, and may suspend, resume and unlock
the accounts of the region's institutions (§3.1); the national administrator has everybody else
but those of the own role.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from otsp_auth.commands.authorities import require_active, tell_people_changed
from otsp_auth.commands.delegations import end_delegations_of
from otsp_auth.commands.locked import locked_account
from otsp_auth.commands.password_links import make_link
from otsp_auth.commands.sending import send_text
from otsp_auth.commands.sessions import close_all_sessions
from otsp_auth.model import Account
from otsp_auth.queries.account_rows import AccountRow, get_account_of_others
from otsp_auth.rules import wording
from otsp_auth.rules.roles import MANAGEABLE, REVIEWING_ROLES
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.pii import decrypt
from otsp_chassis.problems import Forbidden, Invalid, RuleBroken
from otsp_contracts.values import FieldError


class NoMobile(RuleBroken):
    slug: ClassVar[str] = "no-mobile"
    title: ClassVar[str] = "The account has no mobile to text to"
    detail_zh: ClassVar[str] = "该账户没有登记手机号，无法发送链接；请本人登录后登记手机号。"


def suspend(principal: Principal, account_id: UUID, *, reason: str) -> AccountRow:
    """Active → suspended; its sessions end."""
    with _change(principal, account_id, "auth.account_suspended", reason=reason) as (tx, account):
        account.suspend()
        close_all_sessions(tx, account_id)
        _tell_counted(tx, account, principal)
    return _told(principal, account_id)


def resume(principal: Principal, account_id: UUID, *, reason: str) -> AccountRow:
    """Suspended → active, with the password that it had."""
    with _change(principal, account_id, "auth.account_resumed", reason=reason) as (tx, account):
        account.resume()
        _tell_counted(tx, account, principal)
    return _told(principal, account_id)


def unlock(principal: Principal, account_id: UUID, *, reason: str) -> AccountRow:
    """Before the lock would end by itself (§3.1)."""
    with _change(principal, account_id, "auth.account_unlocked", reason=reason) as (_, account):
        account.unlock(clock.now())
    return _told(principal, account_id)


def transfer(
    principal: Principal, account_id: UUID, *, authority_id: UUID, reason: str
) -> AccountRow:
    """To another authority, in the same role; sessions and delegations end."""
    _require_national(principal)
    with _change(principal, account_id, "auth.account_transferred", reason=reason) as (
        tx,
        account,
    ):
        former = account.authority_id
        if former is None or former == authority_id:
            raise _wrong_authority("请选择该账户所属部门以外的主管部门。")
        for each in sorted((former, authority_id)):  # one order, so that two never wait in a ring
            require_active(tx, each, may_rest=each == former)
        account.authority_id = authority_id
        _start_anew(tx, account, principal)
        if account.role in REVIEWING_ROLES:
            tell_people_changed(tx, former, actor=principal.account_id)
            tell_people_changed(tx, authority_id, actor=principal.account_id)
    return _told(principal, account_id)


def change_role(principal: Principal, account_id: UUID, *, role: str, reason: str) -> AccountRow:
    """Within its authority: reviewer, region administrator or auditor; sessions end."""
    _require_national(principal)
    with _change(principal, account_id, "auth.role_changed", reason=reason) as (tx, account):
        if account.authority_id is None:
            raise Forbidden("该账户不属于任何主管部门，不能变更角色。")
        require_active(tx, account.authority_id, may_rest=True)
        account.role = role
        _start_anew(tx, account, principal)
        tell_people_changed(tx, account.authority_id, actor=principal.account_id)
    return _told(principal, account_id)


def send_link(principal: Principal, account_id: UUID, *, reason: str) -> AccountRow:
    """Text the person a link to choose a password by; the former one holds until it is used."""
    minutes = current_settings().password_link_minutes
    with _change(principal, account_id, "auth.password_link_sent", reason=reason) as (
        tx,
        account,
    ):
        if account.role == "inst_admin":
            raise Forbidden("机构账户请通过账号找回申请处理。")
        if account.mobile is None:
            raise NoMobile
        mobile = decrypt(account.mobile)
        link = make_link(tx, account, timedelta(minutes=minutes))
    send_text(mobile, wording.password_link(link, minutes).text)
    return _told(principal, account_id)


@contextmanager
def _change(
    principal: Principal, account_id: UUID, action: str, *, reason: str
) -> Iterator[tuple[Tx, Account]]:
    """The account, locked, of whom the principal may change; audited with what it was before."""
    with transaction() as tx:
        get_account_of_others(tx, principal, account_id)
        account = locked_account(tx, account_id)
        _require_manageable(principal, account)
        before = _standing(account)
        yield tx, account
        audit.record(
            tx,
            action,
            object_type="account",
            object_id=account_id,
            institution_id=account.institution_id,
            before=before,
            after=_standing(account),
            reason=reason,
        )


def _require_manageable(principal: Principal, account: Account) -> None:
    if account.account_id == principal.account_id:
        raise Forbidden("不能对自己的账户进行此操作，请由其他管理员处理。")
    if account.role not in MANAGEABLE.get(principal.role, frozenset()):
        raise Forbidden("当前账户无权管理该角色的账户。")


def _require_national(principal: Principal) -> None:
    if principal.role != "national_admin":
        raise Forbidden("只有国家级管理员可以调动人员或变更角色。")


def _start_anew(tx: Tx, account: Account, principal: Principal) -> None:
    """Nothing that the person was allowed before counts any more."""
    close_all_sessions(tx, account.account_id)
    end_delegations_of(tx, account.account_id, actor=principal.account_id)


def _tell_counted(tx: Tx, account: Account, principal: Principal) -> None:
    if account.authority_id is not None and account.role in REVIEWING_ROLES:
        tell_people_changed(tx, account.authority_id, actor=principal.account_id)


def _told(principal: Principal, account_id: UUID) -> AccountRow:
    with reading() as reader:
        return get_account_of_others(reader, principal, account_id)


def _wrong_authority(detail: str) -> Invalid:
    return Invalid(errors=[FieldError("/authority_id", "wrong_authority", detail)])


def _standing(account: Account) -> dict[str, Any]:
    names = ("role", "status", "authority_id", "locked_until")
    return {name: getattr(account, name) for name in names}
