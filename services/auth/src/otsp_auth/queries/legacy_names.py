"""Names of legacy platforms, and the accounts that they stand for."""

from uuid import UUID

from sqlalchemy import ScalarSelect, Select, select

from otsp_auth.model import Account, LegacyAccount
from otsp_auth.rules.legacy_rows import name_key, split_source
from otsp_chassis.db import Reader
from otsp_chassis.pii import blind_index


def legacy_name_index(username: str) -> bytes:
    return blind_index(name_key(username))


def accounts_under_legacy_name(text: str) -> Select[UUID]:
    """Two when both platforms had the name for two institutions; `name@platform` says which."""
    name, source = split_source(text)
    query = select(LegacyAccount.account_id).distinct()
    query = query.where(LegacyAccount.username_index == legacy_name_index(name))
    return query if source is None else query.where(LegacyAccount.source == source)


def is_legacy_name(tx: Reader, text: str) -> bool:
    return tx.execute(accounts_under_legacy_name(text)).first() is not None


def first_legacy_name() -> ScalarSelect[bytes]:
    """Of the account that the query is about, sealed: what it is called until it has a mobile."""
    return (
        select(LegacyAccount.username)
        .where(LegacyAccount.account_id == Account.account_id)
        .order_by(LegacyAccount.imported_at, LegacyAccount.source)
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )
