"""Reads of persons in clear by an authority in its case: they leave entries in the trail."""

from collections.abc import Iterable
from uuid import UUID

from otsp_chassis.sight import note_reading as noted
from otsp_materials.queries.sight import Sight
from otsp_materials.rules.rows import MaterialRow

_PERSONS = ("authors", "negative_list_signer")


def note_reading(sight: Sight, institution_id: UUID, materials: Iterable[MaterialRow]) -> None:
    """Of each material, the persons that it names."""
    for material in materials:
        noted(
            sight.of(material.material_id),
            institution_id,
            object_type="material",
            object_ids=[material.material_id],
            pii_fields=[name for name in _PERSONS if getattr(material, name)],
        )
