"""What a bearer token looks like, by what it stands for (RFC 6750)."""

import re
import secrets
from enum import StrEnum


class Kind(StrEnum):
    """By prefix. Scanners of leaked secrets find an API key by its own, and so does the edge."""

    SESSION = ""
    API_KEY = "otsp_"
    DATA_SUBJECT = "subject_"


_RANDOM = "[A-Za-z0-9_-]{43}"  # 256 bits in URL-safe base64
_BEARER = re.compile(rf"(?i:bearer) +((?:{'|'.join(Kind)}){_RANDOM})")


def new_token(kind: Kind) -> str:
    """256 random bits behind the kind's prefix."""
    return kind + secrets.token_urlsafe(32)


def bearer_token(header: str | None) -> str | None:
    """The token of an Authorization header; None when it cannot be one of ours."""
    match = _BEARER.fullmatch(header or "")
    return match[1] if match else None


def kind_of(token: str) -> Kind:
    """Of a token in our form: without a prefix it is a session's, whatever it begins with."""
    return next(kind for kind in Kind if len(token) == len(kind) + 43)
