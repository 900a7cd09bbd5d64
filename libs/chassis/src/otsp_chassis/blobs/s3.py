"""An object store as a store of bytes."""

import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Any, BinaryIO, cast

from botocore.exceptions import BotoCoreError

from otsp_chassis.blobs.bucket import TRIES, Bucket
from otsp_chassis.blobs.store import Approve, Blob, StoreUnavailable

_CHUNK = 256 * 1024


class S3Store:
    """Keys below `root` of a bucket; `root` is empty or ends with a slash."""

    def __init__(self, bucket: Bucket, root: str = "") -> None:
        self._bucket = bucket
        self._root = root

    def write(self, key: str, chunks: Iterator[bytes], *, approve: Approve | None = None) -> None:
        if approve is None:
            self._bucket.put(self._root + key, chunks)
            return
        with NamedTemporaryFile(prefix="otsp-file-") as spool:
            for chunk in chunks:
                spool.write(chunk)
            spool.flush()
            approve(Path(spool.name))
            spool.seek(0)
            self._bucket.put(self._root + key, iter(partial(spool.read, _CHUNK), b""))

    def open(self, key: str) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_Reader(self._bucket, self._root + key), _CHUNK))

    def size_of(self, key: str) -> int | None:
        try:
            return self._bucket.size(self._root + key)
        except FileNotFoundError:
            return None

    def erase(self, key: str) -> None:
        with suppress(FileNotFoundError):
            self._bucket.delete(self._root + key)

    def erase_beginning(self, key: str) -> None:
        for each in self._bucket.list(self._root + key):
            self._bucket.delete(each.key)

    def forget(self, prefix: str, *, before: datetime) -> int:
        count = 0
        for each in self._bucket.list(f"{self._root}{prefix}/"):
            if each.written_at < before:
                self._bucket.delete(each.key)
                count += 1
        return count

    def keys(self, *, before: datetime) -> Iterator[str]:
        """Broken writes have no key as yet; those that began before then are given up here."""
        for begun in self._bucket.unfinished(self._root):
            if begun["Initiated"] < before:
                self._bucket.give_up(begun)
        for each in self._bucket.list(self._root, is_deep=False):
            if each.written_at < before:
                yield each.key.removeprefix(self._root)

    def contents(self, prefix: str = "") -> Iterator[Blob]:
        below = f"{prefix}/" if prefix else ""
        for each in self._bucket.list(self._root + below):
            yield Blob(each.key.removeprefix(self._root), each.size, each.written_at)


class _Reader(io.RawIOBase):
    """An object as it comes; a seek, or a connection that broke, asks for the rest of it anew."""

    def __init__(self, bucket: Bucket, key: str) -> None:
        super().__init__()
        self._bucket = bucket
        self._key = key
        self._position = 0
        self._copy: IO[bytes] | None = None
        answer = bucket.get(key)
        self._size: int = answer["ContentLength"]
        self._etag: str | None = answer.get("ETag")
        self._body: Any = answer["Body"]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        position = max(0, begin + offset)
        if position != self._position:
            self._leave()
            self._position = position
        return position

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        if self._position >= self._size:
            return 0
        piece = self._read(len(buffer))
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def fileno(self) -> int:
        """Of a copy on disk: another process can be given nothing else."""
        if self._copy is None:
            self._copy = TemporaryFile()  # noqa: SIM115 - closed with the stream
            self.seek(0)
            while piece := self.read(_CHUNK):
                self._copy.write(piece)
            self._copy.seek(0)
        return self._copy.fileno()

    def close(self) -> None:
        self._leave()
        if self._copy is not None:
            self._copy.close()
        super().close()

    def _read(self, size: int) -> bytes:
        for _ in range(TRIES):
            if self._body is None:
                answer = self._bucket.get(self._key, start=self._position, etag=self._etag)
                self._body = answer["Body"]
            try:
                piece: bytes = self._body.read(size)
            except BotoCoreError:
                piece = b""
            if piece:
                return piece
            self._leave()
        raise StoreUnavailable

    def _leave(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
