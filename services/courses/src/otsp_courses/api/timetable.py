"""The operation on the timetable: sessions by day."""

from typing import Any
from uuid import UUID

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.identity import Principal
from otsp_chassis.problems import BadParameter
from otsp_contracts.values import FieldError
from otsp_courses.queries import timetable as queries
from otsp_courses.queries.sight import sight_of
from otsp_courses.rules.week import span_of_days


def get_timetable(
    institution_id: str,
    principal: Principal,
    *,
    week: str | None = None,
    **filters: str,
) -> dict[str, Any]:
    """Without a week or days, the week that it is."""
    days = {name: filters.pop(name, None) for name in ("from", "to")}
    span = span_of_days(week, days["from"], days["to"], today=clock.today())
    if isinstance(span, FieldError):
        raise BadParameter(errors=[span])
    wanted = queries.Wanted(**{name: UUID(value) for name, value in filters.items()})
    with reading() as tx:
        sight_of(tx, principal, UUID(institution_id))
        first, last = span
        found = queries.list_days(tx, UUID(institution_id), first=first, last=last, wanted=wanted)
    return {"from": first, "to": last, "days": found}
