"""Accounts of the supervising side, and what an account's owner changes of it."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import select, text

from otsp_auth.commands.authorities import require_active, tell_people_changed
from otsp_auth.commands.new_passwords import hash_new
from otsp_auth.commands.password_links import make_link
from otsp_auth.commands.passwords import current_passwords
from otsp_auth.commands.registration import MobileRegistered
from otsp_auth.commands.sending import send_text
from otsp_auth.model import Account
from otsp_auth.queries.account_rows import (
    AccountRow,
    find_account_named,
    get_account_of_others,
)
from otsp_auth.queries.legacy_names import is_legacy_name
from otsp_auth.queries.passwords import current_policy
from otsp_auth.rules import wording
from otsp_auth.rules.entry import check_username, login_names
from otsp_auth.rules.password_policy import check_password
from otsp_auth.rules.roles import GRANTABLE, REVIEWING_ROLES
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.pii import blind_index, encrypt
from otsp_chassis.problems import Conflict, Forbidden, Invalid
from otsp_contracts.values import Mobile

_ONE_BOOTSTRAP = text("SELECT pg_advisory_xact_lock(hashtext('otsp-auth'), hashtext('bootstrap'))")


class UsernameTaken(Conflict):
    slug: ClassVar[str] = "username-taken"
    title: ClassVar[str] = "The username is taken"
    detail_zh: ClassVar[str] = "该登录账号已被使用，请换一个。"


_CONFLICTS = {
    "uq_account_username": UsernameTaken,
    "uq_account_mobile_index": MobileRegistered,
}


def create_account(principal: Principal, fields: dict[str, Any]) -> AccountRow:
    """For anybody but an institution; who may create whom is in `rules.roles.GRANTABLE`.

    A password that the administrator knows is good for one login, which must change it; without
    one the person is texted a link.
    """
    authority_id = UUID(fields["authority_id"]) if fields.get("authority_id") else None
    _require_may_create(principal, fields["role"], authority_id)
    password = fields.get("password")
    password_hash = (
        current_passwords().nobodys
        if password is None
        else hash_new(None, password, "/password", names=login_names(fields))
    )
    with transaction(conflicts=_CONFLICTS) as tx:
        if is_legacy_name(tx, fields["username"]):
            raise UsernameTaken
        if authority_id is not None:
            require_active(tx, authority_id)
        account = _new_account(fields, authority_id, password_hash)
        account.must_change_password = True
        tx.add(account)
        audit.record(
            tx, "auth.account_created", object_type="account", object_id=account.account_id
        )
        tx.flush()
        if authority_id is not None and account.role in REVIEWING_ROLES:
            tell_people_changed(tx, authority_id, actor=principal.account_id)
        invitation = _invitation(tx, account) if password is None else None
        told = get_account_of_others(tx, principal, account.account_id)
    if invitation is not None:
        send_text(fields["mobile"], invitation)
    return told


def ensure_national_admin(username: str, password: str) -> bool:
    """The very first account; False when it was there, whatever its password is by now."""
    given = {"username": username, "password": password}
    faults = [
        *check_username(given),
        *check_password("/password", password, current_policy(), names=[username]),
    ]
    if faults:
        raise Invalid(errors=faults)
    password_hash = hash_new(None, password, "/password")
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


def _require_may_create(principal: Principal, role: str, authority_id: UUID | None) -> None:
    if role not in GRANTABLE.get(principal.role, frozenset()):
        raise Forbidden("当前账户无权创建该角色的账户。")
    if principal.role == "national_admin":
        return
    if principal.authority is None or principal.authority.authority_id != authority_id:
        raise Forbidden("只能为本部门创建账户。")


def _invitation(tx: Tx, account: Account) -> str:
    """The text for somebody who chooses the first password alone."""
    hours = current_settings().invitation_hours
    link = make_link(tx, account, timedelta(hours=hours))
    return wording.invitation(account.username or "", link, hours).text


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
