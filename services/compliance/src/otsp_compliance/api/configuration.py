"""Region parameters and routing rules."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_compliance.commands import configuration
from otsp_compliance.queries import region
from otsp_contracts.values import FieldError

_ABOUT_THE_SET = frozenset({"effective_from", "basis_doc"})


def _check_parameters(body: dict[str, Any]) -> Iterator[FieldError]:
    """Spans must not end before they begin."""
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
        parameters={name: value for name, value in body.items() if name not in _ABOUT_THE_SET},
        basis_doc=body.get("basis_doc"),
    )
    told = configuration.set_region_parameters(principal, region_code, new, if_match=if_match)
    return Answer(told, version=told.version)


def get_routing_rules(region_code: str) -> Answer:
    with reading() as tx:
        told = region.tell_routing(tx, region_code)
    return Answer(told, version=told.version)


def set_routing_rules(
    region_code: str, principal: Principal, *, body: dict[str, Any], if_match: int | None
) -> Answer:
    told = configuration.set_routing_rules(principal, region_code, body["rules"], if_match=if_match)
    return Answer(told, version=told.version)


def _is_reversed(span: list[Any] | None) -> bool:
    """A span with a faulty end is the schema's to report."""
    if span is None or len(span) != 2 or None in span:
        return False
    return bool(span[1] < span[0])
