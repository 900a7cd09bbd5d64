"""The HTTP edge of the staff service."""

from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

from otsp_chassis import downloads
from otsp_chassis.audit.reading import entries_of
from otsp_chassis.clock import today
from otsp_chassis.db import reading
from otsp_chassis.files import AttachmentInfo
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.problems import OutsideJurisdiction
from otsp_chassis.reveals import NEVER_STORED, Asked
from otsp_contracts.values import FieldError
from otsp_staff import commands, queries
from otsp_staff.model import InstitutionRef
from otsp_staff.rules import blacklist, fields
from otsp_staff.rules.rows import StaffRow

Body = dict[str, Any]


def _new_staff_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_new_staff(body, today())


def _staff_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_staff(body, today())


def _departure_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_departure(body, today())


def _reinstatement_faults(body: Body) -> Iterator[FieldError]:
    return fields.check_reinstatement(body, today())


def _entry_faults(body: Body) -> Iterator[FieldError]:
    return blacklist.check_entry(body, today())


def _revocation_faults(body: Body) -> Iterator[FieldError]:
    return blacklist.check_revocation(body, today())


def list_staff(
    institution_id: str,
    principal: Principal,
    *,
    limit: int,
    cursor: str | None = None,
    status: str | None = None,
    staff_type: list[str] | None = None,
) -> Page[StaffRow]:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.list_staff(
            tx,
            UUID(institution_id),
            status=status,
            staff_types=staff_type or [],
            cursor=cursor,
            limit=limit,
        )


@checked(_new_staff_faults)
def create_staff(institution_id: str, principal: Principal, body: Body) -> Answer:
    person = commands.register_staff(principal, UUID(institution_id), body)
    location = f"/api/staff/v1/institutions/{institution_id}/staff/{person.staff_id}"
    return Answer(person, 201, version=person.version, location=location)


def get_staff(institution_id: str, staff_id: str, principal: Principal) -> Answer:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        person = queries.get_staff(tx, UUID(institution_id), UUID(staff_id))
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
    person = commands.depart_staff(
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
    person = commands.reinstate_staff(principal, UUID(institution_id), UUID(staff_id), fields=body)
    return Answer(person, version=person.version)


def reveal_staff(institution_id: str, staff_id: str, principal: Principal, *, body: Body) -> Answer:
    revealed = commands.reveal_staff(
        principal, UUID(institution_id), UUID(staff_id), asked=Asked.of(body)
    )
    return Answer(revealed, headers=NEVER_STORED)


def upload_file(
    institution_id: str, principal: Principal, *, name: str, content_type: str, stream: BinaryIO
) -> Answer:
    info = commands.store_file(
        principal, UUID(institution_id), name=name, content_type=content_type, stream=stream
    )
    return Answer(info, 201)


def get_file(institution_id: str, file_id: str, principal: Principal) -> AttachmentInfo:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        return queries.get_file(tx, UUID(institution_id), UUID(file_id))


get_file_content = downloads.get_file_content


def list_entries(
    principal: Principal, *, limit: int, cursor: str | None = None
) -> Page[queries.EntryRow]:
    if principal.authority is None:
        raise OutsideJurisdiction
    with reading() as tx:
        return queries.list_entries(tx, principal.authority, cursor=cursor, limit=limit)


@checked(_entry_faults)
def create_entry(principal: Principal, body: Body) -> Answer:
    entry = commands.blacklist_person(principal, body)
    return Answer(entry, 201, version=entry.version)


@checked(_revocation_faults)
def revoke_entry(entry_id: str, principal: Principal, body: Body) -> Answer:
    entry = commands.revoke_entry(
        principal,
        UUID(entry_id),
        revoked_on=date.fromisoformat(body["revoked_on"]),
        reason=body["reason"],
    )
    return Answer(entry, version=entry.version)


list_audit_entries = entries_of(InstitutionRef.__table__)
