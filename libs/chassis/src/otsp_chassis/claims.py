"""Claim checks: the large member of an event waits in the store, the event carries the ticket.

The relay checks it in, the inbox redeems it: both outside any transaction, and unseen by those
who publish and those who handle. It lies encrypted as personal data do, under the event's own id,
so that a repeat writes over itself. All services must see one store and have the same keys.
"""

import hashlib
from datetime import timedelta
from typing import TypeVar

import orjson
from cryptography.exceptions import InvalidTag

from otsp_chassis import clock, log
from otsp_chassis.blobs import StoreUnavailable
from otsp_chassis.context import Runtime, current_runtime
from otsp_contracts.claims import Claim, Claimable
from otsp_contracts.envelope import Envelope, Payload, payload_class

KEPT = timedelta(days=7)
_log = log.get_logger()

Data = TypeVar("Data", bound=Payload)


class ClaimMissing(LookupError):
    """Nothing lies under the key: deleted since, or this service sees another store."""


class ClaimAltered(ValueError):
    """What lies there is not what was put there, or is sealed with a key unknown here."""


def check_in(runtime: Runtime, raw: bytes) -> bytes:
    """The envelope as it travels. Raises OSError when the store does not take the member."""
    above = runtime.settings.claim_above_bytes
    if len(raw) <= above:
        return raw
    envelope = Envelope.from_bytes(raw)
    if not issubclass(payload_class(envelope.type) or Payload, Claimable):
        return raw
    content = orjson.dumps(envelope.data["data"])
    if len(content) <= above:
        return raw
    key = f"{_prefix(runtime)}/{envelope.id.hex}"
    _put(runtime, key, runtime.cipher.encrypt(content.decode()))
    claim = Claim(key=key, sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    data = envelope.data | {"data": None, "claim": claim.model_dump(mode="json")}
    return envelope.model_copy(update={"data": data}).to_bytes()


def redeem(runtime: Runtime, payload: Data) -> Data:
    """The payload with its member back. Raises ClaimMissing or ClaimAltered."""
    if not isinstance(payload, Claimable) or payload.claim is None:
        return payload
    content = _content(runtime, payload.claim)
    if hashlib.sha256(content).hexdigest() != payload.claim.sha256:
        raise ClaimAltered
    whole = payload.model_dump() | {"data": orjson.loads(content), "claim": None}
    return type(payload).model_validate(whole)


def forget_old() -> None:
    """What the current service checked in longer ago than any reader may need it."""
    runtime = current_runtime()
    count = runtime.claims.forget(_prefix(runtime), before=clock.now() - KEPT)
    if count:
        _log.info("claims_forgotten", count=count)


def _put(runtime: Runtime, key: str, sealed: bytes) -> None:
    try:
        runtime.claims.write(key, iter([sealed]))
    except StoreUnavailable as error:
        message = "the object store does not answer"
        raise OSError(message) from error


def _content(runtime: Runtime, claim: Claim) -> bytes:
    try:
        with runtime.claims.open(claim.key) as stream:
            sealed = stream.read()
    except FileNotFoundError as error:
        raise ClaimMissing from error
    try:
        return runtime.cipher.decrypt(sealed).encode()
    except (InvalidTag, KeyError, ValueError) as error:
        raise ClaimAltered from error


def _prefix(runtime: Runtime) -> str:
    return f"claims/{runtime.service}"
