"""The materials section of a snapshot: what is taught from, who wrote it, who reviewed it."""

from dataclasses import asdict, fields
from datetime import date
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_contracts.snapshots import (
    AuthorFacts,
    ExternalReviewFacts,
    FieldWarning,
    InternalReviewFacts,
    MaterialFacts,
    MaterialsSection,
)
from otsp_materials.queries import materials as queries
from otsp_materials.rules.doubts import SECTION_CODES
from otsp_materials.rules.rows import MaterialRow

_DERIVED = {"material_id", "authors", "internal_review", "external_review"}
_SHARED = sorted(
    MaterialFacts.model_fields.keys() & {field.name for field in fields(MaterialRow)} - _DERIVED
)
"""Facts that travel under the name and in the form in which the row has them."""


def build_section(tx: Reader, institution_id: UUID, as_of: date) -> MaterialsSection:
    """Everything beyond a draft, as it stands now, doubted as on `as_of`; empty if unknown."""
    materials = queries.beyond_draft(tx, institution_id, as_of)
    return MaterialsSection(
        materials=tuple(_facts(material) for material in materials),
        field_warnings=tuple(
            FieldWarning(
                code=doubt.code, object_id=str(material.material_id), pointer=doubt.pointer
            )
            for material in materials
            for doubt in material.warnings
            if doubt.code in SECTION_CODES
        ),
    )


def _facts(material: MaterialRow) -> MaterialFacts:
    inside, outside = material.internal_review, material.external_review
    reviewer_ids = [str(reviewer) for reviewer in inside.reviewer_ids]
    return MaterialFacts.model_validate(
        {name: getattr(material, name) for name in _SHARED}
        | {
            "material_id": str(material.material_id),
            "authors": [AuthorFacts.model_validate(author) for author in material.authors],
            "internal_review": InternalReviewFacts(
                result=inside.result,
                reviewer_ids=tuple(reviewer_ids),
                reviewed_on=inside.reviewed_on,
            ),
            "external_review": ExternalReviewFacts.model_validate(asdict(outside)),
        }
    )
