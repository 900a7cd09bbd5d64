"""The clock edge of the institution service."""

from otsp_chassis.exports.commands import erase_outdated
from otsp_chassis.exports.working import make_waiting
from otsp_chassis.jobs import every
from otsp_institution.commands.exports import DIRECTORY, EXPORTED

LISTS = EXPORTED | DIRECTORY


@every(seconds=2)
def make_exports() -> None:
    make_waiting(LISTS)


@every(seconds=600)
def erase_exports() -> None:
    erase_outdated(LISTS)
