"""The list with its files: a ZIP of every material's content, and a workbook that says which is
which. Of the files one piece is in memory; the rows wait in a folder until the files are written.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import orjson
from sqlalchemy import Select

from otsp_chassis.cursors import streamed
from otsp_chassis.db import reading
from otsp_chassis.exports.listed import Note
from otsp_chassis.files import TYPES, chunks_of, open_attachment
from otsp_chassis.problems import NotFound
from otsp_chassis.sheets import Column, Kind, Row, Sheet, write_workbook
from otsp_chassis.zipped import Member, zipped
from otsp_materials.rules.exports import content_name

MANIFEST_ZH = "附件清单"
MANIFEST = (
    Column("序号", Kind.INTEGER, width=8),
    Column("材料名称", width=32),
    Column("版次", Kind.INTEGER, width=6),
    Column("文件", width=48),
    Column("大小（字节）", Kind.INTEGER),
    Column("SHA-256", width=66),
    Column("说明", width=32),
)
_GONE = "文件已不在平台，未能导出"
_DIFFERS = "文件内容与登记的摘要不一致，请核对"
_PIECE = 256 * 1024
_TOLD_EVERY = 20

Content = Mapping[str, Any]
"""One file of the list, as it waits in the folder."""


@dataclass(frozen=True, slots=True)
class Archive:
    """`query` gives `columns` (a title and a version_no among them), then the file's id, type,
    size and digest, which are null where there is none.
    """

    institution_id: UUID
    query: Select[Any]
    name: str
    columns: Mapping[str, Column]
    folder: Path

    def chunks(self, note: Note) -> Iterator[bytes]:
        """The rows are of one instant; a file that is gone since then is told in the manifest."""
        with self._path("rows").open("wb") as rows, self._path("contents").open("wb") as contents:
            row_count, file_count = self._gather(rows, contents, note)
        note(files_total=file_count)
        yield from zipped(self._members(row_count, file_count, note))

    def _gather(self, rows: BinaryIO, contents: BinaryIO, note: Note) -> tuple[int, int]:
        done = files = 0
        with streamed(self.query) as found:
            note(rows_total=found.count)
            for page in found.pages:
                for row in page:
                    listed, content = row[: len(self.columns)], row[len(self.columns) :]
                    _put(rows, listed)
                    if content[0] is not None:
                        files += 1
                        _put(contents, self._content(files, listed, content))
                done += len(page)
                note(rows_done=done)
        return done, files

    def _content(self, number: int, listed: Sequence[Any], content: Sequence[Any]) -> Content:
        file_id, content_type, size, sha256 = content
        told = dict(zip(self.columns, listed, strict=True))
        return {
            "number": number,
            "title": told["title"],
            "version_no": told["version_no"],
            "file_id": file_id,
            "suffix": TYPES[content_type][0] if content_type in TYPES else "",
            "size": size,
            "sha256": None if sha256 is None else sha256.hex(),
        }

    def _members(self, row_count: int, file_count: int, note: Note) -> Iterator[Member]:
        with self._path("told").open("wb") as told:
            for content in _lines(self._path("contents")):
                yield from self._file(content, told)
                if content["number"] % _TOLD_EVERY == 0:
                    note(files_done=content["number"])
        note(files_done=file_count)
        book = self._path("book.xlsx")
        listed = Sheet(self.name, tuple(self.columns.values()), self._listed(), row_count)
        manifest = Sheet(MANIFEST_ZH, MANIFEST, _lines(self._path("told")), file_count)
        write_workbook(book, [listed, manifest])
        yield Member(f"{self.name}.xlsx", book.stat().st_size, chunks_of(book))

    def _file(self, content: Content, told: BinaryIO) -> Iterator[Member]:
        """One member or none; what became of it is told when it has been written."""
        stream = self._opened(UUID(content["file_id"]))
        name = remark = None
        if stream is None:
            remark = _GONE
        else:
            title, version_no = content["title"], content["version_no"]
            name = content_name(content["number"], title, version_no, suffix=content["suffix"])
            digest = hashlib.sha256()
            with stream:
                yield Member(name, content["size"] or 0, _hashed(stream, digest.update))
            remark = None if digest.hexdigest() == content["sha256"] else _DIFFERS
        shown = (content[each] for each in ("number", "title", "version_no"))
        _put(told, (*shown, name, content["size"], content["sha256"], remark))

    def _opened(self, file_id: UUID) -> BinaryIO | None:
        try:
            with reading() as tx:
                return open_attachment(tx, self.institution_id, file_id)[1]
        except (NotFound, FileNotFoundError):
            return None

    def _listed(self) -> Iterator[Row]:
        """The rows again, their days as days."""
        days = [column.kind is Kind.DATE for column in self.columns.values()]
        for row in _lines(self._path("rows")):
            yield [
                date.fromisoformat(value) if is_day and value is not None else value
                for is_day, value in zip(days, row, strict=True)
            ]

    def _path(self, name: str) -> Path:
        return self.folder / name


def _put(spool: BinaryIO, line: object) -> None:
    value = line if isinstance(line, dict) else list(line)  # type: ignore[call-overload]
    spool.write(orjson.dumps(value) + b"\n")


def _lines(path: Path) -> Iterator[Any]:
    with path.open("rb") as spool:
        for line in spool:
            yield orjson.loads(line)


def _hashed(stream: BinaryIO, update: Callable[[bytes], object]) -> Iterator[bytes]:
    for piece in iter(partial(stream.read, _PIECE), b""):
        update(piece)
        yield piece
