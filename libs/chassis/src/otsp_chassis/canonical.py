"""Canonical JSON (RFC 8785), its SHA-256, and how a large document travels in an event.

Above 64 KB the application compresses with gzip level 1: 0.7 times the CPU of sending it plain,
0.4 times that of PostgreSQL's own compression (pitfall 27).
"""

import base64
import binascii
import gzip
import hashlib
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import orjson
import rfc8785

PLAIN_UP_TO_BYTES = 64 * 1024
Json = Any
Encoding = Literal["plain", "gzip"]
_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_SCALARS = frozenset({str, int, bool, type(None)})


class NotIntact(ValueError):
    """The document is not the one whose hash was told."""


@dataclass(frozen=True, slots=True)
class Packed:
    """`sha256` in lower-case hex over the canonical bytes; `data` an object, or base64 gzip."""

    sha256: str
    encoding: Encoding
    data: Any


def canonical_bytes(document: Json) -> bytes:
    """The one byte sequence of this JSON document. Whole numbers only, by convention.

    Of ordinary documents orjson writes the same bytes in a twelfth of the time; whatever the two
    could write differently, or either refuses, is rfc8785's business.
    """
    try:
        if _is_ordinary(document):
            return orjson.dumps(document, option=_SORTED)
    except TypeError:  # a number beyond 53 bits, half a surrogate pair, a key that is no text
        pass
    return rfc8785.dumps(document)


def _is_ordinary(document: Json) -> bool:
    """Whether it holds only texts, whole numbers, truths, nulls, and keys of ASCII."""
    found = [document]
    for value in found:
        kind = type(value)
        if kind is dict:
            if not "".join(value).isascii():
                return False
            found.extend(value.values())
        elif kind is list or kind is tuple:
            found.extend(value)
        elif kind not in _SCALARS:
            return False
    return True


def digest_of(document: Json) -> str:
    return hashlib.sha256(canonical_bytes(document)).hexdigest()


def pack(document: dict[str, Any]) -> Packed:
    """Ready to travel."""
    raw = canonical_bytes(document)
    sha256 = hashlib.sha256(raw).hexdigest()
    if len(raw) <= PLAIN_UP_TO_BYTES:
        return Packed(sha256, "plain", document)
    compressed = gzip.compress(raw, compresslevel=1, mtime=0)
    return Packed(sha256, "gzip", base64.b64encode(compressed).decode())


def unpack(packed: Packed) -> dict[str, Any]:
    """The document, proved to be what was packed; raises NotIntact otherwise."""
    document: dict[str, Any] = orjson.loads(proved_bytes(packed))
    return document


def proved_bytes(packed: Packed) -> bytes:
    """Its canonical bytes, proved to have the hash that was told; raises NotIntact otherwise."""
    raw = canonical_bytes(_received(packed))
    if hashlib.sha256(raw).hexdigest() != packed.sha256:
        raise NotIntact
    return raw


def _received(packed: Packed) -> Json:
    if packed.encoding == "plain":
        return packed.data
    try:
        return orjson.loads(gzip.decompress(base64.b64decode(packed.data, validate=True)))
    except (binascii.Error, OSError, EOFError, zlib.error, ValueError) as error:
        raise NotIntact from error
