"""`./dev drill`: the whole platform under faults; see docs/drill.md."""

import argparse
import json
import random
import sys
from contextlib import redirect_stdout
from pathlib import Path

from drill.run import Plan, standing
from drill.schedule import Schedule, broker_away, draw
from otsp_local.console import StepFailed, say
from otsp_local.environment import ROOT

SUBMISSIONS, KILLS, MINUTES, RESIDENTS = 1000, 50, 12.0, 40
REPORT = ROOT / ".run" / "drill-report"


def main() -> int:
    """0 when nothing was lost, duplicated, stuck or otherwise wrong, 1 when something was, 2 when
    the drill could not be held.
    """
    chosen = _arguments()
    schedule = (
        Schedule.read(chosen.schedule)
        if chosen.schedule
        else draw(chosen.seed, chosen.minutes * 60, chosen.kills)
    )
    say(f"seed {schedule.seed}, schedule and journal in {chosen.report}")
    if chosen.broker_down:
        schedule = broker_away(schedule, chosen.broker_down * 60)
    plan = Plan(schedule, chosen.submissions, chosen.report)
    try:
        with redirect_stdout(sys.stderr), standing(chosen.residents) as stand:
            report = stand.hold(plan)
    except StepFailed as failure:
        say(f"./dev drill: {failure}")
        return 2
    for finding in report.findings[:50]:
        say(f"  {finding.kind} ({finding.invariant}): {finding.what}")
    print(json.dumps(report.as_dict() | {"seed": schedule.seed}) if chosen.json else report)
    return 0 if report.is_well else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev drill", description=__doc__)
    drawn = random.SystemRandom().randrange(1, 1_000_000)
    parser.add_argument("--seed", type=int, default=drawn, help="draws the faults and the load")
    parser.add_argument("--submissions", type=int, default=SUBMISSIONS)
    parser.add_argument("--kills", type=int, default=KILLS, help="pauses and networks besides")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of load under faults")
    parser.add_argument("--residents", type=int, default=RESIDENTS, help="institutions that file")
    parser.add_argument(
        "--broker-down", type=float, default=0.0, metavar="MINUTES", help="in the middle, besides"
    )
    parser.add_argument("--schedule", type=Path, help="the faults of an earlier drill's file")
    parser.add_argument("--report", type=Path, default=REPORT, help="a folder for all of it")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the line")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
