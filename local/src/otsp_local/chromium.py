"""Chromium of the machine, for pictures of the portal and for its tests in a real browser."""

from __future__ import annotations

import shutil

from otsp_local.console import StepFailed
from otsp_local.debian import install

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Debian's starts as root without its sandbox only; it opens nothing but the portal.
OPTIONS = ("--no-sandbox", "--disable-dev-shm-usage")


def find_chromium() -> str:
    """Its program; on Debian installed when root. Raises StepFailed where there is none."""
    found = _find()
    if found is None and install("chromium"):
        found = _find()
    if found is None:
        raise StepFailed(f"no Chromium found (tried {', '.join(NAMES)}): apt-get install chromium")
    return found


def _find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
