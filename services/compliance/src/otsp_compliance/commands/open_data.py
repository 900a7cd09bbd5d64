"""Publishes the register and the lists as files, once a business day, and keeps the last days.

The bytes are written first, under a name of the day; the rows that publish them come together
in one transaction. Whoever is cut off between the two makes them again.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

import orjson
from sqlalchemy import Row, Select, delete

from otsp_chassis import clock
from otsp_chassis.context import current_runtime
from otsp_chassis.cursors import Stream, streamed
from otsp_chassis.db import reading, transaction
from otsp_chassis.files import chunks_of
from otsp_chassis.sheets import CSV, Column, Kind, write_csv
from otsp_compliance.model import OpenDataFile
from otsp_compliance.queries import open_data
from otsp_compliance.rules.codes import CODES_ZH
from otsp_compliance.settings import current_settings
from otsp_contracts import regions

JSON: Final = "application/json"
_WORDS: Final = {**CODES_ZH, "other": "其他", "grey": "灰名单（预警）", "black": "黑名单"}
_WORDS_OF_LISTS: Final = {**_WORDS, "closed": "已注销"}


def _place(region_code: str) -> str:
    known = regions.find_region(region_code)
    return regions.full_name(region_code) if known is not None else region_code


_REGISTER: Final = {
    "institution_id": Column("机构编号", tell=str),
    "name": Column("机构名称"),
    "uscc": Column("统一社会信用代码"),
    "licence_no": Column("办学许可证编号"),
    "licence_valid_to": Column("许可证有效期至", Kind.DATE),
    "region_code": Column("所在地", tell=_place),
    "categories": Column("培训类别", Kind.CODES, labels=_WORDS),
    "nonsubject_types": Column("非学科类别", Kind.CODES, labels=_WORDS),
    "delivery_modes": Column("培训方式", Kind.CODES, labels=_WORDS),
    "stages": Column("培训对象", Kind.CODES, labels=_WORDS),
    "approved_on": Column("审核通过日期", Kind.DATE),
}
_LISTS: Final = {
    "list_entry_id": Column("条目编号", tell=str),
    "list_type": Column("名单", labels=_WORDS_OF_LISTS),
    "institution_id": Column("机构编号", tell=str),
    "name": Column("名称"),
    "uscc": Column("统一社会信用代码"),
    "region_code": Column("所在地", tell=_place),
    "reason": Column("原因"),
    "basis_doc": Column("依据文件"),
    "from_on": Column("起始日期", Kind.DATE),
    "to_on": Column("截止日期", Kind.DATE),
    "authority_name": Column("列入部门"),
}


@dataclass(frozen=True, slots=True)
class _Written:
    """A file in the folder at hand."""

    name: str
    content_type: str
    rows: int
    path: Path


def publish_today() -> None:
    """Once a day; what is there already stays as it was fetched."""
    today = clock.today()
    with reading() as tx:
        if any(published.day == today for published in open_data.tell_manifest(tx).items):
            return
    with TemporaryDirectory(prefix="otsp-open-data-") as folder:
        written = [
            *_write(Path(folder), "register", open_data.registered(), columns=_REGISTER),
            *_write(Path(folder), "lists", open_data.listed(today), columns=_LISTS),
        ]
        rows = [_kept(today, each) for each in written]
    with transaction() as tx:
        tx.add_all(rows)


def forget_old() -> None:
    """Rows first: what is no longer told of is no longer asked for."""
    first_kept = clock.today() - timedelta(days=current_settings().open_data_days - 1)
    with transaction() as tx:
        old = open_data.days_before(tx, first_kept)
        tx.execute(delete(OpenDataFile).where(OpenDataFile.day < first_kept))
    for day, name in old:
        current_runtime().blobs.erase(_key(day, name))


def open_published(day: date, name: str) -> BinaryIO:
    return current_runtime().blobs.open(_key(day, name))


def _write(
    folder: Path, name: str, query: Select[Any], *, columns: dict[str, Column]
) -> list[_Written]:
    """Both forms of one instant: the JSON is written as the rows of the CSV pass by."""
    as_csv, as_json = folder / f"{name}.csv", folder / f"{name}.json"
    with streamed(query) as found, as_json.open("wb") as stream:
        rows = _noted(found, stream, names=tuple(columns))
        write_csv(as_csv, rows, columns=tuple(columns.values()))
    return [
        _Written(as_csv.name, CSV, found.count, as_csv),
        _Written(as_json.name, JSON, found.count, as_json),
    ]


def _noted(found: Stream, stream: BinaryIO, *, names: Sequence[str]) -> Iterator[Row[Any]]:
    separator = b"[\n"
    for page in found.pages:
        for row in page:
            stream.write(separator + orjson.dumps(dict(zip(names, row, strict=True))))
            separator = b",\n"
            yield row
    stream.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


def _kept(day: date, written: _Written) -> OpenDataFile:
    with written.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    current_runtime().blobs.write(_key(day, written.name), chunks_of(written.path))
    return OpenDataFile(
        day=day,
        name=written.name,
        content_type=written.content_type,
        size=written.path.stat().st_size,
        sha256=digest.hexdigest(),
        rows=written.rows,
        made_at=clock.now(),
    )


def _key(day: date, name: str) -> str:
    return f"open-data/{day:%Y%m%d}-{name}"
