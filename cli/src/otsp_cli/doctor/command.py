"""`otsp doctor`: is what this process was told of fit to run on; docs/doctor.md."""

import argparse
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from otsp_chassis import log
from otsp_cli.doctor.databases import Unseen
from otsp_cli.doctor.findings import Finding, failed, skipped
from otsp_cli.doctor.registry import CHECKS, Check, Thing
from otsp_cli.doctor.surroundings import Surroundings
from otsp_cli.messages.desk import NOTHING, SOME, CannotDo, answering, put

CHECK_SECONDS = 12
_MARKS = {"ok": "✓", "warn": "!", "failed": "✗", "skipped": "–"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the answer."""

    check: str
    subject: str
    state: str
    found: str
    advice: str


class Examination(threading.Thread):
    """One look at one thing; a daemon, so that a name service that hangs holds up nobody."""

    def __init__(self, check: Check, subject: str, *, around: Surroundings, thing: Thing) -> None:
        super().__init__(name=f"doctor-{check.name}", daemon=True)
        self.check, self.subject = check, subject
        self._around, self._thing = around, thing
        self._finding: Finding | None = None

    def run(self) -> None:
        try:
            self._finding = self.check.examine(self._around, self._thing)
        except Unseen as why:
            self._finding = _cannot_see(self.check, str(why))

    def line(self, *, until: float) -> Line:
        self.join(max(until - time.monotonic(), 0))
        finding = self._finding or failed(
            f"no answer within {CHECK_SECONDS} s" if self.is_alive() else "the check itself broke",
            "look whether the way there is open: firewalls and network policies drop silently"
            if self.is_alive()
            else "the trace on standard error tells where; please report it",
        )
        return Line(self.check.name, self.subject, **asdict(finding))


def examine(options: argparse.Namespace) -> int:
    """Exit code 1 when anything failed; warnings and what was not seen do not count."""
    with answering("doctor"):
        log.configure("ERROR")
        chosen = _chosen(options.only or [], is_before=options.before)
        lines = []
        for line in examined(chosen, Surroundings(is_before=options.before)):
            put(line, is_json=options.json, line=_worded(line))
            lines.append(line)
    states = [line.state for line in lines]
    if not options.json:
        print(", ".join(f"{states.count(state)} {state}" for state in _MARKS))
    return SOME if "failed" in states else NOTHING


def examined(checks: list[Check], around: Surroundings) -> Iterator[Line]:
    """All at once, told in their order; each has its seconds and no more."""
    looks: list[Examination | Line] = []
    for check in checks:
        things = check.sees(around)
        looks += [
            Examination(check, name, around=around, thing=thing) for name, thing in things.items()
        ]
        if not things:
            why = skipped(f"this environment does not name {check.needs}")
            looks.append(Line(check.name, "", **asdict(why)))
    until = time.monotonic() + CHECK_SECONDS
    for look in looks:
        if isinstance(look, Examination):
            look.start()
    for look in looks:
        yield look.line(until=until) if isinstance(look, Examination) else look


def _chosen(only: list[str], *, is_before: bool) -> list[Check]:
    known = [check.name for check in CHECKS]
    unknown = sorted(set(only) - set(known))
    if unknown:
        raise CannotDo(f"no check {', '.join(unknown)}; there are {', '.join(known)}")
    wanted = [check for check in CHECKS if not only or check.name in only]
    return [check for check in wanted if not (is_before and check.is_after)]


def _cannot_see(check: Check, why: str) -> Finding:
    """Told in full once, by the check that is about the database itself."""
    if check.name == "database":
        return failed(why, "mend the address, the role's password or the way there")
    return skipped("the database cannot be looked into: see database")


def _worded(line: Line) -> str:
    subject = f" {line.subject}" if line.subject else ""
    advice = f"\n    → {line.advice}" if line.advice else ""
    return f"{_MARKS[line.state]} {line.state:<7} {line.check}{subject}: {line.found}{advice}"
