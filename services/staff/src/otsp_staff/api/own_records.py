"""Operations for persons of whom data is held."""

from collections.abc import Iterator
from uuid import UUID

from otsp_chassis.clock import today
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.reveals import NEVER_STORED
from otsp_contracts.values import FieldError
from otsp_staff.api import Body
from otsp_staff.commands import own_records
from otsp_staff.rules import corrections, fields


def _number_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_number(body, today())


def _request_faults(body: Body) -> Iterator[FieldError]:
    yield from fields.check_number(body, today())
    yield from corrections.faults(body.get("items") or [])


@checked(_number_faults)
def find_records(principal: Principal, body: Body) -> Answer:
    records = own_records.find_own_records(principal, body)
    return Answer({"records": records}, headers=NEVER_STORED)


@checked(_request_faults)
def ask_for_correction(staff_id: str, principal: Principal, *, body: Body) -> Answer:
    request = own_records.ask_for_correction(
        principal,
        UUID(staff_id),
        number=body,
        items=body["items"],
        explanation=body.get("explanation"),
    )
    return Answer(request, 201, headers=NEVER_STORED)
