"""Where backups are kept: sets of dumps with a manifest each, and one pool of files for all sets.

Files of the platform never change under their key, so a file that is there is not copied again.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

from otsp_chassis.blobs import BlobStore
from otsp_chassis.blobs.bucket import Bucket
from otsp_chassis.blobs.folder import FolderStore
from otsp_chassis.blobs.s3 import S3Store
from otsp_cli.backups.settings import BackupSettings
from otsp_cli.messages.desk import CannotDo

MANIFEST = "manifest.json"
_PART_BYTES = 64 * 1024 * 1024
"""Ten thousand parts are the most that S3 takes: a dump may have 600 GB."""


class Place(Protocol):
    """Paths are `<set>/<file>`."""

    def put(self, path: str, chunks: Iterable[bytes]) -> None:
        """Whole or not at all."""

    def open(self, path: str) -> BinaryIO:
        """Raises FileNotFoundError."""

    def sets(self) -> list[str]:
        """Those that are whole, the oldest first."""

    def unfinished(self) -> list[str]:
        """Those without a manifest: under way, or broken off."""

    def remove(self, name: str) -> None:
        """A set, its manifest first."""

    def pool(self, service: str) -> BlobStore:
        """The files of a service, of all sets."""


def open_place(told: str, settings: BackupSettings) -> Place:
    if not told.startswith("s3://"):
        return FolderPlace(Path(told))
    parts = urlsplit(told)
    address = settings.backup_bucket(parts.netloc)
    if address is None:
        raise CannotDo(
            f"{told}: set OTSP_BACKUP_S3_ENDPOINT, OTSP_BACKUP_S3_REGION, OTSP_BACKUP_S3_ACCESS_KEY"
            " and OTSP_BACKUP_S3_SECRET_KEY"
        )
    prefix = parts.path.strip("/")
    return BucketPlace(Bucket(address, part_bytes=_PART_BYTES), f"{prefix}/" if prefix else "")


class FolderPlace:
    """Closed to everybody else: dumps hold names in clear."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, path: str, chunks: Iterable[bytes]) -> None:
        target = self._root / "sets" / path
        for folder in (self._root, target.parent.parent, target.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        try:
            with partial.open("wb") as stream:
                partial.chmod(0o600)
                for chunk in chunks:
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def open(self, path: str) -> BinaryIO:
        return (self._root / "sets" / path).open("rb")

    def sets(self) -> list[str]:
        return sorted(path.parent.name for path in self._root.glob(f"sets/*/{MANIFEST}"))

    def unfinished(self) -> list[str]:
        begun = {path.name for path in self._root.glob("sets/*")}
        return sorted(begun - set(self.sets()))

    def remove(self, name: str) -> None:
        (self._root / "sets" / name / MANIFEST).unlink(missing_ok=True)
        shutil.rmtree(self._root / "sets" / name, ignore_errors=True)

    def pool(self, service: str) -> BlobStore:
        return FolderStore(self._root / "files" / service)


class BucketPlace:
    """Below a prefix of a bucket."""

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = prefix

    def put(self, path: str, chunks: Iterable[bytes]) -> None:
        self._bucket.put(f"{self._prefix}sets/{path}", chunks)

    def open(self, path: str) -> BinaryIO:
        return S3Store(self._bucket, f"{self._prefix}sets/").open(path)

    def sets(self) -> list[str]:
        return sorted(name for name, file in self._files() if file == MANIFEST)

    def unfinished(self) -> list[str]:
        """A dump that broke off has no key as yet."""
        root = f"{self._prefix}sets/"
        begun = {each["Key"].removeprefix(root) for each in self._bucket.unfinished(root)}
        names = {name for name, _ in self._files()} | {key.split("/")[0] for key in begun}
        return sorted(names - set(self.sets()))

    def remove(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._bucket.delete(f"{self._prefix}sets/{name}/{MANIFEST}")
        for each in self._bucket.list(f"{self._prefix}sets/{name}/"):
            self._bucket.delete(each.key)
        for begun in self._bucket.unfinished(f"{self._prefix}sets/{name}/"):
            self._bucket.give_up(begun)

    def pool(self, service: str) -> BlobStore:
        return S3Store(self._bucket, f"{self._prefix}files/{service}/")

    def _files(self) -> Iterator[tuple[str, str]]:
        """Set and file of each that is there."""
        for each in self._bucket.list(f"{self._prefix}sets/"):
            name, _, file = each.key.removeprefix(f"{self._prefix}sets/").partition("/")
            yield name, file
