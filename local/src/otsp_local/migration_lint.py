"""Reads the SQL of migrations that no release has yet: `./dev check`; docs/upgrades.md.

Squawk knows which statements lock, scan, rewrite or break a release that still runs. What it reads
is what the migration job would send. A migration that takes away what an earlier release left
unused names that release, `contracts = "0.2.0"`, and may drop.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from otsp_chassis.migrate import offline_sql, scripts_of
from otsp_local.console import say
from otsp_local.environment import ROOT, VENV

RELEASES = ROOT / "tests" / "upgrade"
_SQUAWK = VENV / "bin" / "squawk"
_OLDEST_POSTGRES = "13"
# Each migration is one transaction, or drops first what it makes outside of one.
_NEVER_ASKED = ("prefer-robust-stmts",)
_CONTRACTING = ("ban-drop-column", "ban-drop-table", "ban-drop-not-null")


@dataclass(frozen=True, slots=True)
class Step:
    """One migration of one package, from the revision before it."""

    package: str
    start: str
    revision: str
    contracts: str | None

    @property
    def name(self) -> str:
        return f"{self.package.removeprefix('otsp_')} {self.revision}"


def release_folders() -> list[Path]:
    """Of the releases whose databases are kept, the newest last."""
    return sorted(RELEASES.glob("v*/"), key=lambda each: _numbers(each.name[1:]))


def released_revisions() -> dict[str, str]:
    """Service → revision of the newest release; empty before the first."""
    folders = release_folders()
    if not folders:
        return {}
    told: dict[str, str] = json.loads((folders[-1] / "revisions.json").read_text("utf-8"))
    return told


def steps_after(package: str, released: str) -> Iterator[Step]:
    """What the next release adds, in its order."""
    scripts = list(reversed(list(scripts_of(package).walk_revisions(released, "heads"))))
    for before, script in itertools.pairwise(scripts):
        contracts = getattr(script.module, "contracts", None)
        yield Step(package, before.revision, script.revision, contracts)


def faults_of(step: Step) -> list[str]:
    """One line each, as squawk words it."""
    faults = _contract_faults(step)
    left_out = [*_NEVER_ASKED, *(_CONTRACTING if step.contracts and not faults else ())]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".sql") as file:
        file.write(offline_sql(step.package, step.start, step.revision))
        file.flush()
        told = subprocess.run(
            [
                _SQUAWK, "--pg-version", _OLDEST_POSTGRES, "--reporter", "gcc",
                *(f"--exclude={rule}" for rule in left_out), file.name,
            ],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    if told.returncode not in {0, 1} or (told.returncode and not told.stdout):
        faults.append(f"squawk cannot read it: {told.stderr.strip()}")
    return faults + [line.partition(": warning: ")[2] for line in told.stdout.splitlines()]


def _contract_faults(step: Step) -> list[str]:
    known = [each.name[1:] for each in release_folders()]
    if step.contracts is None or step.contracts in known:
        return []
    return [
        f"contracts = {step.contracts!r} names no release that is out: expand first, drop later"
    ]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split(".") if each.isdecimal())


def main() -> int:
    count = 0
    for service, released in released_revisions().items():
        package = f"otsp_{service}"
        for step in steps_after(package, released):
            for fault in faults_of(step):
                say(f"{step.name}: {fault}")
                count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
