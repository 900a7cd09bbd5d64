"""The tokens are readable: their contrast is computed from portal.css itself."""

import gzip
import re
from importlib.resources import files

import pytest

from otsp_portal.static_files import BOOTSTRAP_CSS

TEXT, LARGE_TYPE, SHAPE = 4.5, 7.0, 3.0
LARGEST = 12 * 1024
FIRST_LOAD, HEAVIEST_PAGE = 150 * 1024, 30 * 1024

NORMAL = [
    *[
        (fore, back, TEXT)
        for fore in ("ink", "ink-2", "ink-3")
        for back in ("surface", "canvas", "surface-2")
    ],
    *[("primary", back, TEXT) for back in ("surface", "canvas", "primary-wash", "surface-2")],
    *[
        ("on-fill", back, TEXT)
        for back in ("primary", "primary-hover", "primary-active", "seal", "bad-fill", "ok")
    ],
    ("primary-hover", "primary-soft", TEXT),
    ("mute", "mute-soft", TEXT),
    *[
        (tone, f"{tone}-{ground}", TEXT)
        for tone in ("ok", "warn", "bad")
        for ground in ("soft", "wash")
    ],
    *[(tone, "surface", TEXT) for tone in ("ok", "warn", "bad")],
    *[("ink", f"{tone}-soft", TEXT) for tone in ("primary", "ok", "warn", "bad")],
    *[("ink-2", f"{tone}-wash", TEXT) for tone in ("primary", "ok", "warn", "bad")],
    ("ink-3", "surface-off", TEXT),
    ("demo", "demo-soft", TEXT),
    *[("line-strong", back, SHAPE) for back in ("surface", "canvas")],
    *[(f"{tone}-fill", "surface", SHAPE) for tone in ("ok", "warn", "bad")],
    *[("on-fill", f"{tone}-fill", SHAPE) for tone in ("warn", "bad")],
    ("primary", "surface-off", SHAPE),
]
ENLARGED = [
    *[
        (fore, back, LARGE_TYPE)
        for fore in ("ink", "ink-2", "ink-3")
        for back in ("surface", "canvas", "surface-2")
    ],
    *[("primary", back, LARGE_TYPE) for back in ("surface", "canvas", "surface-2")],
    ("on-fill", "primary", LARGE_TYPE),
    ("on-fill", "primary-hover", LARGE_TYPE),
    ("primary-hover", "primary-soft", LARGE_TYPE),
    ("mute", "mute-soft", LARGE_TYPE),
    *[(tone, f"{tone}-soft", LARGE_TYPE) for tone in ("ok", "warn", "bad")],
    ("line-strong", "surface", SHAPE),
    ("line-button", "surface", SHAPE),
]


@pytest.fixture
def style_sheet(package):
    return (package / "static" / "portal.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(("fore", "back", "need"), NORMAL)
def test_tokens_are_readable(style_sheet, fore, back, need):
    tokens = _tokens_of(style_sheet, ":root,[data-bs-theme=light]{")

    assert _contrast(tokens[fore], tokens[back]) >= need


@pytest.mark.parametrize(("fore", "back", "need"), ENLARGED)
def test_tokens_are_readable_in_large_type(style_sheet, fore, back, need):
    tokens = _tokens_of(style_sheet, ":root,[data-bs-theme=light]{")
    tokens |= _tokens_of(style_sheet, "html[data-type=large]{")

    assert _contrast(tokens[fore], tokens[back]) >= need


def test_contrast_is_that_of_the_guidelines():
    assert round(_contrast("#1b2733", "#ffffff"), 2) == 15.17
    assert round(_contrast("#fff", "#000"), 2) == 21


def test_bootstrap_is_given_the_same_colours(style_sheet):
    tokens = _tokens_of(style_sheet, ":root,[data-bs-theme=light]{")
    names = {
        "primary": "primary",
        "success": "ok",
        "warning": "warn",
        "danger": "bad",
        "link-color": "primary",
    }

    assert {name: tokens[f"bs-{name}"] for name in names} == {
        name: tokens[ours] for name, ours in names.items()
    }
    for name, ours in names.items():
        assert tokens[f"bs-{name}-rgb"] == ",".join(str(part) for part in _rgb(tokens[ours]))


def test_colours_are_written_among_the_tokens_only(style_sheet):
    components = style_sheet[style_sheet.index("/* 3 layout") : style_sheet.index("/* 6 large")]

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgba?\(", components) == []


def test_every_token_that_is_asked_for_is_there(style_sheet):
    asked = set(re.findall(r"var\(--([\w-]+)\)", style_sheet))

    assert asked - set(re.findall(r"--([\w-]+):", style_sheet)) == set()


def test_the_style_sheet_is_light(style_sheet):
    assert len(gzip.compress(style_sheet.encode(), 9, mtime=0)) <= LARGEST


def _tokens_of(style_sheet, opening):
    start = style_sheet.index(opening) + len(opening)
    block = style_sheet[start : style_sheet.index("}", start)]
    tokens = dict(re.findall(r"--([\w-]+):([^;]+)", block))
    return {
        name: tokens.get(reference[1], value)
        if (reference := re.fullmatch(r"var\(--([\w-]+)\)", value))
        else value
        for name, value in tokens.items()
    }


def _rgb(colour):
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return [int(digits[at : at + 2], 16) for at in (0, 2, 4)]


def _luminance(colour):
    parts = [part / 255 for part in _rgb(colour)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(one, other):
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_what_every_page_loads_once_leaves_room_for_the_page(package):
    bootstrap = files("flask_bootstrap").joinpath("static/bootstrap5", BOOTSTRAP_CSS)
    shared = [bootstrap, *(package / "static").iterdir()]

    weights = [len(gzip.compress(file.read_bytes(), 6, mtime=0)) for file in shared]

    assert sum(weights) + HEAVIEST_PAGE <= FIRST_LOAD
