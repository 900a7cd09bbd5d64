"""What a reviewer has noted on a case and not sent yet: read marks, answers, opinion, notice items.

Kept in the browser, sealed like what is shown again after login, for the pages of that one case
alone (the cookie's path): the platform is told when the decision or the notice is sent. A new
round of the application is read anew.
"""

import zlib
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

import orjson
from cryptography.fernet import InvalidToken
from flask import after_this_request, current_app, request
from werkzeug.wrappers import Response as BaseResponse

from otsp_portal.identity import the_person
from otsp_portal.resume import mark_of, sealer

Json = Any
_COOKIE: Final = "otsp_notes"
_CHUNK: Final = 3200
_CHUNKS: Final = 2
_KEPT_SECONDS: Final = 7 * 24 * 60 * 60


class TooLong(Exception):
    """More than a browser keeps: it is to be sent, or said more briefly."""


@dataclass(slots=True)
class Item:
    """One item of a notice that is being written; the place as the snapshot names it."""

    kind: str = ""
    part: str = ""
    object_id: str = ""
    pointer: str = ""
    file_id: str = ""
    rule_id: str = ""
    basis: str = ""
    cure_zh: str = ""
    place_zh: str = ""

    def body(self) -> dict[str, Json]:
        """For the API: what is empty is left out, and what only people read."""
        told = asdict(self)
        del told["place_zh"]
        if self.rule_id:
            del told["basis"]
        return {name: value for name, value in told.items() if value}


@dataclass(slots=True)
class Notes:
    """Of one account on one case. `seal` is the snapshot that the marks are about."""

    seal: str = ""
    read: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    items: list[Item] = field(default_factory=list)

    @classmethod
    def of(cls, seal: str) -> Self:
        """What was kept; marks on another snapshot than `seal` are no marks on this one."""
        told = _opened()
        if told is None or told.pop("account") != mark_of(the_person().account_id):
            return cls(seal)
        told["items"] = [Item(**each) for each in told["items"]]
        kept = cls(**told)
        if kept.seal != seal:
            kept.seal, kept.read, kept.answers = seal, [], {}
        return kept

    def keep(self, path: str) -> None:
        """With this answer; raises TooLong. `path` is that of the case."""
        told = {"account": mark_of(the_person().account_id), **asdict(self)}
        sealed = sealer().encrypt(zlib.compress(orjson.dumps(told), 9)).decode()
        chunks = [sealed[at : at + _CHUNK] for at in range(0, len(sealed), _CHUNK)]
        if len(chunks) > _CHUNKS:
            raise TooLong
        _set(path, chunks + [""] * (_CHUNKS - len(chunks)))

    def forget(self, path: str) -> None:
        """Sent: nothing is left to note."""
        _set(path, [""] * _CHUNKS)


def _opened() -> dict[str, Json] | None:
    sealed = "".join(request.cookies.get(f"{_COOKIE}_{at}", "") for at in range(_CHUNKS))
    try:
        plain = zlib.decompress(sealer().decrypt(sealed.encode(), ttl=_KEPT_SECONDS))
    except InvalidToken:
        return None
    told: dict[str, Json] = orjson.loads(plain)
    return told


def _set(path: str, chunks: list[str]) -> None:
    is_secure = bool(current_app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def put(response: BaseResponse) -> BaseResponse:
        for at, chunk in enumerate(chunks):
            response.set_cookie(
                f"{_COOKIE}_{at}",
                chunk,
                max_age=_KEPT_SECONDS if chunk else 0,
                path=path,
                secure=is_secure,
                httponly=True,
                samesite="Lax",
            )
        return response
