"""Starts the process, one a file: a bounded number at a time, for a bounded time, with no secrets.

It gets the file as its standard input, an empty environment, and a file of limited size to answer
into; not a byte of what it opens is ever parsed on this side.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from tempfile import TemporaryFile
from typing import Any, BinaryIO, ClassVar

from otsp_chassis import log
from otsp_chassis.confined.findings import Refused
from otsp_chassis.problems import Problem, Unavailable

AT_ONCE = 2
PATIENCE_SECONDS = 10.0
RUN_SECONDS = 20.0
"""Twice the processor time that it has: the rest is waiting for a processor."""
_REFUSED, _NOT_CONFINED = 3, 4
_turns = threading.BoundedSemaphore(AT_ONCE)
_log = log.get_logger()


class FileTooComplex(Problem):
    status: ClassVar[int] = 422
    slug: ClassVar[str] = "file-too-complex"
    title: ClassVar[str] = "The file takes too much to open"
    detail_zh: ClassVar[str] = (
        "文件过于复杂，打开它所需的时间或内存超出限制；请重新扫描或打印为 PDF 后再上传。"
    )


class OpenerUnavailable(Unavailable):
    slug: ClassVar[str] = "file-opener-unavailable"
    title: ClassVar[str] = "Files cannot be opened now"
    detail_zh: ClassVar[str] = "正在处理的文件较多，暂时不能打开此文件，请稍后重试。"


def run(do: str, stream: BinaryIO, *, answer_bytes: int, **task: object) -> bytes:
    """The answer about an opened file of which nothing was read yet.

    Raises Refused with the process's reason, FileTooComplex when it ran out of time or memory or
    broke, OpenerUnavailable when none could be had.
    """
    task = {"do": do, "answer_bytes": answer_bytes, **task}
    if not _turns.acquire(timeout=PATIENCE_SECONDS):
        raise OpenerUnavailable
    try:
        with TemporaryFile() as answer:
            status = _status(task, stream, answer)
            answer.seek(0)
            return _judged(status, answer.read(answer_bytes), do=do)
    finally:
        _turns.release()


def _status(task: Mapping[str, Any], stream: BinaryIO, answer: BinaryIO) -> int:
    try:
        return subprocess.run(
            [sys.executable, "-I", "-m", "otsp_chassis.confined.program", json.dumps(task)],
            stdin=stream, stdout=answer, stderr=subprocess.DEVNULL, env={}, cwd="/",
            timeout=RUN_SECONDS, check=False,
        ).returncode  # fmt: skip
    except subprocess.TimeoutExpired as error:
        _log.error("file_not_opened_in_time", do=task["do"])
        raise OpenerUnavailable from error


def _judged(status: int, answer: bytes, *, do: str) -> bytes:
    if status == 0:
        return answer
    if status == _REFUSED:
        raise Refused(answer.decode())
    _log.error("file_not_opened", do=do, status=status)
    raise OpenerUnavailable if status == _NOT_CONFINED else FileTooComplex
