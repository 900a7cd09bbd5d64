"""`./dev shots`: the pictures of the user guide, taken of a running platform in Chromium.

Each is a page that somebody of the demonstration sees. Reduced to a palette, the whole set is
about a megabyte; it is kept beside the chapters that show it.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from otsp_cli.dossier.supervision import Accounts
from otsp_local.chromium import OPTIONS, find_chromium, install_its_chinese
from otsp_local.commands import main as run_command
from otsp_local.console import StepFailed, say, step
from otsp_local.environment import ROOT
from otsp_local.platform import LocalPlatform
from otsp_local.settings import inherited_environment

FOLDER = ROOT / "portal" / "src" / "otsp_portal" / "guide" / "pictures"
COLOURS = 64
WIDE, NARROW = 1280, 360
OK = 200


@dataclass(frozen=True, slots=True)
class Shot:
    """A page as `account` sees it; `follow` is the first link to match, `then` goes below it."""

    name: str
    account: str
    path: str
    follow: str = ""
    then: str = ""
    width: int = WIDE
    height: int = 900

    @property
    def file(self) -> str:
        return f"{self.name}-{self.width}.png"


_REVIEWER = "reviewer-330106-education"
_REGION = "region_admin-330106-education"
_CASE = r"^/desk/cases/[^/]+$"
SHOTS = (
    Shot("login", "", "/login", height=620),
    Shot("login", "", "/login", width=NARROW, height=760),
    Shot("register", "", "/register", height=720),
    Shot("whitelist", "", "/whitelist", height=640),
    Shot("who", "", "/who?region=330106", height=620),
    Shot("home", "institution-C", "/home"),
    Shot("home", "institution-C", "/home", width=NARROW, height=1100),
    Shot("institution", "institution-C", "/institution/basic"),
    Shot("documents", "institution-C", "/institution/documents", height=760),
    Shot("fees", "institution-C", "/funds/fees", height=640),
    Shot("staff", "institution-C", "/staff/employed"),
    Shot("person", "institution-C", "/staff/new"),
    Shot("materials", "institution-C", "/materials", height=720),
    Shot("courses", "institution-C", "/courses", height=720),
    Shot("wizard", "institution-C", "/courses/new/site/host"),
    Shot("week", "institution-C", "/courses", follow=r"^/courses/[^/]+/week$", height=800),
    Shot("apply", "institution-C", "/apply", height=860),
    Shot("history", "institution-A", "/history", height=640),
    Shot("result", "institution-B", "/history", follow=r"^/apply/[^/]+/result$", height=1000),
    Shot("profile", "institution-C", "/settings/profile", height=760),
    Shot("desk", _REVIEWER, "/desk", height=760),
    Shot("desk", _REVIEWER, "/desk", width=NARROW),
    Shot("case", _REVIEWER, "/desk", follow=_CASE, height=1000),
    Shot("findings", _REVIEWER, "/desk", follow=_CASE, then="/findings"),
    Shot("notice", _REVIEWER, "/desk", follow=_CASE, then="/notice", height=760),
    Shot("rectification", _REVIEWER, "/desk/rectifications/new", height=860),
    Shot("statistics", _REGION, "/desk/stats", height=900),
    Shot("people", _REGION, "/desk/people", height=760),
    Shot("audit", "auditor", "/desk/audit", height=760),
)


class Camera:
    """One browser that looks at one platform."""

    def __init__(self, browser: Browser, url: str, accounts: Accounts) -> None:
        self._browser = browser
        self._url = url
        self._accounts = accounts

    def take(self, shots: Iterable[Shot], folder: Path) -> Iterator[Path]:
        """Take them account by account, so that each logs in once."""
        for account, theirs in groupby(shots, lambda shot: shot.account):
            with self._context() as context:
                page = context.new_page()
                if account:
                    self._log_in(page, account)
                for shot in theirs:
                    yield self._take(page, shot, folder)

    @contextmanager
    def _context(self) -> Iterator[BrowserContext]:
        context = self._browser.new_context(base_url=self._url, locale="zh-CN")
        try:
            yield context
        finally:
            context.close()

    def _log_in(self, page: Page, account: str) -> None:
        known = self._accounts.find(account)
        if known is None:
            raise StepFailed(f"the platform has no account {account}: has ./dev demo filled it?")
        page.goto("/login")
        page.fill("[name=username]", known[0])
        page.fill("[name=password]", known[1])
        page.click("main button[type=submit]")
        if page.url.endswith("/login"):
            raise StepFailed(f"{account} could not log in")

    def _take(self, page: Page, shot: Shot, folder: Path) -> Path:
        page.set_viewport_size({"width": shot.width, "height": shot.height})
        self._open(page, shot, shot.path)
        if shot.follow:
            found = page.eval_on_selector_all("main a", "all => all.map(a => a.pathname)")
            target = next((path for path in found if re.search(shot.follow, path)), None)
            if target is None:
                raise StepFailed(f"{shot.file}: no link on {shot.path} matches {shot.follow}")
            self._open(page, shot, target + shot.then)
        file = folder / shot.file
        file.write_bytes(reduced(page.screenshot(animations="disabled")))
        return file

    def _open(self, page: Page, shot: Shot, path: str) -> None:
        answer = page.goto(path)
        if answer is None or answer.status != OK:
            raise StepFailed(
                f"{shot.file}: {path} answers {answer.status if answer else 'nothing'}"
            )


def reduced(png: bytes) -> bytes:
    """The same picture with few colours: a screen of text needs no more."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    reduced_image = image.quantize(COLOURS, dither=Image.Dither.NONE)
    told = io.BytesIO()
    reduced_image.save(told, "PNG", optimize=True)
    return told.getvalue()


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    shots = [shot for shot in SHOTS if not options.names or shot.name in options.names]
    try:
        with _platform(options) as (url, accounts):
            _shoot(url, accounts, shots=shots, folder=options.folder)
    except StepFailed as failure:
        say(f"./dev shots: {failure}")
        return 1
    return 0


def _shoot(url: str, accounts: Path, *, shots: Sequence[Shot], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    install_its_chinese()
    with step(f"taking {len(shots)} pictures of {url}"), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=[*OPTIONS, "--lang=zh-CN"],
            env={**inherited_environment(), "LANGUAGE": "zh_CN"},
        )
        taken = list(Camera(browser, url, Accounts(accounts)).take(shots, folder))
        browser.close()
    size = sum(file.stat().st_size for file in taken)
    say(f"{len(taken)} pictures, {size // 1024} KB, in {folder}")


@contextmanager
def _platform(options: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """One that runs, as told; else the demonstration, stopped again if it was started for this."""
    local = LocalPlatform()
    if options.url:
        yield options.url.rstrip("/"), options.accounts or local.run / "accounts.json"
        return
    was_up = local.is_up()
    with redirect_stdout(io.StringIO()):
        has_failed = run_command(["demo", "--json"])
    if has_failed:
        raise StepFailed("the demonstration did not start")
    try:
        yield local.gateway_url, local.run / "accounts.json"
    finally:
        if not was_up:
            local.down()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev shots", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these pictures: home staff …")
    parser.add_argument("--url", help="a platform that runs already")
    parser.add_argument("--accounts", type=Path, help="its accounts.json")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to put the pictures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
