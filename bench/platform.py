"""The six services in this process over one database server."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from otsp_local.keys import PlatformKeys
from otsp_local.postgres import LocalPostgres
from otsp_local.programs import SERVICES
from otsp_testkit import PlatformKit, ServiceKit
from otsp_testkit.keys import KeyFiles


def platform_of(
    postgres: LocalPostgres, keys: PlatformKeys, folder: Path, *, settings: Mapping[str, object]
) -> PlatformKit:
    """Their databases are made and migrated here."""
    files = KeyFiles(
        identity_private=keys.identity_private,
        identity_public=keys.identity_public,
        pii=keys.pii,
        audit_private=keys.audit_private,
        audit_public=keys.audit_public,
        receipt_private=keys.receipt_private,
        receipt_public=keys.receipt_public,
    )
    kits = []
    for name in SERVICES:
        service = import_module(f"otsp_{name}.app").service
        kits.append(
            ServiceKit(
                service,
                postgres,
                keys=files,
                files_dir=folder / "files",
                settings={"log_level": "WARNING", **settings},
            )
        )
    return PlatformKit(kits)
