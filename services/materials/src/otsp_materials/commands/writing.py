"""What every write of a material does: find it, refuse, request a review, tell the trail."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import audit, clock
from otsp_chassis.copies import tell_change
from otsp_chassis.db import Conflicts, Tx
from otsp_chassis.files import AttachmentInfo, find_attachment
from otsp_chassis.identity import Principal
from otsp_chassis.locks import guard_write
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Invalid, NotFound
from otsp_contracts.materials import ExternalReviewRequested, MaterialChanged
from otsp_contracts.values import FieldError
from otsp_materials.commands.changes import record_change
from otsp_materials.model import Material
from otsp_materials.queries import materials as queries
from otsp_materials.rules.rows import MaterialRow
from otsp_materials.rules.states import is_basic_subject

SCOPE = "materials"
"""What a review locks of this service, and the part of the file that a notice names."""
DRAFTS = "material_drafts"
"""Never locked: a draft stands in no snapshot (§3.8)."""
AUTHORITYS = "authoritys"
"""Never locked: an authority decides and inspects while the institution may not write."""


class VersionExists(Conflict):
    slug: ClassVar[str] = "material-version-exists"
    title: ClassVar[str] = "This version of the material exists"
    detail_zh: ClassVar[str] = "本机构已有同名、同版次的材料，请修改名称或版次。"


CONFLICTS: Conflicts = {"uq_material_title_version": VersionExists}


def open_for_write(tx: Tx, institution_id: UUID, material_id: UUID | None = None) -> None:
    """First statement of a write of what snapshots show. Locked under review, unless a notice names
    the material or all.
    """
    guard_write(tx, institution_id, SCOPE, part=SCOPE, object_id=material_id)


def get_for_change(tx: Tx, institution_id: UUID, material_id: UUID) -> Material:
    material = tx.get(Material, material_id, with_for_update=True)
    if (
        material is None
        or material.institution_id != institution_id
        or material.deleted_at is not None
    ):
        raise NotFound
    return material


def refuse_duplicate(tx: Tx, material: Material) -> None:
    """Raises VersionExists with the one that is there; of two at once the database refuses one."""
    if material.title is None or material.version_no is None:
        return
    same = select(Material.material_id).where(
        Material.institution_id == material.institution_id,
        Material.title == material.title,
        Material.version_no == material.version_no,
        Material.deleted_at.is_(None),
        Material.material_id != material.material_id,
    )
    with tx.no_autoflush:
        same_id = tx.scalar(same)
        if same_id is not None:
            held = queries.get_material(tx, material.institution_id, same_id)
            raise VersionExists(conflicting=held)


def refuse(faults: Iterable[FieldError]) -> None:
    errors = list(faults)
    if errors:
        raise Invalid(errors=errors)


def attachment(
    tx: Tx, institution_id: UUID, file_id: str | None, *, pointer: str
) -> AttachmentInfo | None:
    """The institution's own uploaded file; any other id is refused at its pointer."""
    if file_id is None:
        return None
    found = find_attachment(tx, institution_id, UUID(file_id))
    if found is None:
        refuse([FieldError(pointer, "unknown_file", "没有这个文件，请先上传。")])
    return found


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def told(
    tx: Tx,
    material: Material,
    action: str,
    *,
    before: MaterialRow | None = None,
    actor: UUID | None = None,
    reason: str | None = None,
) -> MaterialRow:
    """The row as it now stands; the change goes to the trail, the history and who keeps a copy.

    `actor` where an event tells who decided; `reason` is for the trail.
    """
    tx.flush()
    after = queries.get_material(tx, material.institution_id, material.material_id)
    known = as_told(before, material.institution_id) if before else None
    tell_change(tx, before=known, after=as_told(after, material.institution_id))
    record_change(tx, material, before=before, after=after, actor=actor)
    audit.record(
        tx,
        action,
        object_type="material",
        object_id=material.material_id,
        institution_id=material.institution_id,
        before=asdict(before) if before else None,
        after=asdict(after),
        reason=reason,
    )
    return after


def as_told(material: Material | MaterialRow, institution_id: UUID) -> MaterialChanged:
    """What others keep of it."""
    return MaterialChanged(
        material_id=material.material_id,
        institution_id=institution_id,
        version=material.version,
        title=material.title,
        status=material.status,
        category=material.category,
        stage=material.stage,
        removed=isinstance(material, Material) and material.deleted_at is not None,
    )


def publish_request(
    tx: Tx, principal: Principal, material: Material, *, from_state: str | None
) -> None:
    """Tell compliance, which opens a case and routes it.

    What was entered as existing may lack its title or content: it is asked for all the same, and
    the authority sees what it lacks.
    """
    tx.flush()
    publish(
        tx,
        ExternalReviewRequested(
            version=material.version,
            actor=principal.account_id,
            from_state=from_state,
            to_state=material.status,
            material_id=material.material_id,
            institution_id=material.institution_id,
            title=material.title or "",
            version_no=material.version_no or 1,
            category=material.category or "",
            subject_code=material.subject_code,
            stage=material.stage,
            form=material.form or "",
            sampled=not is_basic_subject(material.category, material.form),
            content_sha256=material.content_sha256 or "",
            requested_on=material.external_requested_on or clock.today(),
        ),
    )
