"""How Han characters are read: the table of pypinyin, without its 56 MB of phrases.

Phrases would tell which of its readings a character has in a word; who searches may use any of
them, so the table of single characters is enough: 11 MB and 0.1 s, when first asked.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import orjson

READINGS_KEPT = 4
"""The commonest ones; the fifth is of old books."""

SPLITS_TRIED = 8
"""`danganan` has several; the longest syllables come first."""

_LAST_KEPT = 0xFFFF
"""Rarer planes have 14,000 more characters that no name has been seen with."""

_VOWELS = frozenset("aeiouv")


def readings(character: str) -> tuple[str, ...]:
    """Syllables without tones, commonest first, `v` for ü; none of what is no Han character."""
    return _table().get(character, ())


def splits(letters: str) -> Iterator[tuple[str, ...]]:
    """`letters` as syllables, of which the last may be only begun: xingu is xin·gu alone."""
    return islice(_splits(letters), SPLITS_TRIED)


@cache
def begun_with(letters: str) -> tuple[str, ...]:
    """All syllables that a beginning may become."""
    return tuple(sorted(each for each in _syllables() if each.startswith(letters)))


def _splits(letters: str) -> Iterator[tuple[str, ...]]:
    if letters in _beginnings():
        yield (letters,)
    for length in range(min(len(letters) - 1, _longest()), 0, -1):
        if letters[:length] in _syllables():
            for rest in _splits(letters[length:]):
                yield (letters[:length], *rest)


@cache
def _table() -> Mapping[str, tuple[str, ...]]:
    package = find_spec("pypinyin")  # found, not imported: its own start reads the phrases too
    if package is None or package.origin is None:
        raise ImportError("pypinyin")
    told = orjson.loads(Path(package.origin).with_name("pinyin_dict.json").read_bytes())
    one_of_each: dict[tuple[str, ...], tuple[str, ...]] = {}
    table = {}
    for code, marked in told.items():
        if int(code) <= _LAST_KEPT:
            plain = _without_tones(marked)
            table[chr(int(code))] = one_of_each.setdefault(plain, plain)
    return table


@cache
def _without_tones(marked: str) -> tuple[str, ...]:
    apart = unicodedata.normalize("NFD", marked).replace("u\u0308", "v")
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    syllables = dict.fromkeys(each for each in bare.split(",") if not _VOWELS.isdisjoint(each))
    return tuple(syllables)[:READINGS_KEPT]


@cache
def _syllables() -> frozenset[str]:
    return frozenset(each for readings in _table().values() for each in readings)


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(each[:length] for each in _syllables() for length in range(1, len(each) + 1))


@cache
def _longest() -> int:
    return max(len(each) for each in _syllables())
