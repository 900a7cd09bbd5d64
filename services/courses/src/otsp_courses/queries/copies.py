"""What is known of others' things by their owners' events: an institution's own, not removed."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_courses.model import FeeItemRef, MaterialRef, RectificationRef, StaffRef
from otsp_courses.rules import rows


def find_people(
    tx: Reader, institution_id: UUID, staff_ids: Iterable[UUID]
) -> Mapping[UUID, rows.PersonRef]:
    query = select(StaffRef.staff_id, StaffRef.status, StaffRef.staff_type).where(
        StaffRef.staff_id.in_(wanted := set(staff_ids)),
        StaffRef.institution_id == institution_id,
        ~StaffRef.removed,
    )
    found = tx.execute(query) if wanted else ()
    return {row.staff_id: rows.PersonRef(row.status, row.staff_type) for row in found}


def find_materials(
    tx: Reader, institution_id: UUID, material_ids: Iterable[UUID]
) -> Mapping[UUID, rows.MaterialRef]:
    query = select(MaterialRef.material_id, MaterialRef.title, MaterialRef.status).where(
        MaterialRef.material_id.in_(wanted := set(material_ids)),
        MaterialRef.institution_id == institution_id,
        ~MaterialRef.removed,
    )
    found = tx.execute(query) if wanted else ()
    return {row.material_id: rows.MaterialRef(row.title, row.status) for row in found}


def find_fee_items(
    tx: Reader, institution_id: UUID, fee_item_ids: Iterable[UUID | None]
) -> Mapping[UUID, rows.FeeItemRef]:
    wanted = {each for each in fee_item_ids if each is not None}
    query = select(FeeItemRef.fee_item_id, FeeItemRef.name, FeeItemRef.publicized).where(
        FeeItemRef.fee_item_id.in_(wanted),
        FeeItemRef.institution_id == institution_id,
        ~FeeItemRef.removed,
    )
    found = tx.execute(query) if wanted else ()
    return {row.fee_item_id: rows.FeeItemRef(row.name, row.publicized) for row in found}


def open_rectifications(tx: Reader, institution_id: UUID) -> list[str]:
    """Kinds of what the institution has yet to put right."""
    query = select(RectificationRef.kind).where(
        RectificationRef.institution_id == institution_id, ~RectificationRef.is_over
    )
    return [row.kind for row in tx.execute(query.order_by(RectificationRef.rectification_id))]
