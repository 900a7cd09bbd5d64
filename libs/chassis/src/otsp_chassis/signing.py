"""Signed documents: a compact JWS (RFC 7515) over canonical JSON (RFC 8785).

Whoever signs is given a Signer; Ed25519 (RFC 9864) is the one there is, SM2 would be another.
`kind` stands in the header as `typ`, so that no signed document passes for one of another kind.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import orjson
from joserfc import jws
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, OKPKey

from otsp_chassis import metrics
from otsp_chassis.canonical import canonical_bytes

_ALGORITHM = "Ed25519"
Document = Mapping[str, Any]


class UnknownKey(LookupError):
    """The document names a key that is not among the public ones."""


class BadSignature(ValueError):
    """The document was not signed like this."""


class Signer(Protocol):
    """Signs documents with one key."""

    def sign(self, document: Document, kind: str) -> str:
        """The compact JWS; its header names the key by `kid`."""


class Ed25519Signer:
    """Signs with the key of a mounted JWK file, read anew each time: a new one needs no restart."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file

    def sign(self, document: Document, kind: str) -> str:
        """Raises OSError or ValueError when the file cannot be read or is no key."""
        told = orjson.loads(self._key_file.read_bytes())
        key = OKPKey.import_key(told)
        note_key(kind, told)
        header = {"alg": _ALGORITHM, "kid": key.kid, "typ": kind}
        return jws.serialize_compact(
            header, canonical_bytes(document), key, algorithms=[_ALGORITHM]
        )


def note_key(kind: str, key: Document) -> None:
    """Let its age be seen, where the JWK says when it was made."""
    if isinstance(made := key.get("iat"), int):
        metrics.SIGNING_KEY_MADE.labels(kind).set(made)


class PublicKeys:
    """A JWKS: the key that signs today and all that ever did."""

    def __init__(self, jwks: Document) -> None:
        """Raises ValueError for what is no key set."""
        try:
            self._keys = KeySet.import_key_set(jwks)  # type: ignore[arg-type]
        except (JoseError, KeyError, TypeError, AttributeError) as error:
            raise ValueError from error

    @classmethod
    def from_file(cls, file: Path) -> "PublicKeys":
        return cls(orjson.loads(file.read_bytes()))

    def as_jwks(self) -> dict[str, Any]:
        """Public halves only, whatever the file held."""
        return {"keys": [key.as_dict(private=False) for key in self._keys.keys]}

    def verify(self, signed: str, kind: str) -> dict[str, Any]:
        """The document; raises UnknownKey or BadSignature.

        One document has one spelling: joserfc takes no spare bits of base64url, and what is signed
        is canonical.
        """
        try:
            told = jws.deserialize_compact(signed, self._keys, algorithms=[_ALGORITHM])
            document = orjson.loads(told.payload)
            is_canonical = canonical_bytes(document) == told.payload
        except InvalidKeyIdError as error:
            raise UnknownKey from error
        except (JoseError, ValueError, TypeError) as error:
            raise BadSignature from error
        if told.headers().get("typ") != kind or not isinstance(document, dict) or not is_canonical:
            raise BadSignature
        return document


def key_of(signed: str) -> str:
    """The `kid` of a document that we signed ourselves; nothing is verified."""
    kid = jws.extract_compact(signed.encode()).headers()["kid"]
    return str(kid)
