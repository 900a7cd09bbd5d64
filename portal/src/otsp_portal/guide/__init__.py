"""The user guide in Chinese: Markdown files of this folder, the one source, read when asked for.

Links and pictures are written as the repository shows them (`funds.md`, `pictures/home.png`); on
the portal's pages they lead to its addresses. Raw HTML is not a part of the guide.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

FOLDER: Final = Path(__file__).parent
PICTURES: Final = FOLDER / "pictures"
PARTS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("开始使用", ("overview", "registration", "login", "account", "pages")),
    ("培训机构", ("home", "institution", "funds", "staff", "materials", "courses", "imports")),
    (
        "申请与办理",
        ("apply", "notice", "rectification", "deregistration", "history", "messages", "verify"),
    ),
    (
        "审核与管理部门",
        (
            "desk", "desk-notice", "desk-decision", "desk-clock", "desk-rectifications",
            "desk-registrations", "recoveries", "institutions", "lists", "people", "region",
            "statistics", "audit", "national", "operations",
        ),
    ),
)  # fmt: skip
CHAPTERS: Final = tuple(slug for _part, slugs in PARTS for slug in slugs)
_PNG_SIZE: Final = struct.Struct(">II")
_NARROW_PX: Final = 600


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter as a page shows it: HTML, and its second headings with their ids."""

    slug: str
    title: str
    body: str
    sections: tuple[tuple[str, str], ...]


@cache
def chapter(slug: str) -> Chapter:
    """Raises KeyError for a chapter that the guide does not have."""
    if slug not in CHAPTERS:
        raise KeyError(slug)
    source = (FOLDER / f"{slug}.md").read_text("utf-8")
    head, _, rest = source.partition("\n")
    reader = _reader()
    tokens = reader.parse(rest)
    sections = tuple(_name_sections(tokens))
    _address(tokens)
    body = str(reader.renderer.render(tokens, reader.options, {}))
    return Chapter(slug, head.removeprefix("# ").strip(), body, sections)


def contents() -> tuple[tuple[str, tuple[Chapter, ...]], ...]:
    """All chapters in order, part by part."""
    return tuple((part, tuple(chapter(slug) for slug in slugs)) for part, slugs in PARTS)


def neighbours(slug: str) -> tuple[Chapter | None, Chapter | None]:
    """The chapters before and after this one."""
    at = CHAPTERS.index(slug)
    before = chapter(CHAPTERS[at - 1]) if at else None
    after = chapter(CHAPTERS[at + 1]) if at + 1 < len(CHAPTERS) else None
    return before, after


def picture_size(name: str) -> tuple[int, int]:
    """Width and height, from the head of the PNG file."""
    head = (PICTURES / name).read_bytes()[:24]
    width, height = _PNG_SIZE.unpack(head[16:24])
    return width, height


def _name_sections(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Give second headings ids that links can name; tell both."""
    told: list[tuple[str, str]] = []
    for head, words in pairwise(tokens):
        if head.type == "heading_open" and head.tag == "h2":
            head.attrSet("id", f"s{len(told) + 1}")
            told.append((f"s{len(told) + 1}", words.content))
    return told


def _address(tokens: Sequence[Token]) -> None:
    """Links and pictures as the portal addresses them, tables as its style sheet knows them."""
    for token in tokens:
        if token.type == "link_open":
            told = str(token.attrGet("href"))
            if told.endswith(".md") and "/" not in told:
                token.attrSet("href", f"/help/{told.removesuffix('.md')}")
        elif token.type == "image":
            _show(token)
        elif token.type == "table_open":
            token.attrSet("class", "table")
        _address(token.children or ())


def _show(image: Token) -> None:
    name = str(image.attrGet("src")).removeprefix("pictures/")
    width, height = picture_size(name)
    image.attrs |= {
        "src": f"/help/pictures/{name}",
        "width": width,
        "height": height,
        "loading": "lazy",
        "class": "shot" if width > _NARROW_PX else "shot phone-shot",
    }


def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")
