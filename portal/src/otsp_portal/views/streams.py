"""Files of the platform, handed on as they come: nothing is kept, nothing is buffered whole."""

from collections.abc import Iterator
from typing import Final

import httpx
from flask import Response, request

from otsp_portal.identity import api

_ASKED: Final = ("Range", "If-Range", "If-None-Match")
_TOLD: Final = (
    "Content-Type",
    "Content-Length",
    "Content-Range",
    "Content-Disposition",
    "Accept-Ranges",
    "ETag",
)


def hand_on(path: str) -> Response:
    """The answer of the platform to the same question, ranges included; raises Refusal."""
    asked = {name: request.headers[name] for name in _ASKED if name in request.headers}
    upstream = api().stream(path, asked)
    answer = Response(_bytes_of(upstream), status=upstream.status_code)
    for name in _TOLD:
        if name in upstream.headers:
            answer.headers[name] = upstream.headers[name]
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _bytes_of(upstream: httpx.Response) -> Iterator[bytes]:
    try:
        yield from upstream.iter_raw()
    finally:
        upstream.close()
