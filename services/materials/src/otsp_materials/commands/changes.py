"""What the history keeps of a material: the document that is told of it, authors masked."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from otsp_chassis import history, pii
from otsp_chassis.db import Tx
from otsp_chassis.history import Concealed, Subject
from otsp_materials.model import Material
from otsp_materials.rules.rows import MaterialRow

_ASIDE = {"material_id", "version", "warnings"}


def record_change(
    tx: Tx,
    material: Material,
    *,
    before: MaterialRow | None,
    after: MaterialRow | None,
    actor: UUID | None = None,
) -> None:
    """The material is flushed, and its row is locked by whoever changes it."""
    history.record(
        tx,
        Subject(material.institution_id, "material", material.material_id),
        version=material.version,
        before=None if before is None else _document(before),
        after=None if after is None else _document(after),
        actor_id=actor,
    )


def _document(row: MaterialRow) -> dict[str, Any]:
    """By the pointers of the answer; an empty list says nothing."""
    told = {name: value for name, value in asdict(row).items() if name not in _ASIDE}
    told["authors"] = [_concealed(author) for author in row.authors]
    signer = row.negative_list_signer
    told["negative_list_signer"] = signer and Concealed(signer, pii.mask_name(signer))
    return _without_empty_lists(told)


def _without_empty_lists(document: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without_empty_lists(value) if isinstance(value, dict) else value
        for name, value in document.items()
        if value != []
    }


def _concealed(author: Mapping[str, Any]) -> dict[str, Any]:
    name, qual_no = author["name"], author["qual_no"]
    return {
        **author,
        "name": name and Concealed(name, pii.mask_name(name)),
        "qual_no": qual_no and Concealed(qual_no, pii.mask_cert(qual_no)),
    }
