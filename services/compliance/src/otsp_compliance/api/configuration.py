"""Region parameters and routing rules."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_compliance.commands import configuration, routing_rules
from otsp_compliance.queries import configuration as history
from otsp_compliance.queries import region
from otsp_compliance.queries.routing_rules import tell_routing
from otsp_contracts.values import FieldError

_ABOUT_THE_SET = frozenset({"effective_from", "effective_to", "basis_doc", "reason"})


def _check_parameters(body: dict[str, Any]) -> Iterator[FieldError]:
    """Spans must not end before they begin."""
    first, end = body.get("effective_from"), body.get("effective_to")
    if first is not None and end is not None and end <= first:
        yield FieldError("/effective_to", "reversed", "失效日期应晚于生效日期。")
    for stage, hours in body.get("school_hours", {}).items():
        if _is_reversed(hours):
            yield FieldError(f"/school_hours/{stage}", "reversed", "放学时间应晚于上学时间。")
    for place, span in enumerate(body.get("vacations", [])):
        if _is_reversed(span):
            yield FieldError(f"/vacations/{place}", "reversed", "假期结束日不能早于开始日。")


def get_region_parameters(region_code: str, *, on: str | None = None) -> Answer:
    day = date.fromisoformat(on) if on else clock.today()
    with reading() as tx:
        told = region.tell_parameters(tx, region_code, day)
    return Answer(told, version=told.version)


@checked(_check_parameters)
def set_region_parameters(
    region_code: str, principal: Principal, *, body: dict[str, Any], if_match: int | None
) -> Answer:
    new = configuration.NewParameters(
        effective_from=date.fromisoformat(body["effective_from"]),
        effective_to=_day(body.get("effective_to")),
        parameters={name: value for name, value in body.items() if name not in _ABOUT_THE_SET},
        basis_doc=body.get("basis_doc"),
        reason=body.get("reason"),
    )
    told = configuration.set_region_parameters(principal, region_code, new, if_match=if_match)
    return Answer(told, version=told.version)


def list_parameter_changes(
    region_code: str, *, limit: int, cursor: str | None = None
) -> Page[history.ChangeView]:
    with reading() as tx:
        return history.list_changes(tx, region_code, "parameters", cursor=cursor, limit=limit)


def list_routing_changes(
    region_code: str, *, limit: int, cursor: str | None = None
) -> Page[history.ChangeView]:
    with reading() as tx:
        return history.list_changes(tx, region_code, "routing", cursor=cursor, limit=limit)


def get_routing_rules(region_code: str) -> Answer:
    with reading() as tx:
        told = tell_routing(tx, region_code)
    return Answer(told, version=told.version)


def set_routing_rules(
    region_code: str, principal: Principal, *, body: dict[str, Any], if_match: int | None
) -> Answer:
    told = routing_rules.set_routing_rules(
        principal, region_code, body["rules"], reason=body.get("reason"), if_match=if_match
    )
    return Answer(told, version=told.version)


def _is_reversed(span: list[Any] | None) -> bool:
    """A span with a faulty end is the schema's to report."""
    if span is None or len(span) != 2 or None in span:
        return False
    return bool(span[1] < span[0])


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
