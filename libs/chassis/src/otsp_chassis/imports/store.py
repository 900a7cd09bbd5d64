"""The files of an import: personal data of many, so they lie encrypted, and no list names them.

They are no attachments: nothing can refer to one, no authority sees one, and none outlives its day.
"""

import hashlib
import io
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import BinaryIO, ClassVar
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.clamd import scanned
from otsp_chassis.context import current_runtime
from otsp_chassis.files import EmptyFile, FileTooLarge
from otsp_chassis.imports.reading import REFUSALS_ZH
from otsp_chassis.pii import decrypt, encrypt
from otsp_chassis.problems import Problem

SWEPT_AFTER = timedelta(days=7)
_PREFIX = "imports"
MOST_BYTES = 20 * 1024 * 1024
_CHUNK = 256 * 1024
_PIECE = 1024 * 1024
_LENGTH_BYTES = 4
_PACKAGE = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


class NotAWorkbook(Problem):
    status: ClassVar[int] = 422
    slug: ClassVar[str] = "import-not-a-workbook"
    title: ClassVar[str] = "The file is not a workbook that can be imported"
    detail_zh: ClassVar[str] = REFUSALS_ZH["damaged"]


def take_in(stream: BinaryIO) -> bytes:
    """An upload, whole: it is bounded. What it holds is judged later, by a process of its own.

    Raises EmptyFile, FileTooLarge, NotAWorkbook, and where uploads are scanned FileInfected or
    ScannerUnavailable.
    """
    chunks = _bounded(iter(partial(stream.read, _CHUNK), b""))
    address = current_runtime().settings.clamd_address
    content = b"".join(chunks if address is None else scanned(chunks, address))
    if not content:
        raise EmptyFile
    if content.startswith(_OLE):
        raise NotAWorkbook(REFUSALS_ZH["encrypted"])
    if not content.startswith(_PACKAGE):
        raise NotAWorkbook
    return content


def keep(import_id: UUID, part: str, stream: BinaryIO) -> None:
    """`part` is `upload` or `report`; a second one takes the place of the first."""
    current_runtime().blobs.write(_key(import_id, part), _sealed(stream))


def fetch(import_id: UUID, part: str) -> bytes:
    """Raises FileNotFoundError when it is erased."""
    with current_runtime().blobs.open(_key(import_id, part)) as stream:
        return b"".join(_opened(stream))


def erase(import_id: UUID) -> None:
    for part in ("upload", "report"):
        current_runtime().blobs.erase(_key(import_id, part))


def sweep() -> None:
    """Whatever was written so long ago, whoever left it; no import lasts until then."""
    current_runtime().blobs.forget(_PREFIX, before=clock.now() - SWEPT_AFTER)


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def as_stream(content: bytes) -> tuple[BinaryIO, str]:
    """What a download needs of it: the bytes, and their SHA-256 in hex."""
    return io.BytesIO(content), digest(content).hex()


def _sealed(stream: BinaryIO) -> Iterator[bytes]:
    """Piece by piece, each with its place and after its length."""
    for place, piece in enumerate(iter(partial(stream.read, _PIECE), b"")):
        sealed = bytes(encrypt(f"{place}:{b64encode(piece).decode()}"))
        yield len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed


def _opened(stream: BinaryIO) -> Iterator[bytes]:
    place = 0
    while length := int.from_bytes(stream.read(_LENGTH_BYTES), "big"):
        told, _, piece = decrypt(stream.read(length)).partition(":")
        if told != str(place):
            message = "a piece is not in its place"
            raise ValueError(message)
        place += 1
        yield b64decode(piece)


def _bounded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise FileTooLarge(max_bytes=MOST_BYTES)
        yield chunk


def _key(import_id: UUID, part: str) -> str:
    return f"{_PREFIX}/{import_id.hex[::-1]}-{part}"
