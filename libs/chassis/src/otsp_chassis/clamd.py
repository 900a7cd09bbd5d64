"""Uploads are read by clamd while they are stored (clamd(8), command INSTREAM).

Each piece goes to the scanner and to the store; only after the last is the verdict known, so the
store must not keep what was written before then. Without a verdict nothing is kept either.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from otsp_chassis import log
from otsp_chassis.problems import Problem, Unavailable

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 25.0
"""Less than the edge waits for a service."""
_MOST_OF_A_REPLY = 4_096
_log = log.get_logger()


class FileInfected(Problem):
    status: ClassVar[int] = 422
    slug: ClassVar[str] = "file-infected"
    title: ClassVar[str] = "The file is infected"
    detail_zh: ClassVar[str] = "文件中检测到病毒或恶意代码，未予保存，请查杀后重新上传。"


class ScannerUnavailable(Unavailable):
    slug: ClassVar[str] = "scanner-unavailable"
    title: ClassVar[str] = "The file cannot be scanned now"
    detail_zh: ClassVar[str] = "文件安全扫描暂时不可用，文件未保存，请稍后重新上传。"


def scanned(chunks: Iterator[bytes], address: str) -> Iterator[bytes]:
    """The same chunks, and after the last the verdict. `address` is as in the settings.

    Raises FileInfected, or ScannerUnavailable when clamd is not there, gives up or says nothing.
    """
    with _told_unavailable():
        connection = _connect(address)
    with connection:
        _send(connection, b"zINSTREAM\0")
        for chunk in chunks:
            _send(connection, struct.pack("!L", len(chunk)) + chunk)
            yield chunk
        _send(connection, struct.pack("!L", 0))
        _require_clean(_reply(connection))


def _require_clean(reply: bytes) -> None:
    """Other replies than these two are errors, such as a stream above clamd's StreamMaxLength."""
    if reply == b"stream: OK":
        return
    if reply.startswith(b"stream: ") and reply.endswith(b" FOUND"):
        _log.warning("file_infected", reply=reply.decode(errors="replace"))
        raise FileInfected
    _log.error("scanner_failed", reply=reply.decode(errors="replace"))
    raise ScannerUnavailable


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
    else:
        host, _, port = address.rpartition(":")
        connection = socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS)
    connection.settimeout(ANSWER_SECONDS)
    return connection


def _send(connection: socket.socket, content: bytes) -> None:
    with _told_unavailable():
        connection.sendall(content)


def _reply(connection: socket.socket) -> bytes:
    """Up to the NUL that ends it, or to the end of the stream."""
    reply = b""
    with _told_unavailable():
        while b"\0" not in reply and len(reply) < _MOST_OF_A_REPLY:
            piece = connection.recv(_MOST_OF_A_REPLY)
            if not piece:
                break
            reply += piece
    return reply.partition(b"\0")[0]


@contextmanager
def _told_unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        _log.error("scanner_unavailable", exc_info=error)
        raise ScannerUnavailable from error
