"""How the parts of an institution are answered for."""

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from otsp_chassis.db import reading
from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.page import Page
from otsp_chassis.sight import Sight, note_reading
from otsp_institution.commands import parts as commands
from otsp_institution.commands.parts import ItemKind, SheetKind
from otsp_institution.queries import parts as queries
from otsp_institution.queries.concealment import masked, masked_names
from otsp_institution.queries.sight import sight_of
from otsp_institution.rules import rows

Row = TypeVar("Row", bound=rows.Part)
Body = dict[str, Any]

PREFIX = "/api/institution/v1/institutions"


def show_sheet(principal: Principal, institution_id: str, kind: SheetKind[Row]) -> Answer:
    owner = UUID(institution_id)
    with reading() as tx:
        sight = sight_of(tx, principal, owner)
        held = queries.get_part(tx, kind.row, owner)
    [row] = _as_seen(sight, owner, [held])
    return Answer(row, version=row.version)


def put_sheet(
    principal: Principal,
    institution_id: str,
    kind: SheetKind[Row],
    *,
    place: str,
    body: Body,
    if_match: int | None,
) -> Answer:
    row: Any = commands.record_sheet(
        principal, UUID(institution_id), kind, fields=body, if_match=if_match
    )
    return entered(row, row.version, f"{PREFIX}/{institution_id}/{place}", if_match=if_match)


def entered(row: object, version: int, location: str, *, if_match: int | None) -> Answer:
    """201 for what was not there before: a replacement would have needed its version."""
    if if_match is None:
        return Answer(row, 201, version=version, location=location)
    return Answer(row, version=version)


def show_page(
    principal: Principal,
    institution_id: str,
    kind: type[Row],
    *,
    cursor: str | None,
    limit: int,
) -> Page[Row]:
    owner = UUID(institution_id)
    with reading() as tx:
        sight = sight_of(tx, principal, owner)
        page = queries.list_parts(tx, kind, owner, cursor=cursor, limit=limit)
    return Page(_as_seen(sight, owner, page.items), page.next)


def show_item(
    principal: Principal, institution_id: str, kind: ItemKind[Row], *, item_id: str
) -> Answer:
    owner = UUID(institution_id)
    with reading() as tx:
        sight = sight_of(tx, principal, owner)
        held = queries.get_part(tx, kind.row, owner, row_id=UUID(item_id))
    [row] = _as_seen(sight, owner, [held])
    return Answer(row, version=row.version)


def _as_seen(sight: Sight, institution_id: UUID, held: Sequence[Row]) -> Sequence[Any]:
    """Masked to who has no case; what a case shows in full is noted in the trail first."""
    if sight.is_masked:
        return [masked(row) for row in held]
    if held:
        kind = type(held[0])
        note_reading(
            sight,
            institution_id,
            object_type=queries.table_of(kind),
            object_ids=[queries.id_of(row, institution_id) for row in held],
            pii_fields=masked_names(kind),
        )
    return held


def post_item(
    principal: Principal, institution_id: str, kind: ItemKind[Row], *, place: str, body: Body
) -> Answer:
    row: Any = commands.add_item(principal, UUID(institution_id), kind, fields=body)
    location = f"{PREFIX}/{institution_id}/{place}/{getattr(row, kind.key)}"
    return Answer(row, 201, version=row.version, location=location)


def put_item(
    principal: Principal,
    institution_id: str,
    kind: ItemKind[Row],
    *,
    item_id: str,
    body: Body,
    if_match: int | None,
) -> Answer:
    row: Any = commands.replace_item(
        principal,
        UUID(institution_id),
        kind,
        item_id=UUID(item_id),
        fields=body,
        if_match=if_match,
    )
    return Answer(row, version=row.version)


def delete_item(
    principal: Principal,
    institution_id: str,
    kind: ItemKind[Row],
    *,
    item_id: str,
    if_match: int | None,
) -> Answer:
    commands.remove_item(
        principal, UUID(institution_id), kind, item_id=UUID(item_id), if_match=if_match
    )
    return Answer(status=204)
