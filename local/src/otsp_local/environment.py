"""Makes `.venv` from the locks: `python -m otsp_local.environment GROUP BASE_PYTHON`.

Runs under whatever Python the machine has, before anything is installed: standard library only.
A stamp with the lock's hash makes the second start instant.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from otsp_local.console import StepFailed, say, step
from otsp_local.servers import find_system_nginx, list_system_postgres

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOG = ROOT / ".run" / "log" / "environment.log"


@dataclass(frozen=True, slots=True)
class Group:
    """A lock, whether another group's environment already contains it, and whether it has an
    environment of its own inside `.venv`: what changes how others run is not put beside them.
    """

    name: str
    contained_in: str | None = None
    with_dependencies: bool = True
    stands_alone: bool = False

    @property
    def lock(self) -> Path:
        return ROOT / "requirements" / f"{self.name}.lock"

    @property
    def venv(self) -> Path:
        return VENV / self.name if self.stands_alone else VENV

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.venv / f".installed-{self.name}"


RUNTIME = Group("runtime", contained_in="dev")
DEV = Group("dev")
# The peers of the benchmarks, on top of dev.
BENCH = Group("bench")
# Mutation testing, on top of dev.
MUTANTS = Group("mutants")
# Helm and Kubernetes' schemas for the chart's tests, on top of dev.
DEPLOY = Group("deploy")
# What the image is built with; its tests build the same wheels. Alone, because with it comes what
# makes every start of Connexion build a grammar of addresses: more than a second of processor.
IMAGE = Group("image", stands_alone=True)
# schemathesis, by itself: it asks for a jsonschema-rs that the platform would be held back by.
FUZZ = Group("fuzz", stands_alone=True)
# pip-audit, by itself: what judges the dependencies holds none of them back.
AUDIT = Group("audit", stands_alone=True)
# Binaries only: what the wheels' own managers import is not wanted.
EMBEDDED = Group("embedded", with_dependencies=False)


def _run(arguments: list[str | Path], *, failed: str) -> None:
    """Run with its output in the log; a failure names the log and shows its end."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"\n$ {' '.join(map(str, arguments))}\n")
        log.flush()
        status = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, cwd=ROOT
        ).returncode
    if status != 0:
        last = "\n".join(LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
        raise StepFailed(f"{failed} (exit status {status}).\n{last}\nThe whole log: {LOG}")


def _lock_hash(group: Group) -> str:
    return hashlib.sha256(group.lock.read_bytes()).hexdigest()


def _is_installed(group: Group) -> bool:
    return group.stamp.is_file() and group.stamp.read_text(encoding="utf-8") == _lock_hash(group)


def _is_there(group: Group) -> bool:
    whole = DEV if group.contained_in == DEV.name else group
    return _has_venv(group) and (_is_installed(group) or _is_installed(whole))


def _uv() -> str | None:
    inside = VENV / "bin" / "uv"
    return shutil.which("uv") or (str(inside) if inside.is_file() else None)


def _has_venv(group: Group) -> bool:
    return group.python.exists() and group.python.resolve().is_file()


def _make_venv(venv: Path, base_python: str) -> None:
    """Whole, or not at all: a half-made folder is removed first."""
    if venv.exists():
        shutil.rmtree(venv)
    uv = shutil.which("uv") if venv == VENV else _uv()
    if uv is not None:
        with step(f"making {venv.relative_to(ROOT)} with uv"):
            _run(
                [uv, "venv", "--no-project", "--python", base_python, venv],
                failed=f"uv could not make {venv.relative_to(ROOT)}",
            )
        return
    has_pip = importlib.util.find_spec("pip") is not None
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if not has_ensurepip and not has_pip:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise StepFailed(
            f"This Python {version} ({sys.executable}) has neither venv nor pip.\n"
            f"On Debian and Ubuntu: apt-get install python{version}-venv"
        )
    with step(f"making {venv.relative_to(ROOT)}"):
        options = [] if has_ensurepip else ["--without-pip"]
        _run(
            [base_python, "-m", "venv", *options, venv],
            failed=f"python -m venv could not make {venv.relative_to(ROOT)}",
        )


def _installer(python: Path, base_python: str) -> list[str | Path]:
    """The command that installs for `python`: uv where there is one, else the nearest pip."""
    uv = _uv()
    if uv is not None:
        return [uv, "pip", "install", "--quiet", "--python", python]
    return _pip(python, base_python)


def _pip(python: Path, base_python: str) -> list[str | Path]:
    inside = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    if inside.returncode == 0:
        return [python, "-m", "pip", "install", "--quiet"]
    return [base_python, "-m", "pip", "--python", python, "install", "--quiet"]


def _install(group: Group, base_python: str) -> None:
    count = sum("==" in line for line in group.lock.read_text(encoding="utf-8").splitlines())
    options = [] if group.with_dependencies else ["--no-deps"]
    wanted: list[str | Path] = [*options, "--require-hashes", "-r", group.lock]
    failed = f"The packages of requirements/{group.name}.lock could not be installed"
    installed = _lock_hash(group)  # before: a lock that changes meanwhile is not installed
    with step(f"installing {count} packages ({group.name}; the first time takes minutes)"):
        if group is DEV and _uv() is None:
            _bring_uv(base_python)
        try:
            _run([*_installer(group.python, base_python), *wanted], failed=failed)
        except StepFailed:
            if _uv() != str(VENV / "bin" / "uv"):
                raise
            # Where only pip knows of this machine's index, the lock's own uv finds nothing.
            _run([*_pip(group.python, base_python), *wanted], failed=failed)
    group.stamp.write_text(installed, encoding="utf-8")


def _bring_uv(base_python: str) -> None:
    """Out of the lock, before all else: it has the rest there in a fifth of pip's time."""
    lock = DEV.lock.read_text(encoding="utf-8")
    entry = re.search(r"^uv==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    if entry is None:
        return
    alone = VENV / "uv.lock"
    alone.write_text(entry[0], encoding="utf-8")
    _run(
        [*_pip(VENV_PYTHON, base_python), "--require-hashes", "-r", alone],
        failed="uv could not be installed",
    )


def _write_member_paths() -> None:
    """Put the members on sys.path. The list is mypy's, so that there is one list."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        listed = tomllib.load(file)["tool"]["mypy"]["mypy_path"]
    folders = [entry.replace("$MYPY_CONFIG_FILE_DIR", str(ROOT)) for entry in listed]
    # site.py passes over folders that do not exist, so a new member needs no new environment.
    for site_packages in VENV.glob("lib/python*/site-packages"):
        target = site_packages / "otsp_members.pth"
        told = "".join(f"{folder}\n" for folder in folders)
        # Left alone where it is right: whoever starts a Python meanwhile reads it.
        if not target.is_file() or target.read_text(encoding="utf-8") != told:
            target.write_text(told, encoding="utf-8")


def needs_embedded_servers() -> bool:
    return not list_system_postgres() or find_system_nginx() is None


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of two commands begun at once the second waits, and then finds what the first made."""
    lock = LOG.with_suffix(".lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with step("waiting for another ./dev that makes the environment"):
                fcntl.flock(held, fcntl.LOCK_EX)
        yield


def make(group_name: str, base_python: str) -> None:
    """Raises StepFailed, which says what is missing or where the log is."""
    known = (RUNTIME, DEV, BENCH, MUTANTS, DEPLOY, IMAGE, FUZZ, AUDIT, EMBEDDED)
    group = {group.name: group for group in known}.get(group_name)
    if group is None:
        raise StepFailed(f"There is no group {group_name}; see requirements/*.lock.")
    wanted = [group] if group is not EMBEDDED else [RUNTIME]
    if group is EMBEDDED and needs_embedded_servers():
        wanted.append(EMBEDDED)
    for each in wanted:
        if _is_there(each):
            continue
        with _one_at_a_time():
            if not _has_venv(each):
                _make_venv(each.venv, base_python)
            if not _is_there(each):
                _install(each, base_python)
    _write_member_paths()


def main() -> int:
    try:
        make(sys.argv[1], sys.argv[2])
    except StepFailed as failure:
        say(f"./dev: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
