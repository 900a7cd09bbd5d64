"""What `./dev check` runs: every static check, all of them even when one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from otsp_local.console import say
from otsp_local.environment import ROOT, VENV

Check = tuple[str, list[str | Path]]
BIN = VENV / "bin"
ARCHITECTURE_TESTS = Path("tests/architecture")


def listed_checks() -> list[Check]:
    """The longest first: the others are done beside it."""
    checks: list[Check] = []
    if (ROOT / ARCHITECTURE_TESTS).is_dir():
        checks.append(("architecture", [BIN / "python", "-m", "pytest", "-q", ARCHITECTURE_TESTS]))
    return [
        *checks,
        ("types", [BIN / "mypy"]),
        ("secrets", [BIN / "python", "-m", "otsp_local.audit", "secrets"]),
        ("licences", [BIN / "python", "-m", "otsp_local.audit", "licences"]),
        ("lint", [BIN / "ruff", "check", "--quiet", "."]),
        ("format", [BIN / "ruff", "format", "--check", "--quiet", "."]),
        ("import rules", [BIN / "lint-imports"]),
        ("migrations", [BIN / "python", "-m", "otsp_local.migration_lint"]),
        ("spelling", [BIN / "codespell"]),
    ]


def _run(check: Check) -> tuple[subprocess.CompletedProcess[str], float]:
    begun = time.monotonic()
    result = subprocess.run(check[1], cwd=ROOT, capture_output=True, text=True, check=False)
    return result, time.monotonic() - begun


def main() -> int:
    """Beside each other, as many as there are cores; told in the order of the list."""
    failed = []
    checks = listed_checks()
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for (name, _), (result, seconds) in zip(checks, pool.map(_run, checks), strict=True):
            verdict = "ok" if result.returncode == 0 else "FAILED"
            say(f"{name:<14}{verdict:<8}{seconds:6.1f} s")
            if result.returncode != 0:
                say(result.stdout + result.stderr)
                failed.append(name)
    if failed:
        say(f"./dev check: failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
