"""`./dev audit [advisories] [secrets] [licences]`.

0: nothing was found. 1: something was. 2: something could not be asked, whatever else was found.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from otsp_local.audit import advisories, leaks, licences
from otsp_local.console import StepFailed, say, step
from otsp_local.environment import ROOT, VENV

PARTS = ("advisories", "secrets", "licences")
FOUND, NOT_ASKED = 1, 2


def main(words: Sequence[str] | None = None) -> int:
    asked = _arguments(words)
    if asked.write:
        licences.write_table(ROOT, VENV)
    found: list[str] = []
    try:
        if "secrets" in asked.parts:
            with step("looking for secrets in the files and in their history"):
                found += leaks.list_leaks(ROOT)
        if "licences" in asked.parts:
            found += licences.find_faults(ROOT, VENV)
        if "advisories" in asked.parts:
            with step("asking for published faults of what the locks name"):
                found += [each.line() for each in advisories.list_advisories(ROOT, asked.osv)]
    except (StepFailed, advisories.NotAsked) as failure:
        _tell(found)
        say(f"./dev audit: NOT ASKED: {failure}")
        return NOT_ASKED
    _tell(found)
    print(f"{', '.join(asked.parts)}: {len(found) or 'nothing'} found")
    return FOUND if found else 0


def _tell(found: Sequence[str]) -> None:
    for each in found:
        print(each)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev audit", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; else all")
    parser.add_argument("--osv", metavar="URL", help="an OSV service in place of PyPI's advisories")
    parser.add_argument("--write", action="store_true", help="write requirements/licences.tsv anew")
    asked = parser.parse_args(words)
    asked.parts = asked.parts or list(PARTS)
    unknown = [each for each in asked.parts if each not in PARTS]
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
