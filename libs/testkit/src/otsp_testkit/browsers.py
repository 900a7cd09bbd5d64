"""Debian's Chromium, driven by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from otsp_local.chromium import OPTIONS, find_chromium


@contextmanager
def started_chromium() -> Iterator[Browser]:
    """One a process: Playwright's loop cannot run twice in a thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*OPTIONS])
        yield browser
        browser.close()
