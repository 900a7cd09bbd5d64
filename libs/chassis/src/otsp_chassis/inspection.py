"""What an upload must be beyond its first bytes: one thing, of bounded size when opened, no macros.

Nothing of it is parsed here: `confined` opens it. A damaged PDF or image that cannot be opened is
kept as it is, without pages; what has a password is refused, and archives and documents are.
"""

import json
from pathlib import Path
from typing import ClassVar

from otsp_chassis.confined import running
from otsp_chassis.confined.findings import Refused
from otsp_chassis.problems import Problem
from otsp_chassis.settings import ServiceSettings

MB = 1024 * 1024
_MOST_OF_AN_ANSWER = 1_000
_NEVER_OPENED = frozenset({"video/mp4"})


class FileRefused(Problem):
    """A file that is not taken for what it holds."""

    status: ClassVar[int] = 422
    slug: ClassVar[str] = "file-refused"
    title: ClassVar[str] = "The file is not taken"
    detail_zh: ClassVar[str] = "该文件不能上传，请更换后重新上传。"


class ContentDiffers(FileRefused):
    slug = "file-content-differs"
    title = "The file's content is not what its type says"
    detail_zh = "文件内容与所声明的类型不符，请上传 pdf、jpg、png、docx、xlsx、mp4 或 zip 原文件。"


class TwoThings(FileRefused):
    slug = "file-is-two-things"
    title = "The file is of two types at once"
    detail_zh = "文件中夹带了另一种格式的内容，请将原件重新扫描或另存为 PDF、图片后上传。"


class TooManyPages(FileRefused):
    slug = "file-too-many-pages"
    title = "The document has too many pages"
    detail_zh = "PDF 页数超过限制，请拆分为几个文件后上传。"


class TooManyPixels(FileRefused):
    slug = "file-too-many-pixels"
    title = "The image is too large"
    detail_zh = "图片的像素超过限制，请缩小尺寸后上传。"


class UnpacksTooLarge(FileRefused):
    slug = "file-unpacks-too-large"
    title = "The file unpacks to too much"
    detail_zh = "文件解压后的大小或其中的文件数超过限制，请拆分后上传。"


class HasMacros(FileRefused):
    slug = "file-has-macros"
    title = "The file holds macros"
    detail_zh = "文件中含有宏或控件，请另存为不含宏的 docx、xlsx 文件后上传。"


class HasActiveContent(FileRefused):
    slug = "file-has-active-content"
    title = "The file acts by itself, or brings or fetches other files"
    detail_zh = (
        "文件中含有脚本、附件、嵌入对象或外部链接，请去除后另存，或重新打印为 PDF 后再上传。"
    )


class UnsafeArchive(FileRefused):
    slug = "file-archive-unsafe"
    title = "The archive holds what cannot be looked at"
    detail_zh = "压缩包设有密码、含有另一个压缩包或含有不安全的路径，请解密、展开后重新压缩再上传。"


class Unreadable(FileRefused):
    slug = "file-unreadable"
    title = "The file cannot be opened"
    detail_zh = "文件已损坏或设有密码，无法打开，请用能正常打开的原文件重新上传。"


_BY_REASON = {
    each.slug: each
    for each in (
        ContentDiffers, TwoThings, TooManyPages, TooManyPixels, UnpacksTooLarge, HasMacros,
        HasActiveContent, UnsafeArchive, Unreadable,
    )
}  # fmt: skip


def is_opened(content_type: str) -> bool:
    """Whether files of this type are looked into, so must be on a disk of this machine."""
    return content_type not in _NEVER_OPENED


def inspected(path: Path, content_type: str, settings: ServiceSettings) -> int | None:
    """The pages that can be shown of it; 1 for an image, None for all else.

    Raises one of the above, FileTooComplex or OpenerUnavailable.
    """
    if not is_opened(content_type):
        return None
    limits: dict[str, int] = {
        "pages": settings.pdf_max_pages,
        "pixels": settings.image_max_megapixels * 1_000_000,
        "unpacked_bytes": settings.archive_max_unpacked_mb * MB,
        "entries": settings.archive_max_entries,
    }
    try:
        with path.open("rb") as stream:
            found = running.run(
                "inspect",
                stream,
                answer_bytes=_MOST_OF_AN_ANSWER,
                content_type=content_type,
                **limits,
            )
    except Refused as refused:
        raise _BY_REASON[refused.reason](limits=limits) from refused
    pages: int | None = json.loads(found)["pages"]
    return pages
