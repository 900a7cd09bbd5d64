"""What a store of bytes promises, whichever it is."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, ClassVar, Protocol

from otsp_chassis.ids import new_id
from otsp_chassis.problems import Unavailable

Approve = Callable[[Path], None]


class StoreUnavailable(Unavailable):
    slug: ClassVar[str] = "store-unavailable"
    title: ClassVar[str] = "The store of files does not answer"
    detail_zh: ClassVar[str] = "文件存储服务暂时不可用，文件未保存或不能打开，请稍后重试。"


@dataclass(frozen=True, slots=True)
class Blob:
    """What a listing tells."""

    key: str
    size: int
    written_at: datetime


class BlobStore(Protocol):
    """Bytes by key. A key is a name, or a prefix of several parts and a name.

    Every method of a store over the network raises StoreUnavailable while it does not answer, after
    a bounded time.
    """

    def write(self, key: str, chunks: Iterator[bytes], *, approve: Approve | None = None) -> None:
        """All chunks or nothing: a partial file never appears under its key.

        Neither does one that `approve`, given the whole file, raises about. Only for it the file is
        on a disk of this machine first.
        """

    def open(self, key: str) -> BinaryIO:
        """A stream that can seek; raises FileNotFoundError for a key that was never written."""

    def size_of(self, key: str) -> int | None:
        """None for a key that was never written."""

    def erase(self, key: str) -> None:
        """What is not there is erased already."""

    def erase_beginning(self, key: str) -> None:
        """Everything whose key begins so."""

    def forget(self, prefix: str, *, before: datetime) -> int:
        """Delete what was written below this prefix before then; returns how many."""

    def keys(self, *, before: datetime) -> Iterator[str]:
        """Keys without a prefix that were written before then, and what broken writes left."""

    def contents(self, prefix: str = "") -> Iterator[Blob]:
        """Everything below a prefix, prefixes of it included; in no order."""


def probe(store: BlobStore) -> None:
    """Write a few bytes, read them back and erase them.

    Raises OSError or StoreUnavailable when any of it cannot be done.
    """
    key, told = f"probe-{new_id().hex}", new_id().bytes
    store.write(key, iter([told]))
    try:
        with closing(store.open(key)) as stream:
            if stream.read() != told:
                raise OSError("the store gives back other bytes than it was given")
    finally:
        store.erase(key)
