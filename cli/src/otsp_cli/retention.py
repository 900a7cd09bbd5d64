"""`otsp retention`: what is past its time of keeping; docs/personal-data.md."""

import argparse

from otsp_chassis.retention import Kept, apply
from otsp_cli.messages.desk import NOTHING, SOME, Desk, answering, operator, put
from otsp_cli.serving import chosen_services


def apply_retention(options: argparse.Namespace) -> int:
    """Exit code 1 when something is due still: always after a dry run that found anything."""
    options.all = not options.services
    left = 0
    with answering("retention"):
        desk = Desk()
        for name in chosen_services(options):
            terms = desk.service(name).retention_terms()
            for kept in apply(desk.runtime(name), terms, operator(), is_dry=options.dry_run):
                left += kept.due - kept.let_go
                _tell(name, kept, is_json=options.json)
    return SOME if left else NOTHING


def _tell(service: str, kept: Kept, *, is_json: bool) -> None:
    term = kept.term
    row = {
        "service": service,
        "term": term.name,
        "years": term.years,
        "after": term.after,
        "basis": term.basis,
        "due": kept.due,
        "let_go": kept.let_go,
    }
    line = (
        f"{service}.{term.name}: {kept.due} due, {kept.let_go} let go of"
        f" ({term.years} years after {term.after}; {term.basis})"
    )
    put(row, is_json=is_json, line=line)
