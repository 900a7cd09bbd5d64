"""Bytes as an answer: whole or one range of them, in chunks, never all in memory (RFC 9110 §14).

An operation that declares its answer as `application/octet-stream`, format binary, answers a
Download and nothing else. What it declares stands for any type; what is sent names the file's own.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, ClassVar
from urllib.parse import quote

import flask

from otsp_chassis.problems import Problem

BYTES = "application/octet-stream"
_CHUNK = 256 * 1024
_NOT_IN_A_PLAIN_NAME = re.compile(r'[^ -~]|["%\\/]')
_PLAIN_IN_AN_ENCODED_NAME = "!#$&+-.^_`|~"
"""What RFC 8187 lets stand beside letters and digits (attr-char)."""


class RangeNotSatisfiable(Problem):
    """`size` is the length of the whole in bytes."""

    status: ClassVar[int] = 416
    slug: ClassVar[str] = "range-not-satisfiable"
    title: ClassVar[str] = "No such range of the file"
    detail_zh: ClassVar[str] = "所请求的范围超出文件大小，请重新下载整个文件。"

    def response_headers(self) -> Mapping[str, str]:
        return {**self.headers, "Content-Range": f"bytes */{self.extra['size']}"}


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way out; `size` in bytes, `sha256` in lower-case hex.

    The seam closes `stream`, which can seek, when the last byte is sent or the reader has gone.
    `cache` lets caches keep what is public: whoever has it already is answered 304, which the
    operation then documents.
    """

    stream: BinaryIO
    name: str
    content_type: str
    size: int
    sha256: str
    cache: str | None = None

    def response(self, request: flask.Request) -> flask.Response:
        """All of it, or the one range asked for; raises RangeNotSatisfiable."""
        if self.cache is not None and request.if_none_match.contains(self.sha256):
            self.stream.close()
            return flask.Response(
                status=304, headers={"ETag": self._etag, "Cache-Control": self.cache}
            )
        asked = self._asked(request)
        start, stop = asked or (0, self.size)
        if asked and not 0 <= start < stop:
            self.stream.close()
            raise RangeNotSatisfiable(size=self.size)
        response = flask.Response(
            _chunks(self.stream, start, stop), 206 if asked else 200, content_type=self.content_type
        )
        response.call_on_close(self.stream.close)
        response.headers["Content-Length"] = str(stop - start)
        if asked:
            response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{self.size}"
        response.headers["Content-Disposition"] = disposition(self.name)
        response.headers["ETag"] = self._etag
        response.headers["Accept-Ranges"] = "bytes"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = self.cache or "private, no-store"
        return response

    @property
    def _etag(self) -> str:
        return f'"{self.sha256}"'

    def _asked(self, request: flask.Request) -> tuple[int, int] | None:
        """First byte and the one after the last; None for what is no single range of this file.

        Such a Range is as if it were not there (RFC 9110 §14.2), so that the whole is sent.
        """
        asked = request.range
        is_of_this = request.headers.get("If-Range", self._etag) == self._etag
        if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not is_of_this:
            return None
        [(start, stop)] = asked.ranges
        if start < 0:
            start = max(self.size + start, 0)
        return start, self.size if stop is None else min(stop, self.size)


def disposition(name: str) -> str:
    """`attachment` with the name for those who read RFC 8187, and a plain one for the others."""
    plain = _NOT_IN_A_PLAIN_NAME.sub("_", name)
    encoded = quote(name, safe=_PLAIN_IN_AN_ENCODED_NAME)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}"


def is_declared(answer: Mapping[str, Any]) -> bool:
    """Whether a response of a specification is bytes."""
    return BYTES in answer.get("content", {})


def _chunks(stream: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    stream.seek(start)
    left = stop - start
    while left and (chunk := stream.read(min(_CHUNK, left))):
        left -= len(chunk)
        yield chunk
