"""Starts the process, one a document: a bounded number at a time, for a bounded time."""

import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import orjson

from otsp_chassis import log
from otsp_chassis.fonts import find_chinese_font
from otsp_chassis.problems import Unavailable

AT_ONCE = 2
PATIENCE_SECONDS = 10.0
RUN_SECONDS = 20.0
_turns = threading.BoundedSemaphore(AT_ONCE)
_log = log.get_logger()


class DocumentFontMissing(Unavailable):
    slug: ClassVar[str] = "document-font-missing"
    title: ClassVar[str] = "No Chinese font for documents"
    detail_zh: ClassVar[str] = (
        "服务器上没有中文字体，暂时不能生成 PDF；请联系运维人员安装软件包 fonts-wqy-microhei"
        "（或 fonts-noto-cjk）。可先下载验证文件，效力相同。"
    )


class TypesetterUnavailable(Unavailable):
    slug: ClassVar[str] = "typesetter-unavailable"
    title: ClassVar[str] = "Documents cannot be made now"
    detail_zh: ClassVar[str] = "暂时不能生成 PDF，请稍后重试。可先下载验证文件，效力相同。"


def typeset(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF; `data` is the template's `sys.inputs.data`, `at` the moment that it bears.

    Call it outside any transaction.
    """
    font = find_chinese_font()
    if font is None:
        raise DocumentFontMissing
    task = {"template": template, "data": data, "font": str(font), "at": int(at.timestamp())}
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        raise TypesetterUnavailable
    try:
        return _run(orjson.dumps(task))
    finally:
        _turns.release()


def _run(task: bytes) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "otsp_chassis.typesetting.program"],
            input=task, capture_output=True, env={}, cwd="/", timeout=RUN_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        _log.error("document_not_typeset_in_time")
        raise TypesetterUnavailable from error
    if done.returncode != 0:
        _log.error("document_not_typeset", status=done.returncode)
        raise TypesetterUnavailable
    return done.stdout
