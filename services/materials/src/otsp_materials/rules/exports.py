"""What an export of the list tells of itself."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

MOST_ATTEMPTS = 3
"""Whoever wrote it may have been stopped in the middle; then it begins again."""

MESSAGES_ZH: Mapping[str, str] = {
    "failed": "导出没有成功，请重新导出；仍不成功的，请联系平台运维人员。",
    "expired": "导出的文件已超过保存时间，平台已删除，请重新导出。",
}
"""By state; the others ask nothing of the user."""


MOST_BYTES = 10 * 2**30
"""Of the files in one archive; more are asked for in parts, by the filters."""

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_LONGEST_TITLE = 80


def content_name(number: int, title: str | None, version_no: int | None, *, suffix: str) -> str:
    """Where a content lies in the archive: safe on every system, and no other's by its number."""
    words = _UNSAFE.sub("_", unicodedata.normalize("NFC", title or "未命名"))
    shown = words[:_LONGEST_TITLE].strip(" .") or "未命名"
    edition = f"-第{version_no}版" if version_no is not None else ""
    return f"附件/{number:05}-{shown}{edition}{suffix}"


def in_gigabytes(size: int) -> str:
    return f"{size / 2**30:.1f} GB"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """How far an export is; `files_…` are of an archive.

    `file_id` stands while there is a file, `message` is Chinese.
    """

    export_id: UUID
    format: str
    filters: dict[str, Any]
    state: str
    rows_done: int
    rows_total: int | None
    files_done: int
    files_total: int | None
    requested_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    file_id: UUID | None
    message: str | None
