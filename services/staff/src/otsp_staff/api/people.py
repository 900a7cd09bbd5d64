"""Operations on people."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from otsp_chassis.clock import today
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.reveals import CaseRequired
from otsp_contracts.values import FieldError
from otsp_staff.api import Body
from otsp_staff.commands import employment
from otsp_staff.commands import people as commands
from otsp_staff.commands.readings import note_reading, note_search
from otsp_staff.commands.searches import sought
from otsp_staff.queries import listing
from otsp_staff.queries import people as queries
from otsp_staff.queries.sight import sight_of
from otsp_staff.rules import fields
from otsp_staff.rules.rows import StaffRow


def _new_staff_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_new_staff(body, today())


def _staff_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_staff(body, today())


def _search_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_search(body, today())


def _departure_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_departure(body, today())


def _reinstatement_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_reinstatement(body, today())


def list_staff(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    **narrowing: Any,  # noqa: ANN401 - checked by the contract
) -> Page[StaffRow]:
    wanted = listing.wanted_by(narrowing)
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        page = listing.list_staff(
            tx, UUID(institution_id), sight=sight, wanted=wanted, cursor=cursor, limit=limit
        )
    note_reading(sight, UUID(institution_id), page.items)
    return page


@checked(_search_faults)
def search_staff(
    institution_id: str, principal: Principal, *, body: Body, limit: int, cursor: str | None = None
) -> Page[StaffRow]:
    wanted = sought(body)
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        if sight.is_masked:
            raise CaseRequired
        page = listing.list_staff(
            tx, UUID(institution_id), sight=sight, wanted=wanted, cursor=cursor, limit=limit
        )
    note_search(sight, UUID(institution_id), page.items, criteria=sorted(body))
    return page


@checked(_new_staff_faults)
def create_staff(institution_id: str, principal: Principal, body: Body) -> Answer:
    person = commands.register_staff(principal, UUID(institution_id), body)
    location = f"/api/staff/v1/institutions/{institution_id}/staff/{person.staff_id}"
    return Answer(person, 201, version=person.version, location=location)


def get_staff(institution_id: str, staff_id: str, principal: Principal) -> Answer:
    with reading() as tx:
        sight = sight_of(tx, principal, UUID(institution_id))
        person = queries.get_staff(tx, UUID(institution_id), UUID(staff_id), sight=sight)
    note_reading(sight, UUID(institution_id), [person])
    return Answer(person, version=person.version)


@checked(_staff_faults)
def replace_staff(
    institution_id: str,
    staff_id: str,
    principal: Principal,
    *,
    body: Body,
    if_match: int | None,
) -> Answer:
    person = commands.replace_staff(
        principal, UUID(institution_id), UUID(staff_id), fields=body, if_match=if_match
    )
    return Answer(person, version=person.version)


def delete_staff(
    institution_id: str, staff_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    commands.delete_staff(principal, UUID(institution_id), UUID(staff_id), if_match=if_match)
    return Answer(status=204)


@checked(_departure_faults)
def depart_staff(institution_id: str, staff_id: str, principal: Principal, *, body: Body) -> Answer:
    person = employment.depart_staff(
        principal,
        UUID(institution_id),
        UUID(staff_id),
        departed_on=date.fromisoformat(body["departed_on"]),
        reason=body["reason"],
    )
    return Answer(person, version=person.version)


@checked(_reinstatement_faults)
def reinstate_staff(
    institution_id: str, staff_id: str, principal: Principal, *, body: Body
) -> Answer:
    person = employment.reinstate_staff(
        principal, UUID(institution_id), UUID(staff_id), fields=body
    )
    return Answer(person, version=person.version)
