"""The signed head of a batch of seals.

The signing key is a file that only workers are given, with its `kid`; whoever verifies needs the
public keys of all heads, hence also those that sign no more.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from otsp_chassis.audit.chain import moment
from otsp_chassis.signing import BadSignature, Ed25519Signer, PublicKeys

_KIND = "otsp-audit-head"


@dataclass(frozen=True, slots=True)
class Head:
    """The last seal of a batch. `previous` is the position of the head before, 0 for the first."""

    service: str
    position: int
    link: bytes
    previous: int
    signed_at: datetime

    def as_document(self) -> dict[str, Any]:
        return {
            "service": self.service,
            "position": self.position,
            "chain_sha256": self.link.hex(),
            "previous": self.previous,
            "signed_at": moment(self.signed_at),
        }


def sign(head: Head, key_file: Path) -> str:
    return Ed25519Signer(key_file).sign(head.as_document(), _KIND)


class HeadVerifier:
    """Proves heads against the public keys of a mounted JWKS file."""

    def __init__(self, public_keys_file: Path) -> None:
        self._keys = PublicKeys.from_file(public_keys_file)

    def verify(self, head: Head, signed: str) -> None:
        """Raises UnknownKey or BadSignature."""
        if self._keys.verify(signed, _KIND) != head.as_document():
            raise BadSignature
