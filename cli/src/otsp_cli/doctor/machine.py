"""Checks of this process's own place: settings, keys, files, store, fonts, versions."""

import os
import platform
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import ValidationError

from otsp_chassis.blobs import StoreUnavailable, probe
from otsp_chassis.fonts import FONTS
from otsp_chassis.service import Service
from otsp_cli.doctor.findings import Finding, failed, ok, skipped, warn
from otsp_cli.doctor.keys import Keys, examine_keys, known_keys
from otsp_cli.doctor.surroundings import Surroundings
from otsp_cli.running import load_service

_SECRETS = (
    "auth_identity_private_key", "pii_keys", "audit_signing_key", "compliance_receipt_signing_key",
    "portal_secret_keys", "auth_sms_secret_file", "auth_sms_fallback_secret_file",
    "auth_smtp_password_file",
)  # fmt: skip
_PACKAGES = ("connexion", "flask", "gunicorn", "pika", "psycopg", "sqlalchemy")


def services(around: Surroundings) -> Mapping[str, Service]:
    return {name: load_service(name) for name in around.services}


def examine_settings(_: Surroundings, service: Service) -> Finding:
    try:
        service.settings_class.load(service.name)
    except ValidationError as error:
        return failed(
            "; ".join(_fault(service.name, each["loc"], each["msg"]) for each in error.errors()),
            "docs/operations.md lists every setting",
        )
    return ok("complete")


def _fault(service: str, place: tuple[int | str, ...], message: str) -> str:
    """What several settings contradict each other in has no place, and names them itself."""
    if not place:
        return message.removeprefix("Value error, ")
    name = str(place[0])
    return f"{name if name.isupper() else f'OTSP_{service}_{name}'.upper()}: {message}"


def keys(around: Surroundings) -> Mapping[str, Keys]:
    return known_keys(around.named)


def examine_key(around: Surroundings, told: Keys) -> Finding:
    """A private half where nothing signs with it is one more place to lose it."""
    finding = examine_keys(told)
    owner = {
        around.named.auth_identity_private_key: "auth",
        around.named.compliance_receipt_signing_key: "compliance",
    }.get(told.private, "")
    if finding.state == "ok" and told.private and owner and owner not in around.services:
        return warn(
            f"{finding.found}; the private half is here, {owner} is not",
            f"give {told.private.name} to {owner} alone",
        )
    return finding


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is a secret, or a folder that is written to."""

    path: Path
    is_folder: bool


def files(around: Surroundings) -> Mapping[str, Kept]:
    named = around.named
    secrets = {
        f"OTSP_{field.upper()}": Kept(path, is_folder=False)
        for field in _SECRETS
        if (path := getattr(named, field)) is not None
    }
    folders = {"OTSP_FILES_DIR": named.files_dir, "OTSP_CLAIMS_DIR": named.claims_dir}
    return secrets | {
        name: Kept(path, is_folder=True) for name, path in folders.items() if path is not None
    }


def examine_file(_: Surroundings, kept: Kept) -> Finding:
    try:
        mode = kept.path.stat().st_mode
    except OSError as error:
        return failed(f"{kept.path}: {error.strerror}", "mount it, reachable for our user")
    told = f"{kept.path} {stat.filemode(mode)}"
    needed = os.R_OK | (os.W_OK | os.X_OK if kept.is_folder else 0)
    if not os.access(kept.path, needed):
        return failed(f"{told} is not ours to use", f"give it to user {os.geteuid()}")
    if mode & (stat.S_IWOTH if kept.is_folder else stat.S_IROTH | stat.S_IWOTH):
        others = "write there" if kept.is_folder else "read it"
        mend = "chmod o-w" if kept.is_folder else "chmod o-rwx, or defaultMode 0440 in Kubernetes"
        return warn(f"{told}: others may {others}", mend)
    return ok(told)


def examine_store(_: Surroundings, service: Service) -> Finding:
    """Writes, reads and erases one probe of its own through the service's own store."""
    try:
        store = service.runtime_with(service.settings_class.load(service.name)).blobs
    except (ValidationError, ValueError, KeyError, OSError):
        return skipped("its settings or keys are not in order")
    try:
        probe(store)
    except (OSError, StoreUnavailable) as error:
        told = f"{type(error).__name__}: {getattr(error, 'strerror', None) or 'no answer'}"
        return failed(told, "mend OTSP_FILES_DIR or OTSP_S3_…: the service could store no file")
    return ok("put, got and erased a probe")


def fonts(around: Surroundings) -> Mapping[str, list[Path]]:
    """Where attachments are stamped and receipts are set."""
    named = around.named.watermark_font
    return {"Chinese": [named] if named else list(FONTS)} if around.services else {}


def examine_font(_: Surroundings, candidates: list[Path]) -> Finding:
    found = next((each for each in candidates if each.is_file()), None)
    if found is None:
        return failed(
            "no Chinese font: PDF receipts and watermarks answer 503",
            "install fonts-noto-cjk or fonts-wqy-microhei, or name one: OTSP_WATERMARK_FONT",
        )
    return ok(str(found))


def versions(_: Surroundings) -> Mapping[str, tuple[str, ...]]:
    return {"here": _PACKAGES}


def examine_versions(_: Surroundings, packages: tuple[str, ...]) -> Finding:
    told = ", ".join(f"{each} {version(each)}" for each in packages)
    try:
        ours = version("otsp-cli")
    except PackageNotFoundError:
        ours = "from a checkout"
    return ok(f"otsp {ours}, Python {platform.python_version()}, {told}")
