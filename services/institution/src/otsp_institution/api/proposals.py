"""Changes of major fields, proposed part by part beside the record (docs/changes.md)."""

from typing import Any
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer, checked
from otsp_chassis.identity import Principal
from otsp_institution.api.answers import PREFIX, Body, entered
from otsp_institution.commands import proposals as commands
from otsp_institution.queries import proposals as queries
from otsp_institution.rules import major
from otsp_institution.rules.fields import check_institution, check_licence


def get_proposed_change(institution_id: str, principal: Principal) -> Answer:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        row = queries.get_proposed_change(tx, UUID(institution_id))
    return Answer(row, version=row.version)


def discard_proposed_change(
    institution_id: str, principal: Principal, *, if_match: int | None
) -> Answer:
    commands.discard_change(principal, UUID(institution_id), if_match=if_match)
    return Answer(status=204)


def get_proposed_institution(institution_id: str, principal: Principal) -> Answer:
    return _show(institution_id, principal, major.INSTITUTION)


@checked(check_institution)
def propose_institution(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    return _propose(institution_id, principal, major.INSTITUTION, body=body, if_match=if_match)


def get_proposed_licence(institution_id: str, principal: Principal) -> Answer:
    return _show(institution_id, principal, major.LICENCE)


@checked(check_licence)
def propose_licence(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    return _propose(institution_id, principal, major.LICENCE, body=body, if_match=if_match)


def get_proposed_supervision(institution_id: str, principal: Principal) -> Answer:
    return _show(institution_id, principal, major.SUPERVISION)


def propose_supervision(
    institution_id: str, principal: Principal, *, body: Body, if_match: int | None
) -> Answer:
    return _propose(institution_id, principal, major.SUPERVISION, body=body, if_match=if_match)


def _show(institution_id: str, principal: Principal, part: major.MajorPart) -> Answer:
    principal.require_own(UUID(institution_id))
    with reading() as tx:
        row: Any = queries.get_proposed_part(tx, UUID(institution_id), part.table)
    return Answer(row, version=row.version)


def _propose(
    institution_id: str,
    principal: Principal,
    part: major.MajorPart,
    *,
    body: Body,
    if_match: int | None,
) -> Answer:
    row = commands.propose_change(
        principal, UUID(institution_id), part, fields=body, if_match=if_match
    )
    location = f"{PREFIX}/{institution_id}/proposed-changes"
    return entered(row, row.version, location, if_match=if_match)
