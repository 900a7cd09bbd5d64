"""The clock edge of the courses service."""

from otsp_chassis.imports.working import apply_waiting, check_waiting
from otsp_chassis.jobs import every
from otsp_courses.commands.imports import IMPORTERS


@every(seconds=2)
def check_imports() -> None:
    """What is being checked when this begins was left by a replica that died."""
    check_waiting(IMPORTERS)


@every(seconds=2)
def apply_imports() -> None:
    """A job of its own: nobody's check waits for another's rows to be entered."""
    apply_waiting(IMPORTERS)
