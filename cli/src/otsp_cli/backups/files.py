"""The store's files, between the platform and the pool of a place."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO

import orjson
import psycopg

from otsp_chassis.blobs import BlobStore, open_store
from otsp_chassis.settings import StoreSettings
from otsp_cli.backups.cut import Cut, Snapshot
from otsp_cli.backups.hashing import Hashed, pieces, sha256_of
from otsp_cli.backups.manifest import Kept
from otsp_cli.backups.places import Place

INDEX = "files.jsonl"
SHARED = "claims"
"""What services hand to each other: in the store that all of them see."""
PREFIXES = ("imports", "open-data")
"""Of a service's store, beside what `attachment` names; previews are drawn again when asked for."""
_NAMED = (
    "SELECT storage_key, size, encode(sha256, 'hex') FROM attachment WHERE deleted_at IS NULL"
    " ORDER BY file_id"
)
_STILL_NAMED = "SELECT 1 FROM attachment WHERE storage_key = %s AND deleted_at IS NULL"
_PAGE = 2_000
_MOST_TOLD = 1_000


class Altered(ValueError):
    """The bytes are not those that the row, or the index, tells of."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index. `sha256` in hex."""

    service: str
    key: str
    size: int
    sha256: str


@dataclass(slots=True)
class Copying:
    """Copies while its lines are taken, and counts."""

    settings: StoreSettings
    place: Place
    cut: Cut
    urls: Mapping[str, str]
    files: int = 0
    size: int = 0
    copied: int = 0
    erased_since: int = 0
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[bytes]:
        for service, snapshot in self.cut.snapshots.items():
            store, pool = open_store(self.settings, service), self.place.pool(service)
            for entry in _named(service, snapshot):
                if self._copy(store, pool, entry):
                    yield _line(entry)
            for prefix in PREFIXES:
                yield from self._copy_found(store, service, prefix)
        yield from self._copy_found(open_store(self.settings), SHARED, SHARED)

    def kept(self, index: Hashed) -> Kept:
        return Kept(
            files=self.files,
            bytes=self.size,
            copied=self.copied,
            erased_since=self.erased_since,
            missing=self.missing[:_MOST_TOLD],
            altered=self.altered[:_MOST_TOLD],
            index=index.file(INDEX),
        )

    def _copy(self, store: BlobStore, pool: BlobStore, entry: Entry) -> bool:
        if pool.size_of(entry.key) != entry.size:
            try:
                with closing(store.open(entry.key)) as stream:
                    pool.write(entry.key, proved(stream, entry))
            except FileNotFoundError:
                self._note_missing(entry)
                return False
            except Altered:
                self.altered.append(f"{entry.service}/{entry.key}")
                return False
            self.copied += 1
        self._count(entry)
        return True

    def _copy_found(self, store: BlobStore, service: str, prefix: str) -> Iterator[bytes]:
        """What only a listing names. It is short-lived: what is gone by now is not missed."""
        pool = self.place.pool(service)
        for blob in store.contents(prefix):
            try:
                with closing(store.open(blob.key)) as stream:
                    passing = Hashed(pieces(stream))
                    pool.write(blob.key, iter(passing))
            except FileNotFoundError:
                continue
            told = passing.file(blob.key)
            entry = Entry(service, told.name, told.size, told.sha256)
            self.copied += 1
            self._count(entry)
            yield _line(entry)

    def _note_missing(self, entry: Entry) -> None:
        """No loss if the row was let go of since; the live database knows."""
        with psycopg.connect(self.urls[entry.service]) as live:
            if live.execute(_STILL_NAMED, [entry.key]).fetchone() is None:
                self.erased_since += 1
            else:
                self.missing.append(f"{entry.service}/{entry.key}")

    def _count(self, entry: Entry) -> None:
        self.files += 1
        self.size += entry.size


def entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    for line in lines:
        yield Entry(**orjson.loads(line))


def put_back(settings: StoreSettings, place: Place, index: Iterable[Entry]) -> Iterator[Entry]:
    """Each file that the platform's store has not; yields all as they are there."""
    stores: dict[str, tuple[BlobStore, BlobStore]] = {}
    for entry in index:
        if entry.service not in stores:
            own = None if entry.service == SHARED else entry.service
            stores[entry.service] = open_store(settings, own), place.pool(entry.service)
        store, pool = stores[entry.service]
        if store.size_of(entry.key) != entry.size:
            with closing(pool.open(entry.key)) as stream:
                store.write(entry.key, proved(stream, entry))
        yield entry


def faults(place: Place, index: Iterable[Entry], *, is_deep: bool) -> Iterator[str]:
    for entry in index:
        pool, name = place.pool(entry.service), f"{entry.service}/{entry.key}"
        size = pool.size_of(entry.key)
        if size is None:
            yield f"{name} is missing"
        elif size != entry.size:
            yield f"{name} has {size} bytes, not {entry.size}"
        elif is_deep:
            with closing(pool.open(entry.key)) as stream:
                if sha256_of(stream) != entry.sha256:
                    yield f"{name} is not what was copied"


def proved(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """Its bytes; raises Altered at the end of others, so that they are not kept."""
    passing = Hashed(pieces(stream))
    yield from passing
    told = passing.file(entry.key)
    if (told.size, told.sha256) != (entry.size, entry.sha256):
        raise Altered(entry.key)


def _named(service: str, snapshot: Snapshot) -> Iterator[Entry]:
    with snapshot.reader.cursor("named_files") as cursor:
        cursor.itersize = _PAGE
        for key, size, sha256 in cursor.execute(_NAMED):
            yield Entry(service, key, size, sha256)


def _line(entry: Entry) -> bytes:
    return orjson.dumps(entry) + b"\n"
