"""The clock edge of the staff service."""

from otsp_chassis import clock, metrics
from otsp_chassis.context import current_runtime
from otsp_chassis.db import reading, transaction
from otsp_chassis.exports.commands import erase_outdated
from otsp_chassis.exports.working import make_waiting
from otsp_chassis.imports.working import apply_waiting, check_waiting
from otsp_chassis.jobs import every
from otsp_staff.commands.erasing import erase_deleted_people
from otsp_staff.commands.exports import EXPORTED
from otsp_staff.commands.imports import IMPORTERS
from otsp_staff.commands.matching import note_matches
from otsp_staff.commands.reminders import remind_of_checks as remind
from otsp_staff.queries.corrections import count_open


@every(seconds=60)
def measure_corrections() -> None:
    with reading() as tx:
        waiting, overdue = count_open(tx, clock.today())
    gauge, service = metrics.CORRECTION_REQUESTS, current_runtime().service
    gauge.labels(service, "waiting").set(waiting)
    gauge.labels(service, "overdue").set(overdue)


@every(seconds=2)
def check_imports() -> None:
    """What is being checked when this begins was left by a replica that died."""
    check_waiting(IMPORTERS)


@every(seconds=2)
def apply_imports() -> None:
    """A job of its own: nobody's check waits for another's rows to be entered."""
    apply_waiting(IMPORTERS)


@every(seconds=2)
def make_exports() -> None:
    make_waiting(EXPORTED)


@every(seconds=600)
def erase_exports() -> None:
    erase_outdated(EXPORTED)


@every(seconds=3_600)
def remind_of_checks() -> None:
    """Once a business day; asked every hour, so that a night without a worker is made up for."""
    remind(clock.today())


@every(seconds=3_600)
def match_blacklist() -> None:
    """What an entry and a person that were written at one moment did not see of each other."""
    with transaction() as tx:
        note_matches(tx)


@every(seconds=3_600)
def erase_deleted() -> None:
    erase_deleted_people()
