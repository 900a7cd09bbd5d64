"""What an import must know of accounts that are there already."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, func, select, union_all

from otsp_auth.model import Account, LegacyAccount
from otsp_chassis.db import Reader


def known_legacy_names(tx: Reader, source: str, indexes: Collection[bytes]) -> Mapping[bytes, str]:
    """Index of a name that the platform's import brought already → whose USCC it had."""
    query = select(LegacyAccount.username_index, LegacyAccount.uscc).where(
        LegacyAccount.source == source, LegacyAccount.username_index.in_(indexes)
    )
    return {bytes(index): uscc for index, uscc in tx.execute(query)}


def names_of_others(tx: Reader, source: str, names: Mapping[bytes, str]) -> set[bytes]:
    """Those (index → name) that lead, or could lead, to other accounts unless `@` is added."""
    elsewhere = select(LegacyAccount.username_index).where(
        LegacyAccount.source != source, LegacyAccount.username_index.in_(names)
    )
    mobiles = select(Account.mobile_index).where(
        Account.mobile_index.in_(names), Account.status != "cancelled"
    )
    found = {bytes(each) for each in tx.execute(union_all(elsewhere, mobiles)).scalars()}
    lowered = {name.lower(): index for index, name in names.items()}
    usernames = select(Account.username).where(Account.username.in_(lowered))
    return found | {lowered[each] for each in tx.execute(usernames).scalars() if each}


def migrated_numbers(tx: Reader, usccs: Collection[str]) -> set[str]:
    """Those that an imported account has."""
    query = select(LegacyAccount.uscc).where(LegacyAccount.uscc.in_(usccs)).distinct()
    return set(tx.execute(query).scalars())


def accounts_migrated_under(uscc: str) -> Select[UUID]:
    """The institution's accounts that came from legacy platforms, activated or not."""
    return select(LegacyAccount.account_id).where(LegacyAccount.uscc == uscc)


def migrated_institution_name() -> ScalarSelect[str]:
    """Of the account that the query is about, as its legacy platform had it."""
    return (
        select(LegacyAccount.institution_name)
        .where(LegacyAccount.account_id == Account.account_id)
        .order_by(LegacyAccount.imported_at, LegacyAccount.source)
        .limit(1)
        .correlate(Account)
        .scalar_subquery()
    )


def count_legacy_hashes(tx: Reader) -> int:
    """Accounts of legacy platforms into which nobody has logged in yet."""
    query = select(func.count()).where(Account.legacy_hash.is_not(None))
    return int(tx.execute(query).scalar_one())
