"""Bytes on their way, counted and hashed."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO

from otsp_cli.backups.manifest import File

_CHUNK = 1024 * 1024


class Hashed:
    """Passes chunks on; `file` is true once all have passed."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._digest = hashlib.sha256()
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._digest.update(chunk)
            self._size += len(chunk)
            yield chunk

    def file(self, name: str) -> File:
        return File(name, self._size, self._digest.hexdigest())


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    return iter(partial(stream.read, _CHUNK), b"")


def sha256_of(stream: BinaryIO) -> str:
    passing = Hashed(pieces(stream))
    for _ in passing:
        pass
    return passing.file("").sha256
