"""Accounts of the supervising side, and what an account's owner changes of it."""

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select, text

from otsp_auth.commands.authorities import tell_changed, touch
from otsp_auth.commands.new_passwords import hash_new, set_password
from otsp_auth.commands.passwords import current_passwords
from otsp_auth.commands.registration import MobileRegistered
from otsp_auth.commands.sessions import count_failure
from otsp_auth.model import Account, Authority
from otsp_auth.queries.account_rows import (
    AccountRow,
    find_account_named,
    get_account_of_others,
    get_credentials,
)
from otsp_auth.rules.entry import check_username
from otsp_auth.rules.password_policy import check_password
from otsp_auth.rules.roles import GRANTABLE, REVIEWING_ROLES
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, encrypt
from otsp_chassis.problems import Conflict, Forbidden, Invalid, NotFound, RuleBroken
from otsp_contracts.values import FieldError, Mobile

_ONE_BOOTSTRAP = text("SELECT pg_advisory_xact_lock(hashtext('otsp-auth'), hashtext('bootstrap'))")


class UsernameTaken(Conflict):
    slug: ClassVar[str] = "username-taken"
    title: ClassVar[str] = "The username is taken"
    detail_zh: ClassVar[str] = "该登录账号已被使用，请换一个。"


class WrongPassword(RuleBroken):
    slug: ClassVar[str] = "wrong-password"
    title: ClassVar[str] = "The current password is wrong"
    detail_zh: ClassVar[str] = "当前密码不正确。连续输错 5 次，账户将锁定 30 分钟。"


_CONFLICTS = {
    "uq_account_username": UsernameTaken,
    "uq_account_mobile_index": MobileRegistered,
}


def create_account(principal: Principal, fields: dict[str, Any]) -> AccountRow:
    """For anybody but an institution; who may create whom is in `rules.roles.GRANTABLE`."""
    authority_id = UUID(fields["authority_id"]) if fields.get("authority_id") else None
    _require_may_create(principal, fields["role"], authority_id)
    password_hash = current_passwords().hash(fields["password"])
    with transaction(conflicts=_CONFLICTS) as tx:
        authority = _active_authority(tx, authority_id) if authority_id else None
        account = _new_account(fields, authority_id, password_hash)
        tx.add(account)
        audit.record(
            tx, "auth.account_created", object_type="account", object_id=account.account_id
        )
        tx.flush()
        if authority is not None and account.role in REVIEWING_ROLES:
            touch(authority)
            tell_changed(tx, authority.authority_id, actor=principal.account_id)
        return get_account_of_others(tx, principal, account.account_id)


def change_password(principal: Principal, *, current: str, new: str) -> None:
    """Ends all sessions of the account, this one too; a wrong guess counts like one at login."""
    with reading() as reader:
        known = get_credentials(reader, principal.account_id)
    is_right = current_passwords().matches(known.password_hash, current)
    new_hash = hash_new(new) if is_right else None
    with transaction() as tx:
        account = tx.get(Account, principal.account_id, with_for_update=True)
        if account is None:
            raise NotFound
        is_changed = _change_password(tx, account, old_hash=known.password_hash, new_hash=new_hash)
    if not is_changed:
        fault = FieldError("/current_password", "wrong_password", "当前密码不正确。")
        raise WrongPassword(errors=[fault])


def ensure_national_admin(username: str, password: str) -> bool:
    """The very first account; False when it was there, whatever its password is by now."""
    given = {"username": username, "password": password}
    faults = [*check_username(given), *check_password(given)]
    if faults:
        raise Invalid(errors=faults)
    password_hash = current_passwords().hash(password)
    with transaction(conflicts=_CONFLICTS) as tx:
        tx.execute(_ONE_BOOTSTRAP)
        found = find_account_named(tx, username.lower())
        if found is not None and found[1] != "national_admin":
            raise UsernameTaken
        if found is not None:
            return False
        account = _new_account(given | {"role": "national_admin"}, None, password_hash)
        tx.add(account)
        audit.record(
            tx, "auth.account_created", object_type="account", object_id=account.account_id
        )
        return True


def complete_profile(tx: Tx, institution_id: UUID) -> None:
    """Step b (完善机构信息) was submitted: the institution's account is in full use."""
    query = select(Account).where(Account.institution_id == institution_id).with_for_update()
    for account in tx.scalars(query):
        if account.complete_profile():
            audit.record(
                tx,
                "auth.account_completed",
                object_type="account",
                object_id=account.account_id,
                institution_id=institution_id,
            )


def _change_password(tx: Tx, account: Account, *, old_hash: str, new_hash: str | None) -> bool:
    """`new_hash` is None after a wrong guess; a locked account refuses the right one too."""
    if account.is_locked(clock.now()):
        return False
    if new_hash is None or account.password_hash != old_hash:
        count_failure(tx, account)
        return False
    set_password(tx, account, new_hash)
    return True


def _require_may_create(principal: Principal, role: str, authority_id: UUID | None) -> None:
    if role not in GRANTABLE.get(principal.role, frozenset()):
        raise Forbidden("当前账户无权创建该角色的账户。")
    if principal.role == "national_admin":
        return
    if principal.authority is None or principal.authority.authority_id != authority_id:
        raise Forbidden("只能为本部门创建账户。")


def _active_authority(tx: Tx, authority_id: UUID) -> Authority:
    """Locked, so that its people are counted one by one."""
    authority = tx.get(Authority, authority_id, with_for_update=True)
    if authority is None or not authority.is_active:
        detail = "没有这个主管部门，或其已停用。"
        raise Invalid(errors=[FieldError("/authority_id", "unknown_authority", detail)])
    return authority


def _new_account(fields: dict[str, Any], authority_id: UUID | None, password_hash: str) -> Account:
    number = Mobile.parse(fields["mobile"]).text if fields.get("mobile") else None
    return Account(
        account_id=new_id(),
        role=fields["role"],
        status="active",
        username=fields["username"].lower(),
        mobile=encrypt(number) if number else None,
        mobile_index=blind_index(number) if number else None,
        password_hash=password_hash,
        password_changed_at=clock.now(),
        person_name=fields.get("person_name"),
        authority_id=authority_id,
    )
