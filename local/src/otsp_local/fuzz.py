"""`./dev fuzz`: the long form of tests/security/test_fuzzing.py, and what it came to."""

from __future__ import annotations

import argparse
import subprocess

from otsp_local.environment import ROOT, VENV_PYTHON
from otsp_local.settings import whole_environment

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")
TEST = "tests/security/test_fuzzing.py"


def arguments_of(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__)
    parser.add_argument(
        "--cases", type=int, default=10_000, help="requests at least, over all services"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--service", choices=SERVICES, help="all of the cases to this one")
    return parser.parse_args(words)


def main() -> int:
    asked = arguments_of()
    of_all = asked.cases * (len(SERVICES) if asked.service else 1)
    told = {"OTSP_FUZZ_CASES": str(of_all), "OTSP_FUZZ_SEED": str(asked.seed)}
    chosen = f"gets_past_it and {asked.service}" if asked.service else "gets_past_it"
    return subprocess.run(
        [VENV_PYTHON, "-m", "pytest", TEST, "-k", chosen, "-p", "no:randomly", "-q", "-rA"],
        cwd=ROOT, env=whole_environment(**told), check=False,
    ).returncode  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
