"""The Chinese font that watermarks are written in: of Debian's, the smallest."""

from __future__ import annotations

from pathlib import Path

from otsp_local.console import say
from otsp_local.debian import install

PACKAGE = "fonts-wqy-microhei"
_FOLDERS = (Path("/usr/share/fonts"), Path("/System/Library/Fonts"))
_NAMES = ("wqy-*.ttc", "NotoSansCJK-Regular.ttc", "PingFang.ttc", "STHeiti Light.ttc")


def is_there() -> bool:
    return any(next(folder.rglob(name), None) is not None for folder in _FOLDERS for name in _NAMES)


def install_if_missing() -> None:
    """Without one the platform runs too: only what reviewers see of scans is refused then."""
    if not is_there() and not install(PACKAGE):
        say(f"no Chinese font: previews for reviewers answer 503 until {PACKAGE} is installed")
