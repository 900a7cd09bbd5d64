"""The words of the portal: what is said to people stands here or in a page, nowhere else.

Field labels and the messages of rules come from the API, word for word; they are not repeated here.
"""

from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypedDict

import orjson

Side = Literal["institution", "authority"]
Tone = Literal["neutral", "info", "ok", "warn", "bad"]


class StateWords(TypedDict):
    """What a state is called on each side; None where that side must never see it."""

    institution: str | None
    authority: str | None
    tone: Tone


STATE_PREFIX: Final = "st."


@cache
def catalogue() -> dict[str, str | StateWords]:
    written: dict[str, str | StateWords] = orjson.loads(
        (files("otsp_portal") / "texts" / "texts.zh.json").read_bytes()
    )
    return written


def text_pattern(key: str) -> str:
    """The words with their {parameters} still open: for scripts, which fill them in the browser."""
    words = catalogue()[key]
    if not isinstance(words, str):
        raise KeyError(key)
    return words


def text(key: str, **params: object) -> str:
    """The words under a key. Raises KeyError for an unknown key or a missing parameter.

    The answer is plain text and may hold what people typed: Jinja escapes it, never mark it safe.
    """
    return text_pattern(key).format_map(params)


def state_text(key: str, side: Side, **params: object) -> str:
    """What a state is called on a side. KeyError where this side must never see it."""
    words = _state(key)[side]
    if words is None:
        raise KeyError(key, side)
    return words.format_map(params)


def state_tone(key: str) -> Tone:
    """Which of the five tones a state has (design: word and glyph always stand beside it)."""
    return _state(key)["tone"]


def _state(key: str) -> StateWords:
    words = catalogue()[STATE_PREFIX + key.removeprefix(STATE_PREFIX)]
    if isinstance(words, str):
        raise KeyError(key)
    return words
