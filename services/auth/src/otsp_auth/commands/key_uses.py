"""What the edge asks of API keys: whether one lives; and what is noted of its use."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from otsp_auth.commands.api_keys import key_today
from otsp_auth.commands.sessions import token_sha256
from otsp_auth.model import WORKING, ApiKey, ApiKeyUse
from otsp_auth.queries.api_keys import FoundKey, find_key
from otsp_auth.rules.limits import address_group
from otsp_auth.settings import current_settings
from otsp_chassis import audit, clock, metrics
from otsp_chassis.context import current_call
from otsp_chassis.db import Tx, reading, transaction
from otsp_chassis.pii import blind_index, encrypt
from otsp_chassis.problems import Unauthorised


def use_key(token: str) -> FoundKey:
    """One SELECT, and a write every half minute; Unauthorised when the key has ended: by its day,
    its revocation, or the account that made it.
    """
    call = current_call()
    address = (call.client_ip if call else None) or "unknown"
    index = blind_index(address_group(address))
    with reading() as reader:
        found = find_key(reader, token_sha256(token), used_on=key_today(), address_index=index)
    is_live = found is not None and _is_live(found)
    metrics.API_KEY_CHECKS.labels("accepted" if is_live else "refused").inc()
    if found is not None and is_live and _is_due(found):
        with transaction() as tx:
            _note_last_use(tx, found.api_key_id, address)
            _record_first(tx, "auth.api_key_used", found, address_index=index)
    elif found is not None and not is_live and not found.is_known_use:
        with transaction() as tx:
            _record_first(tx, "auth.api_key_refused", found, address_index=index)
    if found is None or not is_live:
        raise Unauthorised
    return found


def _is_live(found: FoundKey) -> bool:
    is_over = found.revoked_at is not None or key_today() > found.expires_on
    return not is_over and found.status in WORKING


def _is_due(found: FoundKey) -> bool:
    """Every half minute, and always when it comes from an address for the first time today."""
    step = timedelta(seconds=current_settings().activity_step_seconds)
    is_recent = found.last_used_at is not None and clock.now() - found.last_used_at < step
    return not (found.is_known_use and is_recent)


def _note_last_use(tx: Tx, api_key_id: UUID, address: str) -> None:
    values = {"last_used_at": clock.now(), "last_address": encrypt(address)}
    tx.execute(update(ApiKey).where(ApiKey.api_key_id == api_key_id).values(values))


def _record_first(tx: Tx, action: str, found: FoundKey, *, address_index: bytes) -> None:
    """An entry for the first of a day from an address, though two requests come at once. What else
    a key does, the services record under its id.
    """
    use = insert(ApiKeyUse).values(
        api_key_id=found.api_key_id, used_on=key_today(), address_index=address_index
    )
    made = use.on_conflict_do_nothing().returning(ApiKeyUse.api_key_id)
    if tx.execute(made).first() is not None:
        audit.record(
            tx,
            action,
            object_type="api_key",
            object_id=found.api_key_id,
            institution_id=found.institution_id,
        )
