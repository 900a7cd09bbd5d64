"""The embedded default: files by key below one folder, written atomically."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from otsp_chassis.blobs.store import Approve, Blob

_UNFINISHED = ".part"


class FolderStore:
    """A folder for each prefix, below it one for the first two letters of a name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, key: str, chunks: Iterator[bytes], *, approve: Approve | None = None) -> None:
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(_UNFINISHED)
        try:
            with partial.open("wb") as stream:
                for chunk in chunks:
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            if approve is not None:
                approve(partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        return self._path(key).open("rb")

    def size_of(self, key: str) -> int | None:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError:
            return None

    def erase(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def erase_beginning(self, key: str) -> None:
        path = self._path(key)
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink(missing_ok=True)

    def forget(self, prefix: str, *, before: datetime) -> int:
        aged = [
            path
            for path in (self._root / prefix).glob("*/*")
            if path.stat().st_mtime < before.timestamp()
        ]
        for path in aged:
            path.unlink()
        return len(aged)

    def keys(self, *, before: datetime) -> Iterator[str]:
        for path in self._root.glob("*/*"):
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                yield path.name

    def contents(self, prefix: str = "") -> Iterator[Blob]:
        for path in (self._root / prefix).rglob("*"):
            if path.suffix == _UNFINISHED or not path.is_file():
                continue
            told = path.stat()
            key = (path.relative_to(self._root).parent.parent / path.name).as_posix()
            yield Blob(key, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC))

    def _path(self, key: str) -> Path:
        prefix, _, name = key.rpartition("/")
        return self._root / prefix / name[:2] / name
