"""What is due of an employed person, and when (domain specification §2.9; STF-008, STF-009).

A yearly check is due a year after the last one, or after the hiring; it is told thirty days ahead,
as is the end of a contract or permit. A check before the hiring that is missing is due at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

AHEAD: Final = timedelta(days=30)
YEAR: Final = timedelta(days=365)


class Dated(Protocol):
    """The days of a person that something follows from."""

    @property
    def hired_on(self) -> date | None: ...
    @property
    def precheck_on(self) -> date | None: ...
    @property
    def annual_check_on(self) -> date | None: ...
    @property
    def contract_to(self) -> date | None: ...
    @property
    def work_permit_to(self) -> date | None: ...
    @property
    def residence_permit_to(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class CheckDue:
    """`due_on` is null where nothing says when: of a missing check whose hiring day is missing."""

    kind: str
    due_on: date | None


def checks_due(person: Dated, today: date) -> Iterator[CheckDue]:
    """What is due by thirty days from today, overdue things included. Of the employed only."""
    if person.precheck_on is None:
        yield CheckDue("precheck", person.hired_on)
    known = [day for day in (person.hired_on, person.annual_check_on) if day is not None]
    ends = {
        "annual_check": max(known) + YEAR if known else None,
        "contract": person.contract_to,
        "work_permit": person.work_permit_to,
        "residence_permit": person.residence_permit_to,
    }
    for kind, due_on in ends.items():
        if due_on is not None and due_on <= today + AHEAD:
            yield CheckDue(kind, due_on)
