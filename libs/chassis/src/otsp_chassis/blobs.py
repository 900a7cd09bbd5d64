"""Where bytes lie: a folder of files by key. The local folder is the embedded default."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO


class BlobStore:
    """Files by key below one folder, written atomically."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(
        self,
        key: str,
        chunks: Iterator[bytes],
        *,
        approve: Callable[[Path], None] = lambda _: None,
    ) -> None:
        """All chunks or nothing: a partial file never appears under its key.

        Neither does one that `approve`, given the whole file, raises about.
        """
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        try:
            with partial.open("wb") as stream:
                for chunk in chunks:
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            approve(partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        """Raises FileNotFoundError for a key that was never written."""
        return self._path(key).open("rb")

    def erase(self, key: str) -> None:
        """What is not there is erased already."""
        self._path(key).unlink(missing_ok=True)

    def erase_beginning(self, key: str) -> None:
        """Everything whose key begins so."""
        path = self._path(key)
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink(missing_ok=True)

    def forget(self, prefix: str, *, before: datetime) -> int:
        """Delete what was written below this prefix before then; returns how many."""
        aged = [
            path
            for path in (self._root / prefix).glob("*/*")
            if path.stat().st_mtime < before.timestamp()
        ]
        for path in aged:
            path.unlink()
        return len(aged)

    def keys(self, *, before: datetime) -> Iterator[str]:
        """Keys without a prefix that were written before then, and what broken writes left."""
        for path in self._root.glob("*/*"):
            if path.is_file() and path.stat().st_mtime < before.timestamp():
                yield path.name

    def _path(self, key: str) -> Path:
        prefix, _, name = key.rpartition("/")
        return self._root / prefix / name[:2] / name
