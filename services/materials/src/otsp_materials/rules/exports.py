"""What an export of the list tells of itself."""

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


@dataclass(frozen=True, slots=True)
class ExportRow:
    """How far an export is. `file_id` stands while there is a file, `message` is Chinese."""

    export_id: UUID
    format: str
    filters: dict[str, Any]
    state: str
    rows_done: int
    rows_total: int | None
    requested_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    file_id: UUID | None
    message: str | None
