"""`otsp retention`: what is past its time of keeping; docs/personal-data.md."""

import argparse
from collections.abc import Iterator

from otsp_chassis.retention import Kept, Term, apply, count_due
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
            for kept in _kept(desk, name, terms, is_dry=options.dry_run):
                left += kept.due - kept.let_go
                _tell(name, kept, is_json=options.json)
    return SOME if left else NOTHING


def _kept(desk: Desk, service: str, terms: list[Term], *, is_dry: bool) -> Iterator[Kept]:
    if not is_dry:
        yield from apply(desk.runtime(service), terms, operator())
        return
    with desk.database(service) as database:
        yield from count_due(database, terms)


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
