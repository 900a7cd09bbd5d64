"""Under which licence each package of the locks may be used: requirements/licences.tsv.

The table is written from what the packages themselves say (`./dev audit licences --write`), kept
in the repository so that judging it needs neither network nor every environment.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from otsp_local.audit.locked import LOCKS, canonical, list_locked

TABLE = LOCKS / "licences.tsv"
NOT_TOLD = "not told"
SHIPPED = frozenset({"runtime.lock", "embedded.lock"})
"""What others are given; the rest builds, tests and measures, and is passed on to nobody."""
ALLOWED = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "HPND", "ISC", "MIT", "MIT-0",
        "MIT-CMU", "MPL-2.0", "PSF-2.0", "PostgreSQL", "Unlicense",
    }
)  # fmt: skip
"""Ask for their text to be passed on, MPL-2.0 for changed files of its own; none asks for ours."""
EXCEPTIONS: Mapping[str, str] = {
    "codespell": "GPL-2.0-only, a command of developers that is run, not linked or passed on",
    "psycopg": "LGPL-3.0-only, an unchanged library that can be replaced by installing another",
    "psycopg-binary": "as psycopg; brings libpq under PostgreSQL's licence",
    "psycopg-pool": "as psycopg, in benchmarks only",
    "pywin32": "its adodbapi is LGPL-2.1-only; what runs tests on Windows, where we have none",
    "python-stdnum": "LGPL-2.1-or-later, in tests only",
}
"""Package → why its licence is taken though it is not among the allowed ones."""
_SPDX: Mapping[str, str] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_LEFT_OUT = frozenset({"OSI Approved", "DFSG approved"})
_WORDS = re.compile(r"\s+(?:AND|OR|WITH)\s+")


def told_licence(package: Distribution) -> str:
    """By the package: an SPDX expression, else its classifiers, else the first line it wrote."""
    told = package.metadata
    if expressions := told.get_all("License-Expression"):
        return str(expressions[0])
    classifiers = (
        each.removeprefix("License :: ").removeprefix("OSI Approved :: ")
        for each in told.get_all("Classifier") or ()
        if each.startswith("License ::")
    )
    named = [_SPDX.get(each, each) for each in classifiers if each not in _LEFT_OUT]
    if named:
        return " AND ".join(dict.fromkeys(named))
    written = "\n".join(told.get_all("License") or ()).strip().splitlines()
    return _SPDX.get(written[0], written[0]) if written else NOT_TOLD


def list_installed(environments: Path) -> dict[str, tuple[str, str]]:
    """Package → version and licence, of `.venv` and those inside of it."""
    folders = [
        *environments.glob("lib/python*/site-packages"),
        *environments.glob("*/lib/python*/site-packages"),
    ]
    return {
        canonical(each.metadata["Name"]): (each.version, told_licence(each))
        for each in distributions(path=[str(folder) for folder in folders])
    }


def read_table(root: Path) -> dict[str, str]:
    with (root / TABLE).open(encoding="utf-8", newline="") as file:
        return {row["package"]: row["licence"] for row in csv.DictReader(file, dialect="excel-tab")}


def write_table(root: Path, environments: Path) -> None:
    """Anew from what is installed; what is not keeps its row, and gets an empty one."""
    before = read_table(root) if (root / TABLE).is_file() else {}
    installed = list_installed(environments)
    with (root / TABLE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, dialect="excel-tab", lineterminator="\n")
        writer.writerow(("package", "licence"))
        for name in list_locked(root):
            told = installed.get(name, ("", NOT_TOLD))[1]
            writer.writerow((name, before.get(name, NOT_TOLD) if told == NOT_TOLD else told))


def find_faults(root: Path, environments: Path) -> Iterator[str]:
    """Packages whose licence nobody wrote down, that is not taken, or that changed."""
    table, locked = read_table(root), list_locked(root)
    installed = list_installed(environments)
    for name in sorted(table.keys() - locked.keys()):
        yield f"{name}: in {TABLE}, in no lock"
    for name, versions in locked.items():
        licence = table.get(name, NOT_TOLD)
        told = installed.get(name, ("", NOT_TOLD))
        if licence == NOT_TOLD:
            yield f"{name}: no licence in {TABLE}; read it, then ./dev audit licences --write"
        elif told[1] not in (NOT_TOLD, licence) and told[0] in versions:
            yield f"{name}: {licence} in {TABLE}, {told[1]} by the package itself"
        yield from _judge(name, licence, frozenset().union(*versions.values()))
    for name in sorted(EXCEPTIONS.keys() - locked.keys()):
        yield f"{name}: an exception for a package that no lock names"


def _judge(name: str, licence: str, locks: frozenset[str]) -> Iterator[str]:
    named = {each.strip("() ") for each in _WORDS.split(licence)}
    taken = named - ALLOWED - {NOT_TOLD}
    if taken and name not in EXCEPTIONS:
        yield f"{name}: {licence} is not among the licences that are taken"
    if not taken and name in EXCEPTIONS and licence != NOT_TOLD:
        yield f"{name}: an exception that is not needed"
    if any(each.startswith(("GPL", "AGPL")) for each in taken) and locks & SHIPPED:
        yield f"{name}: {licence}, and it is passed on with the platform"
