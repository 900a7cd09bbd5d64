"""Keys that an institution gives to its own systems (系统接入)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

from otsp_auth.commands.sessions import token_sha256
from otsp_auth.model import Account, ApiKey
from otsp_auth.queries.api_keys import count_live_keys
from otsp_auth.rules.api_keys import check_expiry
from otsp_auth.rules.bearers import Kind, new_token
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict, Invalid, NotFound


class TooManyApiKeys(Conflict):
    slug: ClassVar[str] = "too-many-api-keys"
    title: ClassVar[str] = "The institution has too many live keys"
    detail_zh: ClassVar[str] = "本机构有效的接入密钥已达上限，请先撤销不再使用的密钥。"


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """The key is told this once; only its hash is kept."""

    api_key_id: UUID
    name: str
    scopes: list[str]
    expires_on: date
    key: str


def create_api_key(principal: Principal, fields: dict[str, Any]) -> IssuedKey:
    """With the scopes that are named and no others; filing too must be named."""
    expires_on, today = date.fromisoformat(fields["expires_on"]), key_today()
    longest = timedelta(days=current_settings().api_key_days)
    faults = list(check_expiry(expires_on, today, longest=longest))
    if faults:
        raise Invalid(errors=faults)
    key = new_token(Kind.API_KEY)
    with transaction() as tx:
        account = _creator(tx, principal)
        live = count_live_keys(tx, account.institution_id, today)
        if live >= current_settings().api_keys_per_institution:
            raise TooManyApiKeys
        made = ApiKey(
            api_key_id=new_id(),
            institution_id=account.institution_id,
            name=fields["name"],
            scopes=sorted(fields["scopes"]),
            key_sha256=token_sha256(key),
            created_by=account.account_id,
            created_at=clock.now(),
            expires_on=expires_on,
        )
        tx.add(made)
        _record(tx, "auth.api_key_created", made)
        return IssuedKey(made.api_key_id, made.name, made.scopes, expires_on, key)


def revoke_api_key(principal: Principal, api_key_id: UUID) -> None:
    """At once, but for the two seconds that the edge may believe it; a second time is no fault."""
    with transaction() as tx:
        key = tx.get(ApiKey, api_key_id, with_for_update=True)
        if key is None or key.institution_id != principal.institution_id:
            raise NotFound
        if key.revoke(clock.now()):
            _record(tx, "auth.api_key_revoked", key)


def _creator(tx: Tx, principal: Principal) -> Account:
    """Locked, so that its keys are counted one by one."""
    account = tx.get(Account, principal.account_id, with_for_update=True)
    if account is None or account.institution_id is None:
        raise NotFound
    return account


def _record(tx: Tx, action: str, key: ApiKey) -> None:
    audit.record(
        tx,
        action,
        object_type="api_key",
        object_id=key.api_key_id,
        institution_id=key.institution_id,
        after={"name": key.name, "scopes": key.scopes, "expires_on": key.expires_on},
    )


def key_today() -> date:
    """Keys live by the real clock, whatever day a demonstration plays."""
    return clock.now().astimezone(clock.SHANGHAI).date()
