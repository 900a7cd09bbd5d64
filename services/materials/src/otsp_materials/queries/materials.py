"""Reads: the versions of an institution's materials."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    func,
    select,
)

from otsp_chassis.clock import today
from otsp_chassis.db import Reader
from otsp_chassis.page import BEGINNING, Page, decode_id, make_page
from otsp_chassis.pii import mask_cert, mask_name
from otsp_chassis.problems import NotFound
from otsp_chassis.search import matching
from otsp_chassis.statements import Read
from otsp_chassis.tables import attachment
from otsp_materials.model import Material
from otsp_materials.queries.sight import Sight
from otsp_materials.rules.doubts import doubts
from otsp_materials.rules.rows import (
    Author,
    ExternalReview,
    InternalReview,
    MaterialRow,
    Suspension,
)

_PLAIN = tuple(
    field.name for field in fields(MaterialRow) if field.name in Material.__table__.columns
)

_COLUMNS = Material.__table__.c
_TOLD = [each for each in _COLUMNS if not each.name.startswith("search_")]
_CONTENT = (
    _COLUMNS.file_id,
    attachment.c.content_type,
    attachment.c.size,
    attachment.c.sha256,
)

Filters = Mapping[str, Any]
"""Those of the list, by their names in the contract."""

_NARROWING: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "q": lambda text: matching(_COLUMNS, text),
    **{name: _COLUMNS[name].in_ for name in ("status", "category", "stage", "kind")},
    **{name: _COLUMNS[name].in_ for name in ("form", "origin")},
    "delivery": lambda modes: _COLUMNS.delivery.op("&&")(cast(modes, ARRAY(Text))),
    "retention_due_by": lambda day: and_(
        _COLUMNS.status == "archived", _COLUMNS.retain_until <= date.fromisoformat(day)
    ),
}
_NO_DRAFT = _COLUMNS.status != "draft"


def _materials(institution_id: UUID | BindParameter[UUID]) -> Select[Any]:
    return select(*_TOLD).where(
        _COLUMNS.institution_id == institution_id, _COLUMNS.deleted_at.is_(None)
    )


_OF_INSTITUTION = _materials(bindparam("institution_id"))
_BEYOND_DRAFT = Read(_OF_INSTITUTION.where(_NO_DRAFT).order_by(_COLUMNS.material_id))
_PAGE = (
    _OF_INSTITUTION.where(_COLUMNS.material_id > bindparam("after"))
    .order_by(_COLUMNS.material_id)
    .limit(bindparam("limit"))
)
_PAGES = {True: Read(_PAGE), False: Read(_PAGE.where(_NO_DRAFT))}
"""Of the whole list, by whether drafts are seen."""
_ONE = Read(_OF_INSTITUTION.where(_COLUMNS.material_id == bindparam("material_id")))


def get_material(tx: Reader, institution_id: UUID, material_id: UUID) -> MaterialRow:
    """Raises NotFound for another institution's or a deleted one too."""
    row = _ONE.first(tx, {"institution_id": institution_id, "material_id": material_id})
    if row is None:
        raise NotFound
    return _material_row(row, today())


def get_visible_material(
    tx: Reader, sight: Sight, institution_id: UUID, *, material_id: UUID
) -> MaterialRow:
    """To an authority a draft does not exist, and persons are masked where no case names them."""
    row = get_material(tx, institution_id, material_id)
    if row.status == "draft" and not sight.drafts:
        raise NotFound
    return _shown(row, sight)


def list_materials(
    tx: Reader,
    sight: Sight,
    institution_id: UUID,
    *,
    filters: Filters,
    cursor: str | None,
    limit: int,
) -> Page[MaterialRow]:
    """In order of entry; what is visible to whoever asks."""
    after = BEGINNING if cursor is None else decode_id(cursor)
    if not filters:
        place = {"institution_id": institution_id, "after": after, "limit": limit + 1}
        return _paged(_PAGES[sight.drafts].rows(tx, place), sight, limit=limit)
    query = _listed(institution_id, filters).where(_COLUMNS.material_id > after)
    return _page(tx, query.order_by(_COLUMNS.material_id), sight, limit=limit)


def list_versions(
    tx: Reader,
    sight: Sight,
    institution_id: UUID,
    *,
    material_id: UUID,
    cursor: str | None,
    limit: int,
) -> Page[MaterialRow]:
    """All versions of the material's title, the last entered first; without one, itself."""
    one = get_visible_material(tx, sight, institution_id, material_id=material_id)
    query = _materials(institution_id).order_by(_COLUMNS.material_id.desc())
    if one.title is None:
        query = query.where(_COLUMNS.material_id == material_id)
    else:
        query = query.where(_COLUMNS.title == one.title)
    if cursor is not None:
        query = query.where(_COLUMNS.material_id < decode_id(cursor))
    return _page(tx, query, sight, limit=limit)


def beyond_draft(tx: Reader, institution_id: UUID, on: date) -> list[MaterialRow]:
    """What a snapshot shows, doubted as on that day; drafts stay the institution's own affair."""
    rows = _BEYOND_DRAFT.rows(tx, {"institution_id": institution_id})
    return [_material_row(row, on) for row in rows]


def listed_columns(institution_id: UUID, filters: Filters, names: Sequence[str]) -> Select[Any]:
    """The whole list in its order, of each material these columns only."""
    query = _listed(institution_id, filters).order_by(_COLUMNS.material_id)
    return query.with_only_columns(*(_COLUMNS[name] for name in names))


def listed_beyond_draft(
    institution_id: UUID, filters: Filters, names: Sequence[str]
) -> Select[Any]:
    """The same as an authority has it, to which a draft does not exist."""
    return listed_columns(institution_id, filters, names).where(_NO_DRAFT)


def listed_contents(institution_id: UUID, filters: Filters, names: Sequence[str]) -> Select[Any]:
    """The same, and of each material's file what is known of it, nulls where there is none."""
    query = listed_columns(institution_id, filters, names)
    return _with_contents(query).add_columns(*_CONTENT)


def count_bytes(tx: Reader, institution_id: UUID, filters: Filters) -> int:
    """Of all files of the list."""
    total = func.coalesce(func.sum(attachment.c.size), 0)
    query = _with_contents(_listed(institution_id, filters)).with_only_columns(total)
    return int(tx.execute(query).scalar_one())


def newest_version_no(tx: Reader, institution_id: UUID, title: str | None) -> int:
    """0 when no numbered version of that title stands."""
    newest = select(func.max(Material.version_no)).where(
        Material.institution_id == institution_id,
        Material.title == title,
        Material.deleted_at.is_(None),
    )
    return tx.execute(newest).scalar() or 0


def _with_contents(query: Select[Any]) -> Select[Any]:
    theirs = and_(
        attachment.c.file_id == _COLUMNS.file_id,
        attachment.c.deleted_at.is_(None),
    )
    return query.select_from(Material.__table__.outerjoin(attachment, theirs))


def _page(tx: Reader, query: Select[Any], sight: Sight, *, limit: int) -> Page[MaterialRow]:
    if not sight.drafts:
        query = query.where(_NO_DRAFT)
    return _paged(tx.execute(query.limit(limit + 1)), sight, limit=limit)


def _paged(rows: Iterable[Any], sight: Sight, *, limit: int) -> Page[MaterialRow]:
    day = today()
    found = [_shown(_material_row(row, day), sight) for row in rows]
    return make_page(found, limit, key=lambda material: [material.material_id])


def _listed(institution_id: UUID, filters: Filters) -> Select[Any]:
    narrowing = [_NARROWING[name](value) for name, value in filters.items()]
    return _materials(institution_id).where(*narrowing)


def _material_row(row: Row[Any], day: date) -> MaterialRow:
    material = MaterialRow(
        **{name: getattr(row, name) for name in _PLAIN},
        internal_review=InternalReview(**_part(row, "internal", InternalReview)),
        external_review=ExternalReview(**_part(row, "external", ExternalReview)),
        suspension=Suspension(**_part(row, "suspension", Suspension)),
    )
    doubted = tuple(doubts(material, day))
    return replace(material, warnings=doubted) if doubted else material


def _part(
    row: Row[Any], prefix: str, kind: type[InternalReview | ExternalReview | Suspension]
) -> dict[str, Any]:
    return {field.name: getattr(row, f"{prefix}_{field.name}") for field in fields(kind)}


def _shown(row: MaterialRow, sight: Sight) -> MaterialRow:
    if not sight.of(row.material_id).is_masked:
        return row
    return replace(
        row,
        authors=[_masked(author) for author in row.authors],
        negative_list_signer=row.negative_list_signer and mask_name(row.negative_list_signer),
    )


def _masked(author: Author) -> Author:
    """As the masking matrix has it for a reviewer without a case."""
    name, qual_no = author["name"], author["qual_no"]
    masks = {"name": name and mask_name(name), "qual_no": qual_no and mask_cert(qual_no)}
    return Author(**{**author, **masks})  # type: ignore[typeddict-item]
