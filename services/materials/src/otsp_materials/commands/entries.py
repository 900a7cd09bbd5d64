"""Entering, correcting, versioning and hiding materials."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, require_version, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.locks import guard_write
from otsp_chassis.outbox import publish
from otsp_chassis.problems import NotFound
from otsp_chassis.removals import require_restorable
from otsp_materials.commands.changes import record_change
from otsp_materials.commands.writing import (
    CONFLICTS,
    DRAFTS,
    as_told,
    attachment,
    day,
    get_for_change,
    open_for_write,
    publish_request,
    refuse_duplicate,
    told,
)
from otsp_materials.model import Material
from otsp_materials.queries import materials as queries
from otsp_materials.rules.fields import Fields
from otsp_materials.rules.rows import Author, MaterialRow
from otsp_materials.rules.states import is_basic_subject, retained_until

_PLAIN = (
    "title",
    "edition",
    "category",
    "subject_code",
    "stage",
    "kind",
    "form",
    "origin",
    "isbn",
    "overseas",
    "copyright_note",
    "negative_list_ok",
    "negative_list_signer",
    "filed",
)
_AWAITED = frozenset({"in_use", "external_pending"})
"""States in which a material that is entered as existing owes the authority's review."""


def register_material(principal: Principal, institution_id: UUID, fields: Fields) -> MaterialRow:
    """A draft, or with `existing` a material as in fact (decision D16).

    An existing one that is in use and needs the authority is asked for at once: its result
    comes from the decision, never from the institution.
    """
    principal.require_own(institution_id)
    is_existing = bool(fields.get("existing"))
    with transaction(conflicts=CONFLICTS) as tx:
        if is_existing:
            open_for_write(tx, institution_id)
        else:
            guard_write(tx, institution_id, DRAFTS)
        material = Material(material_id=new_id(), institution_id=institution_id, status="draft")
        material.internal_reviewer_ids = []
        _fill(material, fields)
        content = attachment(tx, institution_id, fields.get("file_id"), pointer="/file_id")
        if content is not None:
            material.file_id, material.content_sha256 = content.file_id, content.sha256
        material.version_no = fields.get("version_no", 1)
        material.external_required = is_basic_subject(material.category, material.form)
        if is_existing:
            _fill_history(tx, material, fields)
        refuse_duplicate(tx, material)
        tx.add(material)
        if is_existing and material.status in _AWAITED and material.needs_authority:
            material.await_authority(clock.today())
            publish_request(tx, principal, material, from_state=None)
        return told(tx, material, "material.registered")


def replace_material(
    principal: Principal,
    institution_id: UUID,
    material_id: UUID,
    *,
    fields: Fields,
    if_match: int | None,
) -> MaterialRow:
    """The description in any state but the last ones; the content in a draft only."""
    principal.require_own(institution_id)
    with transaction(conflicts=CONFLICTS) as tx:
        material = _get_guarded(tx, institution_id, material_id)
        require_version(material.version, if_match)
        before = queries.get_material(tx, institution_id, material_id)
        material.require_editable()
        content = attachment(tx, institution_id, fields.get("file_id"), pointer="/file_id")
        material.take_content(
            content.file_id if content else None, content.sha256 if content else None
        )
        _fill(material, fields)
        material.version_no = fields.get("version_no", material.version_no)
        if material.status == "draft":
            material.external_required = is_basic_subject(material.category, material.form)
        refuse_duplicate(tx, material)
        return told(tx, material, "material.changed", before=before)


def delete_material(
    principal: Principal, institution_id: UUID, material_id: UUID, *, if_match: int | None
) -> None:
    """Hidden, not erased: snapshots and cases may name it, and materials are kept three years."""
    principal.require_own(institution_id)
    with transaction() as tx:
        material = _get_guarded(tx, institution_id, material_id)
        require_version(material.version, if_match)
        material.require_no_open_case()
        before = queries.get_material(tx, institution_id, material_id)
        material.deleted_at = clock.now()
        tx.flush()
        publish(tx, as_told(material, institution_id))
        record_change(tx, material, before=before, after=None)
        audit.record(
            tx,
            "material.deleted",
            object_type="material",
            object_id=material_id,
            institution_id=institution_id,
            before=asdict(before),
        )


def restore_material(principal: Principal, institution_id: UUID, material_id: UUID) -> MaterialRow:
    """Undo a removal of today; raises NotRemoved, RestorationOver or VersionExists."""
    principal.require_own(institution_id)
    with transaction(conflicts=CONFLICTS) as tx:
        guard_write(tx, institution_id, DRAFTS)
        material = tx.get(Material, material_id, with_for_update=True)
        if material is None or material.institution_id != institution_id:
            raise NotFound
        if material.status != "draft":
            open_for_write(tx, institution_id, material_id)
        require_restorable(material.deleted_at)
        material.deleted_at = None
        refuse_duplicate(tx, material)
        return told(tx, material, "material.restored")


def add_version(
    principal: Principal, institution_id: UUID, material_id: UUID, *, fields: Fields
) -> MaterialRow:
    """Changed content: a draft described like its predecessor, which keeps its state (§3.6).

    The promise on the negative list is made for a content, so it must be made anew.
    """
    principal.require_own(institution_id)
    with transaction(conflicts=CONFLICTS) as tx:
        guard_write(tx, institution_id, DRAFTS)
        former = get_for_change(tx, institution_id, material_id)
        content = attachment(tx, institution_id, fields["file_id"], pointer="/file_id")
        newest = queries.newest_version_no(tx, institution_id, former.title)
        material = Material(
            material_id=new_id(),
            institution_id=institution_id,
            status="draft",
            version_no=max(newest, former.version_no or 0) + 1,
            delivery=former.delivery,
            authors=former.authors,
            internal_reviewer_ids=[],
            external_required=is_basic_subject(former.category, former.form),
        )
        for name in _PLAIN:
            setattr(material, name, getattr(former, name))
        material.found_by(material.title, material.isbn)
        material.edition = fields.get("edition")
        material.negative_list_ok = fields.get("negative_list_ok")
        material.negative_list_signer = fields.get("negative_list_signer")
        material.filed = False
        if content is not None:
            material.file_id, material.content_sha256 = content.file_id, content.sha256
        tx.add(material)
        return told(tx, material, "material.version_added")


def _get_guarded(tx: Tx, institution_id: UUID, material_id: UUID) -> Material:
    """Drafts may be written under review; whether it is one shows only once it is found."""
    guard_write(tx, institution_id, DRAFTS)
    material = get_for_change(tx, institution_id, material_id)
    if material.status != "draft":
        open_for_write(tx, institution_id, material_id)
    return material


def _fill(material: Material, fields: Fields) -> None:
    for name in _PLAIN:
        setattr(material, name, fields.get(name))
    material.found_by(material.title, material.isbn)
    material.filed_on = day(fields.get("filed_on"))
    material.delivery = fields.get("delivery") or []
    material.authors = [author(each) for each in fields.get("authors") or []]


def _fill_history(tx: Tx, material: Material, fields: Fields) -> None:
    """What happened before the platform knew the material."""
    material.status = fields.get("status") or "draft"
    for name in ("used_from", "used_until", "retain_until", "purged_on"):
        setattr(material, name, day(fields.get(name)))
    if material.used_until is not None and "retain_until" not in fields:
        material.retain_until = retained_until(material.used_until)
    outside = fields.get("external_review") or {}
    material.external_required = outside.get("required", material.external_required)
    inside = fields.get("internal_review") or {}
    material.internal_result = inside.get("result")
    material.internal_reviewer_ids = [UUID(each) for each in inside.get("reviewer_ids") or []]
    material.internal_reviewed_on = day(inside.get("reviewed_on"))
    material.internal_opinion = inside.get("opinion")
    record = attachment(
        tx,
        material.institution_id,
        inside.get("record_file_id"),
        pointer="/internal_review/record_file_id",
    )
    material.internal_record_file_id = record.file_id if record else None
    same = None if material.status == "draft" else fields.get("file_id")
    reviewed_file_id = fields.get("reviewed_file_id", same)
    reviewed = attachment(
        tx, material.institution_id, reviewed_file_id, pointer="/reviewed_file_id"
    )
    material.reviewed_sha256 = reviewed.sha256 if reviewed else None


def typed(material: Material | Row[Any]) -> dict[str, Any]:
    """What a replacement by which nothing would change says."""
    return {
        **{name: getattr(material, name) for name in _PLAIN},
        "version_no": material.version_no,
        "file_id": None if material.file_id is None else str(material.file_id),
        "filed_on": None if material.filed_on is None else material.filed_on.isoformat(),
        "delivery": list(material.delivery),
        "authors": list(material.authors),
    }


def author(given: dict[str, Any]) -> Author:
    return Author(
        staff_id=given.get("staff_id"),
        name=given.get("name"),
        years=given.get("years"),
        qual=given.get("qual"),
        qual_no=given.get("qual_no"),
    )
