"""What `./dev check` runs: every static check, all of them even when one fails."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from otsp_local.console import say
from otsp_local.environment import ROOT, VENV

BIN = VENV / "bin"
ARCHITECTURE_TESTS = Path("tests/architecture")


def listed_checks() -> list[tuple[str, list[str | Path]]]:
    checks: list[tuple[str, list[str | Path]]] = [
        ("lint", [BIN / "ruff", "check", "--quiet", "."]),
        ("format", [BIN / "ruff", "format", "--check", "--quiet", "."]),
        ("types", [BIN / "mypy"]),
        ("import rules", [BIN / "lint-imports"]),
        ("spelling", [BIN / "codespell"]),
    ]
    if (ROOT / ARCHITECTURE_TESTS).is_dir():
        checks.append(("architecture", [BIN / "python", "-m", "pytest", "-q", ARCHITECTURE_TESTS]))
    return checks


def main() -> int:
    failed = []
    for name, command in listed_checks():
        begun = time.monotonic()
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        verdict = "ok" if result.returncode == 0 else "FAILED"
        say(f"{name:<14}{verdict:<8}{time.monotonic() - begun:6.1f} s")
        if result.returncode != 0:
            say(result.stdout + result.stderr)
            failed.append(name)
    if failed:
        say(f"./dev check: failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
