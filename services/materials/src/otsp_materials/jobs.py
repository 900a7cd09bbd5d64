"""The clock edge of the materials service: exports are written, and erased after their day; an
institution is reminded of what it need not keep any more.
"""

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.imports.working import apply_waiting, check_waiting
from otsp_chassis.jobs import every
from otsp_materials.commands import exports as commands
from otsp_materials.commands import retention
from otsp_materials.commands.imports import IMPORTERS
from otsp_materials.queries import exports as queries


@every(seconds=2)
def make_exports() -> None:
    """One replica at a time does: what is running when this begins was left by one that died."""
    with reading() as tx:
        waiting = queries.open_exports(tx)
    for export_id in waiting:
        commands.make_export(export_id)


@every(seconds=600)
def erase_exports() -> None:
    with reading() as tx:
        outdated = queries.outdated_exports(tx, clock.now())
    for export_id in outdated:
        commands.erase_export(export_id)


@every(seconds=3_600)
def remind_of_purges() -> None:
    retention.tell_purge_due()


@every(seconds=2)
def check_imports() -> None:
    """What is being checked when this begins was left by a replica that died."""
    check_waiting(IMPORTERS)


@every(seconds=2)
def apply_imports() -> None:
    """A job of its own: nobody's check waits for another's rows to be entered."""
    apply_waiting(IMPORTERS)
