"""The clock edge of the courses service."""

from otsp_chassis.exports.commands import erase_outdated
from otsp_chassis.exports.working import make_waiting
from otsp_chassis.imports.working import apply_waiting, check_waiting
from otsp_chassis.jobs import every
from otsp_courses.commands.exports import EXPORTED
from otsp_courses.commands.imports import IMPORTERS


@every(seconds=2)
def make_exports() -> None:
    make_waiting(EXPORTED)


@every(seconds=600)
def erase_exports() -> None:
    erase_outdated(EXPORTED)


@every(seconds=2)
def check_imports() -> None:
    """What is being checked when this begins was left by a replica that died."""
    check_waiting(IMPORTERS)


@every(seconds=2)
def apply_imports() -> None:
    """A job of its own: nobody's check waits for another's rows to be entered."""
    apply_waiting(IMPORTERS)
