"""What an archive of materials holds."""

import re
import unicodedata

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
