"""Chromium of the machine, for pictures of the portal and for its tests in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

from otsp_local.console import StepFailed, say
from otsp_local.debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Debian's starts as root without its sandbox only; it opens nothing but the portal.
OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage")
_DEBIANS = Path("/usr/lib/chromium")


def find_chromium() -> str:
    """Its program; on Debian installed when root. Raises StepFailed where there is none."""
    found = _find()
    if found is None and install("chromium"):
        found = _find()
    if found is None:
        raise StepFailed(f"no Chromium found (tried {', '.join(NAMES)}): apt-get install chromium")
    return found


def install_its_chinese() -> None:
    """Words of the browser's own, as on file inputs; without them they are English."""
    if not _DEBIANS.is_dir() or (_DEBIANS / "locales" / "zh-CN.pak").is_file():
        return
    if not install("chromium-l10n"):
        say("file inputs stay English until chromium-l10n is installed")


def _find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
