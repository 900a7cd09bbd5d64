"""How long personal data are kept, and what becomes of them then (domain specification §5.4).

A service's `retention` room holds one function for each kind of record. It is asked for what is
due on a day, and told to let go of some of it, so that a dry run and the nightly job look at the
same. What is let go of leaves an entry in the trail.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import TypeVar

from otsp_chassis import clock, metrics
from otsp_chassis.context import Runtime, activate, current_runtime, operation_by
from otsp_chassis.db import Database, Reader, Tx, reading, transaction, unavailable_database_told

_BATCH = 200

Due = Callable[[Reader, date], int]
LetGo = Callable[[Tx, date, int], int]
Function = TypeVar("Function", bound=LetGo)


@dataclass(frozen=True, slots=True)
class Term:
    """One kind of record: for how many years it is kept after what, by which law."""

    name: str
    years: int
    after: str
    basis: str
    due: Due
    let_go: LetGo


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run came to for one term: due when it began, and let go of."""

    term: Term
    due: int
    let_go: int


def keeps(*, years: int, after: str, basis: str, due: Due) -> Callable[[Function], Function]:
    """Mark a function of `retention`: it lets go of up to so many of what is due on a day."""

    def mark(function: Function) -> Function:
        term = Term(function.__name__, years, after, basis, due=due, let_go=function)
        function.__otsp_keeps__ = term  # type: ignore[attr-defined]
        return function

    return mark


def terms_of(module: ModuleType | None) -> list[Term]:
    """The marked functions of a retention module, in the order they stand."""
    members = vars(module).values() if module else ()
    return [each.__otsp_keeps__ for each in members if hasattr(each, "__otsp_keeps__")]


def since(day: date, years: int) -> date:
    """What happened before this day is older than so many years on `day`."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)  # 29 February


def count_due(database: Database, terms: list[Term]) -> Iterator[Kept]:
    """Each term with nothing let go of: it reads only, hence needs no key of the service."""
    today = clock.today()
    with unavailable_database_told(), database.autocommit.connect() as reader:
        yield from (Kept(term, term.due(reader, today), let_go=0) for term in terms)


def apply(runtime: Runtime, terms: list[Term], operator: str) -> Iterator[Kept]:
    """Each term when it is done. A batch is a transaction: cut short, it is run again."""
    with activate(runtime, operation_by(operator, "retention")):
        yield from map(_applied, terms)


def apply_nightly(terms: list[Term]) -> None:
    """The job: the same without an operator; a missed night is caught up by the next run."""
    for term in terms:
        _applied(term)


def _applied(term: Term) -> Kept:
    today, done = clock.today(), 0
    with reading() as reader:
        due = term.due(reader, today)
    while done < due:
        with transaction() as tx:
            gone = term.let_go(tx, today, _BATCH)
        if gone == 0:
            break
        done += gone
        metrics.LET_GO.labels(current_runtime().service, term.name).inc(gone)
    return Kept(term, due, done)
