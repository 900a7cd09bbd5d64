"""The keys of one platform, made once: identities, audit, receipts, portal, data.

`python -m otsp_local.keys FOLDER` makes them for a platform elsewhere (docs/deployment/helm.md).
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import OKPKey

from otsp_local.secrets import write_secret


@dataclass(frozen=True, slots=True)
class PlatformKeys:
    """Files below one folder of mode 0700. What exists is never made anew: data depend on it."""

    folder: Path

    @property
    def identity_private(self) -> Path:
        return self.folder / "identity-private.jwk"

    @property
    def identity_public(self) -> Path:
        return self.folder / "identity-public.jwks"

    @property
    def pii(self) -> Path:
        return self.folder / "pii-keys.json"

    @property
    def audit_private(self) -> Path:
        return self.folder / "audit-private.jwk"

    @property
    def audit_public(self) -> Path:
        return self.folder / "audit-public.jwks"

    @property
    def receipt_private(self) -> Path:
        return self.folder / "receipt-private.jwk"

    @property
    def receipt_public(self) -> Path:
        return self.folder / "receipt-public.jwks"

    @property
    def portal(self) -> Path:
        return self.folder / "portal-keys.txt"

    def ensure(self) -> None:
        for private_file, public_file in (
            (self.identity_private, self.identity_public),
            (self.audit_private, self.audit_public),
            (self.receipt_private, self.receipt_public),
        ):
            if not private_file.is_file():
                self._make_pair(private_file, public_file)
        if not self.pii.is_file():
            self._make_pii_keys()
        if not self.portal.is_file():
            write_secret(self.portal, secrets.token_urlsafe(48).encode())

    def _make_pair(self, private_file: Path, public_file: Path) -> None:
        key = OKPKey.generate_key("Ed25519", parameters={"kid": secrets.token_hex(8), "use": "sig"})
        public = {"keys": [key.as_dict(private=False)]}
        write_secret(public_file, json.dumps(public, indent=1).encode())
        private = key.as_dict(private=True) | {"iat": int(time.time())}
        # Last: its presence says that the pair is whole.
        write_secret(private_file, json.dumps(private).encode())

    def _make_pii_keys(self) -> None:
        def key() -> str:
            return base64.b64encode(secrets.token_bytes(32)).decode()

        document = {"current": "k1", "keys": {"k1": key()}, "index": key()}
        write_secret(self.pii, json.dumps(document, indent=1).encode())


def main() -> int:
    folder = Path(sys.argv[1])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    PlatformKeys(folder).ensure()
    print("\n".join(sorted(file.name for file in folder.iterdir())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
