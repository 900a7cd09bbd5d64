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


def write_key_files(folder: Path) -> KeyFiles:
    """A fresh identity key pair and fresh personal-data keys, as the platform mounts them."""
    files = KeyFiles(
        identity_private=folder / "identity-private.jwk",
        identity_public=folder / "identity-public.jwks",
        pii=folder / "pii-keys.json",
    )
    key = OKPKey.generate_key("Ed25519", {"kid": "test-1", "use": "sig"})
    files.identity_private.write_text(json.dumps(key.as_dict(private=True)), encoding="utf-8")
    public = KeySet([key]).as_dict(private=False)
    files.identity_public.write_text(json.dumps(public), encoding="utf-8")
    files.pii.write_text(
        json.dumps({"current": "k1", "keys": {"k1": _random_key()}, "index": _random_key()}),
        encoding="utf-8",
    )
    return files


def _random_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
