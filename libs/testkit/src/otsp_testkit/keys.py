"""The key files that every process is given, made once a test session."""

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

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


def write_key_files(folder: Path) -> KeyFiles:
    """Fresh keys of identity, audit trail, receipts and personal data, as mounted."""
    files = KeyFiles(
        identity_private=folder / "identity-private.jwk",
        identity_public=folder / "identity-public.jwks",
        pii=folder / "pii-keys.json",
        audit_private=folder / "audit-private.jwk",
        audit_public=folder / "audit-public.jwks",
        receipt_private=folder / "receipt-private.jwk",
        receipt_public=folder / "receipt-public.jwks",
    )
    _write_pair(files.identity_private, files.identity_public, kid="test-1")
    _write_pair(files.audit_private, files.audit_public, kid="audit-1")
    _write_pair(files.receipt_private, files.receipt_public, kid="receipt-1")
    files.pii.write_text(
        json.dumps({"current": "k1", "keys": {"k1": _random_key()}, "index": _random_key()}),
        encoding="utf-8",
    )
    return files


def _write_pair(private: Path, public: Path, *, kid: str) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"})
    private.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    public.write_text(json.dumps(KeySet([key]).as_dict(private=False)), encoding="utf-8")


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
