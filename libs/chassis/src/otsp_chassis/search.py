"""Finding rows by two or more characters of a Chinese text, by its pinyin, by initials.

No extension of PostgreSQL has a part in it. A row keeps two columns: `search_terms`, which a GIN
index has (pairs of characters, syllables, pairs of initials), and `search_text`, which what the
index found is compared with. 杭州新光（Star）学校 is found by 新光, `star`, `xinguang`, `xing`,
`xg`, `hzxg`, and by several of them with spaces between; not by `angzhou`.

For a table:

    class Site(Searchable, Item):
        __table_args__ = (search_index("site"),)

and in the migration `*search_columns()` among its columns, `create_search_index(op, "site")` after
it. Every command that changes a name calls `site.found_by(site.name, site.address)`; a query adds
`where(matching(columns, q))` for the parameter `q` of the operation.

Case, width, spaces and punctuation do not count on either side: an ISBN is found with its hyphens
and without. All readings of a character count, so that 重庆 is found by `chongqing` too, though
also by `zhongqing`. It is no place for what is encrypted: that is found by its blind index.
"""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, Index, Text, and_, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from otsp_chassis.pinyin import begun_with, readings, splits
from otsp_chassis.problems import BadParameter
from otsp_contracts.values import FieldError

LEAST = 2
"""One character alone would find half of everything."""

_TOO_SHORT = "请输入至少两个字、拼音字母或数字再查询，例如“新光”“xinguang”或“xg”。"
_NEXT = "[A-Z0-9,]*;[A-Z0-9,]*,"
"""From a reading of one character to a reading of the next: `,XING,HANG,HENG,;,ZHI,;`."""

Columns = ReadOnlyColumnCollection[str, Any]


class CreatesIndexes(Protocol):
    """What is asked of Alembic's `op` here."""

    def create_index(
        self, index_name: str, table_name: str, columns: list[str], /, *, postgresql_using: str
    ) -> None: ...


class Searchable:
    """A row that is found by texts of its own."""

    search_text: Mapped[str] = mapped_column(Text, default="")
    search_terms: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)

    def found_by(self, *texts: str | None) -> None:
        """From now on by these, and no longer by what it was found by before."""
        told = [text for text in texts if text]
        self.search_text, self.search_terms = text_of(*told), terms(*told)


def search_columns() -> list[Column[Any]]:
    return [
        Column("search_text", Text, nullable=False),
        Column("search_terms", ARRAY(Text), nullable=False),
    ]


def search_index(table: str) -> Index:
    return Index(f"ix_{table}_search_terms", "search_terms", postgresql_using="gin")


def create_search_index(op: CreatesIndexes, table: str) -> None:
    op.create_index(f"ix_{table}_search_terms", table, ["search_terms"], postgresql_using="gin")


def terms(*texts: str) -> list[str]:
    """What the index has: `search_terms`. Readings are in capitals, which no folded text has."""
    found: set[str] = set()
    for text in map(_folded, texts):
        found.update(_pairs(text))
        if _has_han(text):
            read = [_readings(character) for character in text]
            found.update(each for character in read for each in character)
            found.update(_pairs_of_initials(read))
    return sorted(found)


def text_of(*texts: str) -> str:
    """What is compared: `search_text`, two lines for each text that has Han characters."""
    lines = []
    for text in map(_folded, texts):
        lines.append(text)
        if _has_han(text):
            lines.append("".join(f",{','.join(_readings(each))},;" for each in text))
    return "\n".join(lines)


def matching(columns: Columns, q: str) -> ColumnElement[bool]:
    """Every word of `q` is found; raises BadParameter when none has two characters."""
    words = [word for word in map(_folded, q.split()) if word]
    if max(map(len, words), default=0) < LEAST:
        raise BadParameter(errors=[FieldError("/q", "too_short", _TOO_SHORT)])
    return and_(*(_finds(columns, word) for word in words))


def is_search(statement: str) -> bool:
    """Whether `matching` has a part in it; how it is best read depends on the words."""
    return "search_terms @>" in statement


def _finds(columns: Columns, word: str) -> ColumnElement[bool]:
    had, text = columns["search_terms"], columns["search_text"]
    ways = [and_(had.contains(_pairs(word)), text.contains(word))]
    if word.isascii() and not word.isdigit():
        letters = word.upper()
        initials = _NEXT.join(letters)
        ways.append(and_(had.contains(_pairs(letters)), text.regexp_match(f",{initials}")))
        ways += [_reads(columns, split) for split in splits(word)]
    return or_(*ways)


def _reads(columns: Columns, split: Sequence[str]) -> ColumnElement[bool]:
    """One syllable a character; the last one may be only begun."""
    had, text = columns["search_terms"], columns["search_text"]
    *whole, last = (each.upper() for each in split)
    pattern = "".join(f",{each},{_NEXT.removesuffix(',')}" for each in whole) + f",{last}"
    may_be = [each.upper() for each in begun_with(split[-1])]
    return and_(had.contains(whole), had.overlap(may_be), text.regexp_match(pattern))


def _folded(text: str) -> str:
    """Letters, digits and Han characters in one form; `v` for the ü of a pinyin keyboard."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(each for each in plain.replace("ü", "v") if each.isalnum())


def _has_han(folded: str) -> bool:
    return any(readings(each) for each in folded)


def _readings(character: str) -> list[str]:
    """Letters and digits between Han characters are read as themselves."""
    told = [each.upper() for each in readings(character)]
    return told or ([character.upper()] if character.isascii() else [])


def _pairs(text: str) -> list[str]:
    return [first + second for first, second in pairwise(text)]


def _pairs_of_initials(read: Sequence[Sequence[str]]) -> set[str]:
    return {
        first[0] + second[0] for one, other in pairwise(read) for first in one for second in other
    }
