"""The key files that every process is given, made once a test session."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import KeySet, OKPKey


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """Where the keys of one test session lie."""

    identity_private: Path
    identity_public: Path
    pii: Path
    audit_private: Path
    audit_public: Path
    receipt_private: Path
    receipt_public: Path


def write_key_files(folder: Path, *, of: str | None = None) -> KeyFiles:
    """Keys of identity, audit trail, receipts and personal data, as mounted.

    Fresh ones, or those that belong to a word, the same each time: what was once sealed with them
    and kept is opened without their being kept.
    """
    files = KeyFiles(
        identity_private=folder / "identity-private.jwk",
        identity_public=folder / "identity-public.jwks",
        pii=folder / "pii-keys.json",
        audit_private=folder / "audit-private.jwk",
        audit_public=folder / "audit-public.jwks",
        receipt_private=folder / "receipt-private.jwk",
        receipt_public=folder / "receipt-public.jwks",
    )
    _write_pair(files.identity_private, files.identity_public, kid="test-1", of=of)
    _write_pair(files.audit_private, files.audit_public, kid="audit-1", of=of)
    _write_pair(files.receipt_private, files.receipt_public, kid="receipt-1", of=of)
    sealing, index = (base64.b64encode(_bytes(of, name)).decode() for name in ("k1", "index"))
    told = {"current": "k1", "keys": {"k1": sealing}, "index": index}
    files.pii.write_text(json.dumps(told), encoding="utf-8")
    return files


def _write_pair(private: Path, public: Path, *, kid: str, of: str | None) -> None:
    seed = _bytes(of, kid)
    point = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    pair = {"kty": "OKP", "crv": "Ed25519", "d": _url_safe(seed), "x": _url_safe(point)}
    key = OKPKey.import_key({**pair, "kid": kid, "use": "sig"})
    private.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    public.write_text(json.dumps(KeySet([key]).as_dict(private=False)), encoding="utf-8")


def _bytes(of: str | None, name: str) -> bytes:
    if of is None:
        return secrets.token_bytes(32)
    return hashlib.sha256(f"{of}/{name}".encode()).digest()


def _url_safe(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
