"""Pages of attachments as pictures: drawn in a confined process, kept a day, marked for reviewers.

A mark says who looked and when, all over the picture (domain specification §5.3: 「watermark view
only」). Every mark is a picture of its own, so none is ever shown to somebody else.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path, PurePosixPath
from time import perf_counter
from typing import BinaryIO, ClassVar

from otsp_chassis import clock, metrics
from otsp_chassis.confined import running
from otsp_chassis.confined.findings import Refused
from otsp_chassis.context import current_runtime
from otsp_chassis.files import AttachmentInfo, preview_prefix
from otsp_chassis.fonts import find_chinese_font
from otsp_chassis.http import Download
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound, Problem, Unavailable

KEPT_FOR = timedelta(days=1)
_MOST_OF_A_PICTURE = 8 * 1024 * 1024


class NoPreview(NotFound):
    slug: ClassVar[str] = "file-has-no-preview"
    title: ClassVar[str] = "The file cannot be shown as a picture"
    detail_zh: ClassVar[str] = (
        "该文件不能预览：只有能正常打开的 PDF 和图片可以预览，设有密码或已损坏的请机构重新上传。"
    )


class NoSuchPage(NotFound):
    slug: ClassVar[str] = "preview-no-such-page"
    title: ClassVar[str] = "The file has no such page"
    detail_zh: ClassVar[str] = "文件没有这一页，页数见文件信息中的 pages。"


class FontMissing(Unavailable):
    slug: ClassVar[str] = "watermark-font-missing"
    title: ClassVar[str] = "No Chinese font for the watermark"
    detail_zh: ClassVar[str] = (
        "服务器上没有中文字体，不能生成带水印的预览；请联系运维人员安装软件包 "
        "fonts-wqy-microhei，或以 OTSP_WATERMARK_FONT 指定字体文件。"
    )


def mark_of(principal: Principal) -> str | None:
    """None for the institution itself; it sees its files as they are.

    The day is the true one, as in the trail, whatever a demonstration pretends.
    """
    if principal.authority is None:
        return None
    day = clock.now().astimezone(clock.SHANGHAI).date()
    who = principal.authority.name or principal.authority.region_code
    return f"{who} {principal.account_id.hex[-8:]} {day}"


def preview(
    info: AttachmentInfo, stream: BinaryIO, *, page: int, width: int, mark: str | None
) -> Download:
    """One page as JPEG; call it outside any transaction.

    Raises NoPreview, NoSuchPage, FontMissing, FileTooComplex or OpenerUnavailable.
    """
    digest = hashlib.sha256((mark or "").encode()).hexdigest()[:16]
    key = f"{preview_prefix(info.file_id)}-{page}-{width}-{digest}"
    with stream, _timed() as outcome:
        if info.pages is None:
            raise NoPreview
        if page > info.pages:
            raise NoSuchPage
        picture = _kept(key)
        outcome.append("drawn" if picture is None else "kept")
        if picture is None:
            picture = _drawn(info, stream, page=page, width=width, mark=mark)
            current_runtime().blobs.write(key, iter([picture]))
    return Download(
        stream=BytesIO(picture),
        name=f"{PurePosixPath(info.name).stem}-{page}.jpg",
        content_type="image/jpeg",
        size=len(picture),
        sha256=hashlib.sha256(picture).hexdigest(),
    )


def forget_old() -> None:
    """Marks name a day; the next one nobody asks for them any more."""
    current_runtime().blobs.forget("previews", before=clock.now() - KEPT_FOR)


def _kept(key: str) -> bytes | None:
    try:
        with current_runtime().blobs.open(key) as kept:
            return kept.read()
    except FileNotFoundError:
        return None


def _drawn(
    info: AttachmentInfo, stream: BinaryIO, *, page: int, width: int, mark: str | None
) -> bytes:
    font = "" if mark is None else str(_font())
    try:
        return running.run(
            "draw",
            stream,
            answer_bytes=_MOST_OF_A_PICTURE,
            content_type=info.content_type,
            page=page,
            width=width,
            mark=mark,
            font=font,
        )
    except Refused as refused:
        raise (NoSuchPage if refused.reason == NoSuchPage.slug else NoPreview) from refused


def _font() -> Path:
    found = find_chinese_font()
    if found is None:
        raise FontMissing
    return found


@contextmanager
def _timed() -> Iterator[list[str]]:
    """Counted by what the caller notes last; a refusal and a failure are noted here."""
    began, noted = perf_counter(), ["failed"]
    try:
        yield noted
    except Problem as problem:
        noted.append("failed" if problem.status >= 500 else "refused")
        raise
    finally:
        outcome = noted[-1]
        seconds = perf_counter() - began
        metrics.PREVIEWS.labels(current_runtime().service, outcome).observe(seconds)
