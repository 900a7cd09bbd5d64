"""PostgreSQL refuses to run as root, and many machines (containers, CI) know only root.

So as root we start it as another user of the machine. That user must be able to walk to its
data and its binaries. A checkout often lies below a folder of mode 0700 (/root, a CI work
folder), where it cannot; then the data live in /var/lib/otsp-local, and binaries out of an
unreachable .venv are copied there. Only root can write /var/lib, so nobody can lay a trap at
that name, as they could in /tmp, and unlike /tmp it outlives a restart of the machine.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
from pathlib import Path

from otsp_local.processes import Account

FALLBACK = Path("/var/lib/otsp-local")
# `postgres` is there where Debian's package is; `nobody` is there everywhere.
_ACCOUNTS = ("postgres", "nobody")
_HOME = "home"
_BELONGS_TO = "belongs-to"


def server_account() -> Account | None:
    """The user to run the server as; None for the one we are."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in _ACCOUNTS if name in known)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def can_reach(account: Account, path: Path) -> bool:
    """Whether the account may walk to the path: every existing folder above it lets it through."""
    return all(_lets_through(folder, account) for folder in path.absolute().parents)


def _lets_through(folder: Path, account: Account) -> bool:
    if not folder.exists():
        return True
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)


def home_of(directory: Path, account: Account | None) -> Path:
    """Where the server's files live: the directory itself, or its stand-in below /var/lib.

    Decided once and written down: were a folder above opened or closed later, the data must
    still be found.
    """
    decided = directory / _HOME
    if decided.is_file():
        return Path(decided.read_text(encoding="utf-8"))
    directory.mkdir(parents=True, exist_ok=True)
    home = directory
    if account is not None and not can_reach(account, directory / "data"):
        name = hashlib.sha256(str(directory).encode()).hexdigest()[:16]
        home = FALLBACK / name
        home.mkdir(parents=True, exist_ok=True)
        # Whatever the umask: these two must let the account through.
        FALLBACK.chmod(0o755)
        home.chmod(0o755)
        (home / _BELONGS_TO).write_text(str(directory), encoding="utf-8")
    decided.write_text(str(home), encoding="utf-8")
    return home


def abandoned_homes() -> list[Path]:
    """Homes of directories that no longer exist: removed checkouts, killed test runs."""
    return [
        note.parent
        for note in FALLBACK.glob(f"*/{_BELONGS_TO}")
        if not Path(note.read_text(encoding="utf-8")).exists()
    ]


def give(path: Path, account: Account | None) -> None:
    """Make a folder for the account alone."""
    path.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def reachable_binaries(folder: Path, home: Path, account: Account | None) -> Path:
    """The bin folder itself, or its copy in the home when the account cannot walk there."""
    if account is None or can_reach(account, folder / "postgres"):
        return folder
    installation, package = folder.parent, folder.parent.parent
    # The wheel's binaries find share/ and lib/ beside bin/, and their bundled libraries at
    # ../../../<package>.libs: the copy keeps that shape.
    copy = home / "binaries" / package.name / installation.name
    if not copy.is_dir():
        unfinished = home / "binaries.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(
            installation,
            unfinished / package.name / installation.name,
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        bundled = package.with_name(f"{package.name}.libs")
        if bundled.is_dir():
            shutil.copytree(bundled, unfinished / bundled.name)
        shutil.rmtree(home / "binaries", ignore_errors=True)
        unfinished.rename(home / "binaries")
    return copy / folder.name
