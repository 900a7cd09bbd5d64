"""Operations on the blacklist."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from otsp_chassis.clock import today
from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.problems import OutsideJurisdiction
from otsp_contracts.values import FieldError
from otsp_staff.api import Body
from otsp_staff.commands import blacklist as commands
from otsp_staff.queries import blacklist as queries
from otsp_staff.rules import blacklist


def _entry_faults(body: Body) -> Iterator[FieldError]:
    return blacklist.check_entry(body, today())


def _revocation_faults(body: Body) -> Iterator[FieldError]:
    return blacklist.check_revocation(body, today())


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
