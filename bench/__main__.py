"""`./dev bench [P1 …] [--json] [--rounds N]`: measure figures and print them.

`./dev bench fill --institutions N` fills databases, `./dev bench picture` draws what P12 told;
`hashing`, `large`, `logins` and `migration` measure what is no figure of the acceptance list. Each
is the module of its name, and says with `--help` what it takes.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import redirect_stdout

from bench import (
    demo,
    edge,
    evaluation,
    exports,
    fill,
    growth,
    hashing,
    http,
    imports,
    large,
    logins,
    migration,
    picture,
    register,
    relays,
    submissions,
)
from bench.figures import Figure, print_json, print_table
from bench.options import Options
from otsp_local.console import StepFailed, say

FIGURES: dict[str, Callable[[Options], Figure]] = {
    "P1": http.measure_get,
    "P2": http.measure_page,
    "P3": http.measure_post,
    "P4": edge.measure_edge,
    "P5": submissions.measure_single,
    "P6": submissions.measure_burst,
    "P7": evaluation.measure_evaluation,
    "P8": relays.measure_relay,
    "P9": exports.measure_exports,
    "P10": imports.measure_imports,
    "P11": register.measure_register,
    "P12": growth.measure_growth,
    "P13": demo.measure_demo,
}
COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "fill": fill.main,
    "hashing": hashing.main,
    "large": large.main,
    "logins": logins.main,
    "migration": migration.main,
    "picture": picture.main,
}
ON_THE_TOWN = frozenset({"P5", "P6", "P8"})
"""Figures that share a test stand; no other may find it running."""


def main() -> int:
    """0 when everything was measured, met or not: a figure is no test."""
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    chosen = _arguments()
    options = Options(rounds=chosen.rounds, requests=chosen.requests)
    tell = print_json if chosen.json else print_table
    try:
        for figure_id in chosen.ids or FIGURES:
            say(f"{figure_id}:")
            if figure_id not in ON_THE_TOWN:
                options.stands.clear()
            with redirect_stdout(sys.stderr):  # what the platform under test logs is no answer
                figure = FIGURES[figure_id](options)
            tell(figure)
    except StepFailed as failure:
        say(f"./dev bench: {failure}")
        return 1
    finally:
        options.stands.clear()
    return 0


def _arguments() -> argparse.Namespace:
    defaults = Options()
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("ids", nargs="*", metavar="ID", help=f"of {', '.join(FIGURES)}; else all")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--rounds", type=int, default=defaults.rounds, help="runs of each variant")
    parser.add_argument(
        "--requests", type=int, default=defaults.requests, help="requests of each run"
    )
    chosen = parser.parse_args()
    unknown = [each for each in chosen.ids if each not in FIGURES]
    if unknown:
        parser.error(f"no figure {', '.join(unknown)}; there are {', '.join(FIGURES)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
