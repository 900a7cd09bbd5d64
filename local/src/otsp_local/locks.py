"""Compiles requirements/*.lock (D1): hashes of every file, every platform, no host, no path."""

from __future__ import annotations

import re
import subprocess
import sys

from otsp_local.console import StepFailed, say, step
from otsp_local.environment import ROOT, VENV

OLDEST_PYTHON = "3.11"
# A release is taken when it has been public for a week: most bad uploads are withdrawn by then.
COOL_DOWN = "7 days"
# In this order: a group is constrained by the groups that it extends.
GROUPS = ("runtime", "embedded", "dev", "bench", "mutants", "deploy", "image", "fuzz", "audit")
CONSTRAINED_BY = {
    "dev": "runtime",
    "bench": "dev",
    "mutants": "dev",
    "deploy": "dev",
    "image": "dev",
}
PLACE = re.compile(r"(https?|file)://|(^|\s)/[A-Za-z]")


def compile_lock(group: str, arguments: list[str]) -> None:
    options = ["--no-deps"] if group == "embedded" else []
    if group in CONSTRAINED_BY:
        options += ["--constraints", f"{CONSTRAINED_BY[group]}.lock"]
    result = subprocess.run(
        [
            VENV / "bin" / "uv", "pip", "compile", "--quiet", "--no-config", "--universal",
            "--python-version", OLDEST_PYTHON, "--generate-hashes", "--no-emit-index-url",
            "--exclude-newer", COOL_DOWN, "--custom-compile-command", "./dev lock",
            *options, *arguments, "--output-file", f"{group}.lock", f"{group}.in",
        ],
        cwd=ROOT / "requirements", capture_output=True, text=True, check=False,
    )  # fmt: skip
    if result.returncode != 0:
        raise StepFailed(f"uv could not resolve requirements/{group}.in:\n{result.stderr}")
    lock = (ROOT / "requirements" / f"{group}.lock").read_text(encoding="utf-8")
    named = [line for line in lock.splitlines() if PLACE.search(line)]
    if named:
        raise StepFailed(f"requirements/{group}.lock names a host or a path: {named[0].strip()}")


def main() -> int:
    try:
        for group in GROUPS:
            with step(f"compiling requirements/{group}.lock"):
                compile_lock(group, sys.argv[1:])
    except StepFailed as failure:
        say(f"./dev: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
