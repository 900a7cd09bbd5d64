"""Attachments: streamed into the store, hashed and sniffed on the way, recorded in the database.

Before it is kept, a file is opened and looked at (`inspection`); docs/attachments.md.

A file is written under its own id before the transaction that records it; a row without commit
leaves an orphan file, never the reverse.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, ClassVar, cast
from uuid import UUID

import puremagic
from sqlalchemy import ColumnElement, insert, select, update

from otsp_chassis import clock, log, metrics
from otsp_chassis.clamd import scanned
from otsp_chassis.context import current_call, current_runtime
from otsp_chassis.db import Reader, Tx, reading, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.inspection import MB, ContentDiffers, FileRefused, inspected, is_opened
from otsp_chassis.problems import NotFound, Problem, TooLarge, UnsupportedMedia
from otsp_chassis.tables import attachment, export

_CHUNK = 256 * 1024
_HEAD = 4_096
ORPHANED_AFTER = timedelta(hours=24)
_BATCH = 1_000
_IS_KEY = re.compile("[0-9a-f]{32}")
_log = log.get_logger()

TYPES = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jfif"),
    "image/png": (".png",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx", ".zip"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx", ".zip"),
    "video/mp4": (".mp4", ".m4v"),
    "application/zip": (".zip",),
}
"""Accepted content types (domain specification §2.0, `file`) and what their bytes look like."""


class EmptyFile(FileRefused):
    slug = "file-empty"
    title = "The file is empty"
    detail_zh = "上传的文件是空的，请重新选择文件。"


class FileTooLarge(TooLarge):
    slug: ClassVar[str] = "file-too-large"
    title: ClassVar[str] = "The file is too large"
    detail_zh: ClassVar[str] = "文件超过大小限制，请压缩后重新上传。"


@dataclass(frozen=True, slots=True)
class AttachmentInfo:
    """What is known of a stored file; `sha256` in lower-case hex.

    `pages` are those that a preview can show; null where there is none.
    """

    file_id: UUID
    institution_id: UUID
    name: str
    content_type: str
    size: int
    sha256: str
    pages: int | None
    uploaded_at: datetime


def store_attachment(
    *, institution_id: UUID, name: str, content_type: str, stream: BinaryIO
) -> AttachmentInfo:
    """Take a file in: first its bytes, outside any transaction, then the row that records it.

    Raises UnsupportedMedia, EmptyFile, FileTooLarge or what `inspection` refuses, and where uploads
    are scanned FileInfected or ScannerUnavailable; nothing stays then.
    """
    file_id = new_id()
    try:
        intake = _taken_in(_key_of(file_id), stream, content_type)
    except Problem as refused:
        metrics.UPLOADS_REFUSED.labels(current_runtime().service, refused.slug).inc()
        raise
    call = current_call()
    told: dict[str, Any] = {
        "file_id": file_id,
        "institution_id": institution_id,
        "name": plain_name(name, content_type),
        "content_type": content_type,
        "size": intake.size,
        "pages": intake.pages,
    }
    kept = insert(attachment).values(
        **told,
        sha256=intake.digest.digest(),
        storage_key=_key_of(file_id),
        uploaded_by=call.principal.account_id if call and call.principal else None,
    )
    with transaction() as tx:
        uploaded_at = tx.scalar(kept.returning(attachment.c.uploaded_at))
    sha256 = intake.digest.hexdigest()
    return AttachmentInfo(**told, sha256=sha256, uploaded_at=cast("datetime", uploaded_at))


def plain_name(name: str, content_type: str) -> str:
    """The last part of a path, without invisible characters, ending as its content does."""
    seen = bare_name(name) or "未命名"
    ending = PurePosixPath(seen).suffix.lower()
    endings = TYPES[content_type]
    return seen if not ending or ending in endings else seen + endings[0]


def bare_name(name: str) -> str:
    """The last part of a path, without invisible characters; empty when nothing is left."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(each for each in last if not unicodedata.category(each).startswith("C"))
    return seen.strip(" .")


def find_by_name(
    tx: Reader, institution_id: UUID, names: Iterable[str]
) -> Mapping[str, Sequence[UUID]]:
    """The institution's own files that its data may name, by what they were called when they were
    uploaded. Of several with the same content the newest; so two are two different files.
    """
    columns = attachment.c
    made = select(1).where(export.c.export_id == columns.file_id).exists()
    query = select(columns.name, columns.sha256, columns.file_id).where(
        columns.institution_id == institution_id,
        columns.name.in_(set(names)),
        columns.deleted_at.is_(None),
        ~made,
    )
    found: dict[str, dict[bytes, UUID]] = {}
    for row in tx.execute(query.order_by(columns.file_id)):
        found.setdefault(row.name, {})[row.sha256] = row.file_id
    return {name: list(by_content.values()) for name, by_content in found.items()}


def find_attachment(tx: Reader, institution_id: UUID, file_id: UUID) -> AttachmentInfo | None:
    """The institution's own file that its data may name, or None: other institutions' files do not
    exist to it, and an export is erased after a day.
    """
    made = select(1).where(export.c.export_id == attachment.c.file_id).exists()
    return _found(tx, institution_id, file_id, ~made)


def _found(
    tx: Reader, institution_id: UUID, file_id: UUID, *conditions: ColumnElement[bool]
) -> AttachmentInfo | None:
    columns = attachment.c
    row = tx.execute(
        select(
            columns.file_id,
            columns.institution_id,
            columns.name,
            columns.content_type,
            columns.size,
            columns.sha256,
            columns.pages,
            columns.uploaded_at,
        ).where(
            columns.file_id == file_id,
            columns.institution_id == institution_id,
            columns.deleted_at.is_(None),
            *conditions,
        )
    ).first()
    if row is None:
        return None
    return AttachmentInfo(
        *row[:5], sha256=row.sha256.hex(), pages=row.pages, uploaded_at=row.uploaded_at
    )


def get_attachment(tx: Reader, institution_id: UUID, file_id: UUID) -> AttachmentInfo:
    """Raises NotFound for anybody else's."""
    info = _found(tx, institution_id, file_id)
    if info is None:
        raise NotFound
    return info


def open_attachment(
    tx: Reader, institution_id: UUID, file_id: UUID
) -> tuple[AttachmentInfo, BinaryIO]:
    """The file with its bytes; raises NotFound for anybody else's."""
    info = get_attachment(tx, institution_id, file_id)
    return info, current_runtime().blobs.open(_key_of(file_id))


def erase_attachments(institution_id: UUID) -> None:
    """All files of one owner, for good: first the bytes, then the rows lose their names.

    Whoever is interrupted begins again; a row is marked as deleted only when its bytes are gone.
    """
    theirs = (attachment.c.institution_id == institution_id) & attachment.c.deleted_at.is_(None)
    with transaction() as tx:
        keys = tx.scalars(select(attachment.c.storage_key).where(theirs).with_for_update()).all()
        for key in keys:
            _erase_bytes(key)
        tx.execute(update(attachment).where(theirs).values(deleted_at=clock.now(), name=""))


@dataclass(frozen=True, slots=True)
class Made:
    """A file that the platform itself made, so of any type and size; nobody finds it as yet."""

    file_id: UUID
    size: int
    sha256: bytes


def write_made(file_id: UUID, chunks: Iterable[bytes]) -> Made:
    """Its bytes, outside any transaction; `keep_made` records it.

    Whoever is interrupted between the two makes it again under the same id.
    """
    digest, size = hashlib.sha256(), 0

    def passing() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    current_runtime().blobs.write(_key_of(file_id), passing())
    return Made(file_id, size, digest.digest())


def keep_made(tx: Tx, made: Made, *, institution_id: UUID, name: str, content_type: str) -> None:
    """With the caller's change the file is there."""
    tx.execute(
        insert(attachment).values(
            file_id=made.file_id,
            institution_id=institution_id,
            name=name,
            content_type=content_type,
            size=made.size,
            sha256=made.sha256,
            storage_key=_key_of(made.file_id),
        )
    )


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from iter(partial(stream.read, _CHUNK), b"")


def erase_made(tx: Tx, file_id: UUID) -> None:
    """For good: the bytes at once, the row loses its name with the caller's change."""
    _erase_bytes(_key_of(file_id))
    erased = update(attachment).where(attachment.c.file_id == file_id)
    tx.execute(erased.values(deleted_at=clock.now(), name=""))


def erase_orphans() -> None:
    """Bytes whose row was never committed, a day after they were written: no upload takes so long.

    What has a row stays, named by something or not.
    """
    blobs = current_runtime().blobs
    aged = blobs.keys(before=clock.now() - ORPHANED_AFTER)
    count = 0
    while batch := set(islice(aged, _BATCH)):
        orphans = batch - _recorded(batch)
        for key in orphans:
            blobs.erase(key)
        count += len(orphans)
    if count:
        _log.info("orphans_erased", count=count)


def preview_prefix(file_id: UUID) -> str:
    """How the keys of all pictures of one file begin."""
    return f"previews/{_key_of(file_id)}"


def _erase_bytes(key: str) -> None:
    """Of a file and of all that was drawn of it."""
    current_runtime().blobs.erase(key)
    current_runtime().blobs.erase_beginning(f"previews/{key}")


def _recorded(keys: set[str]) -> set[str]:
    """Those of the keys that a row has; found by the rows' ids, which are indexed."""
    ids = [UUID(key[::-1]) for key in keys if _IS_KEY.fullmatch(key)]
    theirs = attachment.c.file_id.in_(ids) & attachment.c.deleted_at.is_(None)
    with reading() as tx:
        return set(tx.scalars(select(attachment.c.storage_key).where(theirs)))


def _taken_in(key: str, stream: BinaryIO, content_type: str) -> "_Intake":
    if content_type not in TYPES:
        raise UnsupportedMedia(accepted=sorted(TYPES))
    intake = _Intake(stream, content_type)
    approve = intake.inspect if is_opened(content_type) else None
    current_runtime().blobs.write(key, _judged(iter(intake)), approve=approve)
    return intake


def _judged(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """By the scanner, where there is one."""
    address = current_runtime().settings.clamd_address
    return chunks if address is None else scanned(chunks, address)


class _Intake:
    """An upload on its way in: judged by its first bytes, hashed and counted as it passes."""

    def __init__(self, stream: BinaryIO, content_type: str) -> None:
        self._stream = stream
        self._content_type = content_type
        self._settings = current_runtime().settings
        is_video = content_type == "video/mp4"
        self._max_mb = self._settings.video_max_mb if is_video else self._settings.file_max_mb
        self.digest = hashlib.sha256()
        self.size = 0
        self.pages: int | None = None

    def __iter__(self) -> Iterator[bytes]:
        chunk = self._stream.read(_CHUNK)
        if not chunk:
            raise EmptyFile
        _require_content(chunk[:_HEAD], self._content_type)
        while chunk:
            self.digest.update(chunk)
            self.size += len(chunk)
            if self.size > self._max_mb * MB:
                detail = f"文件超过大小限制（此类文件不超过 {self._max_mb} MB），请压缩后重新上传。"
                raise FileTooLarge(detail, max_bytes=self._max_mb * MB)
            yield chunk
            chunk = self._stream.read(_CHUNK)

    def inspect(self, path: Path) -> None:
        self.pages = inspected(path, self._content_type, self._settings)


def _require_content(head: bytes, content_type: str) -> None:
    try:
        looks_like = {match.extension for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        looks_like = set()
    if not looks_like & set(TYPES[content_type]):
        raise ContentDiffers(declared=content_type)


def _key_of(file_id: UUID) -> str:
    """Reversed, because a UUIDv7 begins with the time: folders then fill evenly."""
    return file_id.hex[::-1]
