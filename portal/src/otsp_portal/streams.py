"""Bytes that pass through the portal: what the platform sends, and ranges of it."""

from typing import Final

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal.gateway_client import Refusal
from otsp_portal.identity import api
from otsp_portal.texts import text

_HANDED_ON: Final = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Last-Modified",
)
_ASKED_ON: Final = ("Range", "If-Range", "If-None-Match")
_CHUNK: Final = 64 * 1024


def streamed(path: str) -> BaseResponse:
    """Bytes as the platform sends them, a range where one was asked for; nothing is kept here."""
    asked = {name: request.headers[name] for name in _ASKED_ON if name in request.headers}
    try:
        source = api().stream(path, asked)
    except Refusal as refusal:
        if refusal.status != 416:
            raise
        return Response(text("file.range"), 416, mimetype="text/plain")
    headers = {name: source.headers[name] for name in _HANDED_ON if name in source.headers}
    answer = Response(source.iter_raw(_CHUNK), source.status_code, headers)
    answer.call_on_close(source.close)
    return answer


def size_zh(size: int) -> str:
    """Of a file: 30KB, 1.5MB."""
    if size < 1024 * 1024:
        return f"{max(size // 1024, 1)}KB"
    return f"{size / 1024 / 1024:.1f}MB"
