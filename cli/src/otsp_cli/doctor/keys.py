"""Key files: there, whole, of the right kind, the halves of a pair belonging together."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from otsp_chassis.pii import Cipher
from otsp_chassis.signing import PublicKeys
from otsp_cli.doctor.findings import Finding, failed, ok, warn
from otsp_cli.doctor.settings import Named

OLD_DAYS = 365
_SHORTEST_KEY = 32
_ROTATE = "docs/operations.md tells how each key is rotated"


class Unfit(Exception):
    """A key file is not what it must be; the text names the file and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Keys:
    """One kind of key, as far as this process is told of it."""

    private: Path | None
    public: Path | None
    check: Callable[["Keys"], str]

    @property
    def files(self) -> list[Path]:
        return [each for each in (self.private, self.public) if each is not None]


def known_keys(named: Named) -> dict[str, Keys]:
    found = {
        "identity": Keys(named.auth_identity_private_key, named.identity_public_keys, _pair),
        "audit": Keys(named.audit_signing_key, named.audit_public_keys, _pair),
        "receipts": Keys(
            named.compliance_receipt_signing_key, named.compliance_receipt_public_keys, _pair
        ),
        "personal data": Keys(named.pii_keys, None, _personal),
        "portal": Keys(named.portal_secret_keys, None, _portal),
    }
    return {name: keys for name, keys in found.items() if keys.files}


def examine_keys(keys: Keys) -> Finding:
    try:
        told = keys.check(keys)
        days = int((time.time() - keys.files[0].stat().st_mtime) // 86_400)
    except Unfit as fault:
        return failed(str(fault), "mount the right file; docs/operations.md tells what each holds")
    except OSError as error:
        return failed(f"{error.filename}: {error.strerror}", "mount the file, readable by us")
    told = f"{told}; file {days} days old"
    return warn(told, f"rotate it once a year: {_ROTATE}") if days > OLD_DAYS else ok(told)


def _pair(keys: Keys) -> str:
    """Of Ed25519: the private half's `kid` is published with the same public half."""
    public = _published(keys.public) if keys.public else {}
    if keys.private is None:
        return f"{len(public)} public: {', '.join(public)}"
    private = _ed25519(_parsed(keys.private), keys.private)
    if not private.get("d") or not private.get("kid"):
        raise Unfit(f"{keys.private} is no private key with a kid")
    kid = str(private["kid"])
    if not keys.public:
        return f"signs as {kid}; no public keys are named here"
    if public.get(kid) != private["x"]:
        raise Unfit(f"{keys.private}: {kid} is not among the keys of {keys.public}")
    return f"signs as {kid}, published among {len(public)}"


def _published(file: Path) -> dict[str, str]:
    """`kid` → public half."""
    document = _parsed(file)
    try:
        PublicKeys(document)
        listed = [_ed25519(each, file) for each in document["keys"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Unfit(f"{file} is no JWKS") from error
    if any("d" in each for each in listed):
        raise Unfit(f"{file} is to be public and holds a private half: take that key out of use")
    found = {str(each.get("kid")): str(each["x"]) for each in listed}
    if len(found) < len(listed) or "None" in found or not found:
        raise Unfit(f"{file}: every key needs a kid of its own")
    return found


def _ed25519(told: Mapping[str, Any], file: Path) -> Mapping[str, Any]:
    try:
        OKPKey.import_key(dict(told))
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise Unfit(f"{file} holds what is no Ed25519 key") from error
    if told.get("crv") != "Ed25519":
        raise Unfit(f"{file} holds a key of another curve than Ed25519")
    return told


def _personal(keys: Keys) -> str:
    file = keys.files[0]
    try:
        cipher = Cipher.from_file(file)
        cipher.decrypt(cipher.encrypt("probe"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unfit(
            f'{file} is not {{"current", "keys", "index"}} with keys of 32 bytes'
        ) from error
    return f"seals with {cipher.current}"


def _portal(keys: Keys) -> str:
    lines = [line.strip() for line in keys.files[0].read_text("utf-8").splitlines()]
    held = [line for line in lines if line]
    if not held or any(len(line) < _SHORTEST_KEY for line in held):
        raise Unfit(f"{keys.files[0]} must hold keys of {_SHORTEST_KEY} characters or more")
    return f"{len(held)} keys"


def _parsed(file: Path) -> Any:  # noqa: ANN401 - any JSON
    try:
        return orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise Unfit(f"{file} is no JSON") from error
