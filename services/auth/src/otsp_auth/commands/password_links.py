"""Links by which an account's owner chooses a password that no administrator ever knows."""

import secrets
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import delete

from otsp_auth.commands.new_passwords import hash_new, set_password
from otsp_auth.commands.sending import tell
from otsp_auth.commands.sessions import token_sha256
from otsp_auth.model import Account, PasswordLink
from otsp_auth.queries.password_links import find_link
from otsp_auth.rules import wording
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.pii import decrypt
from otsp_chassis.problems import RuleBroken

PAGE = "/password-link"
"""Of the portal. The token is the fragment: browsers send it to no server, none can log it."""


class LinkNotGood(RuleBroken):
    """One answer for a link that is wrong, old, used, or superseded by a newer one."""

    slug: ClassVar[str] = "link-not-good"
    title: ClassVar[str] = "The link is wrong or no longer good"
    detail_zh: ClassVar[str] = "链接不正确、已使用或已过期，请联系主管部门重新发送。"


def make_link(tx: Tx, account: Account, life: timedelta) -> str:
    """The address to be texted once the transaction has committed; a former link is void."""
    token = secrets.token_urlsafe(32)
    tx.execute(delete(PasswordLink).where(PasswordLink.account_id == account.account_id))
    tx.add(
        PasswordLink(
            account_id=account.account_id,
            token_sha256=token_sha256(token),
            expires_at=clock.now() + life,
        )
    )
    return f"{current_settings().portal_url}{PAGE}#{token}"


def complete_link(token: str, new_password: str) -> None:
    """Once: sets the password, ends all sessions, and proves the mobile that it was texted to."""
    digest = token_sha256(token)
    with reading() as reader:
        account_id = find_link(reader, digest, clock.now())
    if account_id is None:
        raise LinkNotGood
    password_hash = hash_new(account_id, new_password, "/new_password")
    with transaction() as tx:
        account = tx.get(Account, account_id, with_for_update=True)
        if account is None or find_link(tx, digest, clock.now()) is None:
            raise LinkNotGood
        tx.execute(delete(PasswordLink).where(PasswordLink.account_id == account_id))
        account.prove_mobile(clock.now())
        set_password(tx, account, password_hash)
        audit.record(tx, "auth.password_link_used", object_type="account", object_id=account_id)
        mobile = None if account.mobile is None else decrypt(account.mobile)
    tell(mobile, wording.password_was_changed().text)
