"""`./dev surge` and `./dev soak`: the platform at a planned rate; see docs/soak.md."""

import argparse
import json
import sys
from contextlib import AbstractContextManager, redirect_stdout
from pathlib import Path

from drill.run import Stand, standing
from drill.surge.arrivals import Plan
from drill.surge.hold import hold
from drill.surge.verdict import SOAK, SURGE, Verdict
from otsp_local.console import StepFailed, say
from otsp_local.environment import ROOT

SAMPLE_SECONDS = 5.0
RATES = {SURGE: 5.0, SOAK: 2.5}
MINUTES = {SURGE: 10.0, SOAK: 30.0}
RESIDENTS_A_RATE = 60
"""So many institutions for each submission a second: a minute from one filing to the next."""


def main() -> int:
    """0 when all held, 1 when something did not, 2 when it could not be tried."""
    chosen = _arguments()
    plan = Plan(chosen.rate, chosen.minutes * 60)
    try:
        with redirect_stdout(sys.stderr), _standing(chosen, plan) as stand:
            held = hold(stand, plan, chosen.report, every_seconds=SAMPLE_SECONDS)
    except StepFailed as failure:
        say(f"./dev {chosen.what}: {failure}")
        return 2
    verdict = Verdict.of(chosen.what, held, chosen.report)
    verdict.write(held, chosen.report)
    print(json.dumps(verdict.as_dict()) if chosen.json else verdict)
    return 0 if verdict.is_well else 1


def _standing(chosen: argparse.Namespace, plan: Plan) -> AbstractContextManager[Stand]:
    residents = chosen.residents or max(int(plan.rate * RESIDENTS_A_RATE), 10)
    return standing(residents, bystanders=chosen.among, is_wired=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev", description=__doc__)
    commands = parser.add_subparsers(dest="what", required=True)
    for what, why in (
        (SURGE, "submissions and decisions at the pace of the year's end"),
        (SOAK, "half of that for long: does anything grow, does anybody warn?"),
    ):
        each = commands.add_parser(what, help=why, prog=f"./dev {what}")
        each.add_argument("--rate", type=float, default=RATES[what], help="submissions a second")
        each.add_argument("--minutes", type=float, default=MINUTES[what])
        each.add_argument("--residents", type=int, help="institutions that file")
        each.add_argument(
            "--among", type=int, default=0, help="institutions of the generator that stand by"
        )
        each.add_argument("--report", type=Path, default=ROOT / ".run" / f"{what}-report")
        each.add_argument("--json", action="store_true", help="one JSON object instead of the text")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
