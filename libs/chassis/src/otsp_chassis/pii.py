"""Personal data at rest: encrypted, found by blind index, shown masked.

AES-256-GCM with the key's id in the value, so that keys rotate one value at a time; the blind
index is HMAC-SHA-256 over the normalised text, so that duplicates are found without reading.
Keys come as one mounted file: {"current": "k1", "keys": {"k1": <base64>}, "index": <base64>}.
"""

import base64
import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NewType, Self

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary

from otsp_chassis.context import current_runtime

_NONCE_BYTES = 12
_KEY_BYTES = 32

Sealed = NewType("Sealed", bytes)
"""What a column of personal data holds: bytes that went through `encrypt`."""


class SealedBytes(LargeBinary):
    """The column type of `Mapped[Sealed]`; `otsp rotate-keys` finds its columns by it."""

    cache_ok = True


SEALED_MEMBERS = "sealed_members"
"""In the `info` of a JSON column: which members hold the base64 text of sealed bytes."""


class Cipher:
    """The keys of one deployment. `index_key` never rotates with the others."""

    def __init__(self, keys: Mapping[str, bytes], current: str, index_key: bytes) -> None:
        if any(len(key) != _KEY_BYTES for key in (*keys.values(), index_key)):
            message = "every key must be 32 bytes"
            raise ValueError(message)
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self.current = current
        self._index_key = index_key

    @classmethod
    def from_file(cls, path: Path) -> Self:
        document = orjson.loads(path.read_bytes())
        keys = {name: base64.b64decode(key) for name, key in document["keys"].items()}
        return cls(keys, document["current"], base64.b64decode(document["index"]))

    def encrypt(self, text: str) -> Sealed:
        """`<key id>:` followed by nonce and ciphertext; the key id is authenticated too."""
        prefix = f"{self.current}:".encode()
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.current].encrypt(nonce, text.encode(), prefix)
        return Sealed(prefix + nonce + sealed)

    def resealed(self, value: bytes) -> Sealed:
        """With the current key; the very same bytes when that is what sealed them.

        Raises KeyError when the key that sealed them is not among the keys any more.
        """
        sealed = Sealed(bytes(value))
        return sealed if key_id(sealed) == self.current else self.encrypt(self.decrypt(sealed))

    def decrypt(self, value: bytes) -> str:
        """Raises cryptography's InvalidTag when the value or its key id was altered."""
        name, _, rest = bytes(value).partition(b":")
        nonce, sealed = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        return self._ciphers[name.decode()].decrypt(nonce, sealed, name + b":").decode()

    def blind_index(self, text: str) -> bytes:
        """32 bytes, equal for equal text (case and surrounding space aside)."""
        return hmac.digest(self._index_key, text.strip().upper().encode(), "sha256")


def key_id(value: bytes) -> str:
    """Which key sealed it."""
    return bytes(value).partition(b":")[0].decode()


def encrypt(text: str) -> Sealed:
    """With the current service's keys; see Cipher."""
    return current_runtime().cipher.encrypt(text)


def decrypt(value: bytes) -> str:
    return current_runtime().cipher.decrypt(value)


def blind_index(text: str) -> bytes:
    return current_runtime().cipher.blind_index(text)


def mask_id(text: str) -> str:
    """330***********9904: the province and county stay guessable, the person does not."""
    return _masked(text, head=3, tail=4)


def mask_mobile(text: str) -> str:
    """138****0001"""
    return _masked(text, head=3, tail=4)


def mask_email(text: str) -> str:
    """z***@example.com: whose it is stays a guess, where it is does not."""
    name, at, domain = text.partition("@")
    return name[:1] + "***" + at + domain


def mask_cert(text: str) -> str:
    """2019*********0901"""
    return _masked(text, head=4, tail=4)


def mask_account(text: str) -> str:
    """Only the last four, as banks print it."""
    return _masked(text, head=0, tail=4)


def mask_name(text: str) -> str:
    """周*"""
    return text[:1] + "*" * max(len(text) - 1, 1)


def _masked(text: str, *, head: int, tail: int) -> str:
    hidden = max(len(text) - head - tail, 0)
    if hidden == 0:
        return "*" * len(text)
    return text[:head] + "*" * hidden + text[len(text) - tail :]
