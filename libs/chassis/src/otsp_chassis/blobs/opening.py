"""Which store the settings name."""

from typing import TYPE_CHECKING

from otsp_chassis.blobs.folder import FolderStore
from otsp_chassis.blobs.store import BlobStore

if TYPE_CHECKING:
    from otsp_chassis.settings import StoreSettings


def open_store(settings: "StoreSettings", service: str | None = None) -> BlobStore:
    """A service's own, or the one that all share; both lie in one bucket or folder."""
    address = settings.bucket()
    if address is not None:
        from otsp_chassis.blobs.bucket import Bucket  # noqa: PLC0415 - a folder needs no boto3
        from otsp_chassis.blobs.s3 import S3Store  # noqa: PLC0415

        return S3Store(Bucket(address), f"{service}/" if service else "")
    folder = settings.folder()
    if service is None:
        return FolderStore(settings.claims_dir or folder)
    return FolderStore(folder / service)
