"""Keyset pagination: a page and the opaque cursor that continues it."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson

from otsp_chassis.problems import BadParameter
from otsp_contracts.values import FieldError

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
MAX_DIGITS = 18

Item = TypeVar("Item")

BEGINNING = UUID(int=0)
"""What every id of a list stands behind."""

NOT_OURS = FieldError("/cursor", "bad_cursor", "翻页标记无效，请从第一页重新查询。")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """`next` is None on the last page; serialised as `{items, next}`."""

    items: Sequence[Item]
    next: str | None


def make_page(rows: Sequence[Item], limit: int, key: Callable[[Item], Sequence[Any]]) -> Page[Item]:
    """Build a page from `limit + 1` selected rows; the extra row only proves there is more."""
    if len(rows) <= limit:
        return Page(rows, None)
    shown = rows[:limit]
    return Page(shown, encode_cursor(key(shown[-1])))


def encode_cursor(key: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([str(part) for part in key])).decode().rstrip("=")


def decode_id(cursor: str) -> UUID:
    """The key of a list that is ordered by id alone; raises BadParameter as `decode_cursor`."""
    [text] = decode_cursor(cursor, 1)
    try:
        return UUID(text)
    except ValueError as error:
        raise BadParameter(errors=[NOT_OURS]) from error


def decode_number(cursor: str) -> int:
    """The same of a list that is ordered by a number."""
    [text] = decode_cursor(cursor, 1)
    if not text.isdecimal() or len(text) > MAX_DIGITS:
        raise BadParameter(errors=[NOT_OURS])
    return int(text)


def decode_cursor(cursor: str, parts: int) -> list[str]:
    """The key's parts as text; a cursor that is not ours is a bad parameter."""
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        key = None
    if isinstance(key, list) and len(key) == parts and all(isinstance(part, str) for part in key):
        return key
    raise BadParameter(errors=[NOT_OURS])
