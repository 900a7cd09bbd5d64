"""The working calendar: its days, and the import of a year."""

from typing import BinaryIO

from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_compliance.commands import calendar
from otsp_compliance.queries.working_days import WorkingDays
from otsp_compliance.queries.working_days import list_working_days as read_working_days


def list_working_days(
    *, year: int, limit: int, only_differing: bool, cursor: str | None = None
) -> WorkingDays:
    with reading() as tx:
        return read_working_days(
            tx, year, only_differing=only_differing, cursor=cursor, limit=limit
        )


def import_working_days(  # noqa: PLR0913 - the parameters of the operation and its body
    principal: Principal,
    *,
    year: int,
    dry_run: bool,
    replace: bool,
    stream: BinaryIO,
    content_type: str,  # noqa: ARG001 - the seam has seen that it is CSV
    reason: str | None = None,
) -> calendar.ImportReport:
    new = calendar.NewYear(year=year, is_dry_run=dry_run, replace=replace, reason=reason)
    return calendar.import_year(principal, new, stream)
