"""A base image from Debian's packages alone, for machines that can pull none."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from otsp_local.console import StepFailed, step
from otsp_local.debian import install
from otsp_local.engine import Engine

SUITES = ("bookworm", "trixie")
"""Python 3.11 and 3.13."""
_SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d/debian.sources"))
_NO_DOCUMENTS = """path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
"""
_NOTHING_STARTS = "#!/bin/sh\nexit 101\n"
_LEFT_OUT = ("./dev/*", "./var/cache/apt/*", "./var/lib/apt/lists/*", "./var/log/*")


def own_suite() -> str:
    """This machine's, so that its packages are in every cache; else the oldest that we take."""
    named = _release().get("VERSION_CODENAME", "")
    return named if named in SUITES else SUITES[0]


def own_mirror() -> str | None:
    """Where this machine has its own packages from; None: debootstrap knows one."""
    if _release().get("ID") != "debian":
        return None
    for file in _SOURCES:
        for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
            words = line.split()
            if words[:1] in (["deb"], ["URIs:"]) and words[1].startswith("http"):
                return words[1].rstrip("/")
    return None


def _release() -> dict[str, str]:
    file = Path("/etc/os-release")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    pairs = (line.partition("=") for line in lines)
    return {name: value.strip('"') for name, _, value in pairs}


def base_image(engine: Engine, suite: str) -> str:
    """Its name; made on first asking."""
    name = f"otsp-base:{suite}"
    if not engine.has_image(name):
        _make(engine, name, suite)
    return name


def _make(engine: Engine, name: str, suite: str) -> None:
    if shutil.which("debootstrap", path="/usr/sbin:/usr/bin") is None:
        install("debootstrap")
    if os.geteuid() != 0 or shutil.which("debootstrap", path="/usr/sbin:/usr/bin") is None:
        raise StepFailed(
            "No image can be pulled here, and a base of our own takes root and debootstrap\n"
            "(apt-get install debootstrap). Or name a base that the engine has: --base IMAGE."
        )
    with (
        step(f"making the base image {name} with debootstrap"),
        tempfile.TemporaryDirectory(prefix="otsp-base-", dir="/var/tmp") as folder,
    ):
        root = Path(folder)
        options = ["--variant=minbase", "--include=ca-certificates"]
        _run(["debootstrap", *options, suite, folder, *filter(None, [own_mirror()])])
        _slim(root, suite)
        _import(engine, root, name)


def _slim(root: Path, suite: str) -> None:
    """As the official slim image: no documents, nothing starts at an installation."""
    listed = root / "etc/apt/sources.list"
    mirror = listed.read_text(encoding="utf-8").split()[1].rstrip("/")
    sources = [
        f"deb {mirror} {suite} main",
        f"deb {mirror} {suite}-updates main",
        f"deb {mirror}-security {suite}-security main",
    ]
    listed.write_text("\n".join([*sources, ""]), encoding="utf-8")
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text(_NO_DOCUMENTS, encoding="utf-8")
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text(_NOTHING_STARTS, encoding="utf-8")
    policy.chmod(0o755)
    for name in ("man", "locale"):
        shutil.rmtree(root / "usr/share" / name, ignore_errors=True)
    for document in (root / "usr/share/doc").rglob("*"):
        if document.is_file() and document.name != "copyright":
            document.unlink()
    for name in ("etc/resolv.conf", "etc/hostname"):
        (root / name).unlink(missing_ok=True)


def _import(engine: Engine, root: Path, name: str) -> None:
    packing = subprocess.Popen(
        ["tar", "-C", root, *(f"--exclude={each}" for each in _LEFT_OUT), "-c", "."],
        stdout=subprocess.PIPE,
    )
    with packing:
        importing = subprocess.run(
            [engine.client, "import", "--change", 'CMD ["bash"]', "-", name],
            env=engine.environment(), stdin=packing.stdout, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    if importing.returncode != 0 or packing.returncode != 0:
        raise StepFailed(f"docker import failed:\n{importing.stderr}")


def _run(command: list[str]) -> None:
    told = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
    )  # fmt: skip
    if told.returncode != 0:
        raise StepFailed(f"{command[0]} failed:\n{(told.stdout + told.stderr)[-2000:]}")
