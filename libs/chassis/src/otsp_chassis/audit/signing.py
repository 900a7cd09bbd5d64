"""The signed head of a batch of seals: a compact JWS (RFC 7515), Ed25519 (RFC 9864).

The signing key is a file that only workers are given, with its `kid`; whoever verifies needs the
public keys of all heads, hence also those that sign no more.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from joserfc import jws
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, OKPKey

from otsp_chassis.audit.chain import moment
from otsp_chassis.canonical import canonical_bytes

_ALGORITHM = "Ed25519"
_TYPE = "otsp-audit-head"


class UnknownKey(LookupError):
    """The head names a key that is not among the public ones."""


class BadSignature(ValueError):
    """The head was not signed like this."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal of a batch. `previous` is the position of the head before, 0 for the first."""

    service: str
    position: int
    link: bytes
    previous: int
    signed_at: datetime

    def to_bytes(self) -> bytes:
        return canonical_bytes(
            {
                "service": self.service,
                "position": self.position,
                "chain_sha256": self.link.hex(),
                "previous": self.previous,
                "signed_at": moment(self.signed_at),
            }
        )


def sign(head: Head, key_file: Path) -> str:
    """The key is read anew for every batch, so that a new one needs no restart."""
    key = OKPKey.import_key(orjson.loads(key_file.read_bytes()))
    header = {"alg": _ALGORITHM, "kid": key.kid, "typ": _TYPE}
    return jws.serialize_compact(header, head.to_bytes(), key, algorithms=[_ALGORITHM])


class HeadVerifier:
    """Proves heads against the public keys of a mounted JWKS file."""

    def __init__(self, public_keys_file: Path) -> None:
        self._keys = KeySet.import_key_set(orjson.loads(public_keys_file.read_bytes()))

    def verify(self, head: Head, signed: str) -> None:
        """Raises UnknownKey or BadSignature."""
        try:
            told = jws.deserialize_compact(signed, self._keys, algorithms=[_ALGORITHM])
        except InvalidKeyIdError as error:
            raise UnknownKey from error
        except (JoseError, ValueError, TypeError) as error:
            raise BadSignature from error
        if told.payload != head.to_bytes() or told.headers().get("typ") != _TYPE:
            raise BadSignature
