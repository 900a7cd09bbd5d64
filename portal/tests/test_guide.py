"""The guide: every page has its chapter, every chapter leads somewhere."""

import ast
import re

import pytest

from otsp_portal import guide

NAMES = {"help_chapter", "HELP"}
HAN = "[\\u4e00-\\u9fff]"


@pytest.fixture
def named(package):
    """Chapters that views name: by keyword, in a dataclass' default, in a module's constant."""
    found = set()
    for file in package.joinpath("views").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg="help_chapter", value=ast.Constant(value=str() as slug)):
                    found.add(slug)
                case ast.AnnAssign(
                    target=ast.Name(id=name), value=ast.Constant(value=str() as slug)
                ) if name in NAMES:
                    found.add(slug)
                case ast.Assign(
                    targets=[ast.Name(id=name)], value=ast.Constant(value=str() as slug)
                ) if name in NAMES:
                    found.add(slug)
    return found


def test_every_page_that_names_a_chapter_has_it(named):
    assert len(named) > 15
    assert named - set(guide.CHAPTERS) == set()


def test_every_chapter_is_in_the_order_and_every_entry_has_its_file():
    files = {file.stem for file in guide.FOLDER.glob("*.md")}

    assert sorted(files) == sorted(guide.CHAPTERS)
    assert len(set(guide.CHAPTERS)) == len(guide.CHAPTERS)


@pytest.mark.parametrize("slug", guide.CHAPTERS)
def test_chapter_begins_with_its_title_and_leads_somewhere(slug):
    source = (guide.FOLDER / f"{slug}.md").read_text(encoding="utf-8")
    told = guide.chapter(slug)
    links = re.findall(r'href="([^"]+)"', told.body)

    assert source.startswith("# ")
    assert told.title
    assert "<h1" not in told.body
    assert told.sections
    for link in links:
        here, _, place = link.partition("#")
        target = here.removeprefix("/help/") or slug
        assert target in guide.CHAPTERS, link
        assert not place or place in dict(guide.chapter(target).sections), link


@pytest.mark.parametrize("slug", guide.CHAPTERS)
def test_chapter_is_written_by_the_rules_of_the_house(slug):
    source = (guide.FOLDER / f"{slug}.md").read_text(encoding="utf-8")

    words = "\n".join(line for line in source.splitlines() if not line.startswith("#"))

    assert not re.search(rf"[！!](?!\[)|我们|{HAN} [0-9A-Za-z]|[0-9A-Za-z] {HAN}", words)
    assert all(len(line) < 400 for line in source.splitlines())


def test_every_picture_is_there_is_told_in_words_and_is_shown():
    shown = set()
    for slug in guide.CHAPTERS:
        for alt, name in re.findall(
            r"!\[([^\]]*)\]\(pictures/([^)]+)\)",
            (guide.FOLDER / f"{slug}.md").read_text(encoding="utf-8"),
        ):
            assert len(alt) > 2, (slug, name)
            shown.add(name)
            width, height = guide.picture_size(name)
            assert f'width="{width}" height="{height}"' in guide.chapter(slug).body

    assert shown == {file.name for file in guide.PICTURES.glob("*.png")}


def test_pictures_are_light():
    sizes = [file.stat().st_size for file in guide.PICTURES.iterdir()]

    assert sum(sizes) < 3 * 1024 * 1024


def test_html_in_a_chapter_is_shown_as_text():
    assert "&lt;b&gt;" in guide._reader().render("<b>不是</b>")


def test_chapters_have_neighbours_and_an_end():
    first, last = guide.CHAPTERS[0], guide.CHAPTERS[-1]

    assert guide.neighbours(first)[0] is None
    assert guide.neighbours(last)[1] is None
    assert guide.neighbours(guide.CHAPTERS[1])[0].slug == first
    with pytest.raises(KeyError):
        guide.chapter("../settings")
