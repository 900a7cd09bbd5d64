"""ZIP archives as streams: written member by member, of which one piece is in memory.

Members are stored, not packed: documents, pictures and films are packed already.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from otsp_chassis import clock

ZIP = "application/zip"
_READABLE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the archive; `size` is what it is expected to have, in bytes."""

    name: str
    size: int
    chunks: Iterable[bytes]


class _Outlet:
    """What the archive is written to; it cannot be sought, so sizes follow their members."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Pieces are taken, not pushed."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """The bytes of the archive; each member is asked for when those before it are written."""
    outlet = _Outlet()
    with ZipFile(outlet, "w", ZIP_STORED) as archive:
        for member in members:
            with archive.open(_head(member), "w") as entry:
                for chunk in member.chunks:
                    entry.write(chunk)
                    yield outlet.taken()
            yield outlet.taken()
    yield outlet.taken()


def _head(member: Member) -> ZipInfo:
    """With the hour of the day in China: an archive knows no zone."""
    head = ZipInfo(member.name, clock.business_now().astimezone(clock.SHANGHAI).timetuple()[:6])
    head.file_size, head.external_attr = member.size, _READABLE
    return head
