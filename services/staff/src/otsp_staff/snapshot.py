"""The staff section of a snapshot: facts about those who work there, never their numbers."""

from dataclasses import fields
from datetime import date
from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.pii import mask_cert
from otsp_contracts.snapshots import (
    ExperienceFacts,
    FieldWarning,
    QualFacts,
    StaffFacts,
    StaffSection,
)
from otsp_staff.queries import people as queries
from otsp_staff.rules.doubts import SECTION_CODES
from otsp_staff.rules.rows import INSTRUCTING, Experience, Qual, StaffRow

_SHARED = sorted(
    StaffFacts.model_fields.keys()
    & {field.name for field in fields(StaffRow)}
    - {"staff_id", "teach_experience", "photo_file_id", "quals"}
)
"""Facts that travel under the name and in the form in which the row has them."""


def build_section(tx: Reader, institution_id: UUID, as_of: date) -> StaffSection:
    """Everybody employed now; ages are those on `as_of`. Empty for an unknown institution."""
    people = queries.employed(tx, institution_id, as_of)
    return StaffSection(
        staff=tuple(_facts(person, id_index) for person, id_index in people),
        field_warnings=tuple(
            FieldWarning(code=doubt.code, object_id=str(person.staff_id), pointer=doubt.pointer)
            for person, _ in people
            for doubt in person.warnings
            if doubt.code in SECTION_CODES
        ),
    )


def _facts(person: StaffRow, id_index: bytes | None) -> StaffFacts:
    return StaffFacts.model_validate(
        {name: getattr(person, name) for name in _SHARED}
        | {
            "staff_id": str(person.staff_id),
            "id_hmac": id_index.hex() if id_index else None,
            "teach_experience": [_experience(post) for post in _published_experience(person)],
            "photo_file_id": _published_photo(person),
            "quals": [_qual(qual) for qual in person.quals],
        }
    )


def _published_experience(person: StaffRow) -> list[Experience]:
    return person.teach_experience if person.staff_type in INSTRUCTING else []


def _published_photo(person: StaffRow) -> str | None:
    photo = person.photo_file_id if person.staff_type in INSTRUCTING else None
    return None if photo is None else str(photo)


def _experience(post: Experience) -> ExperienceFacts:
    return ExperienceFacts.model_validate(post | {"from_on": post["from"], "to_on": post["to"]})


def _qual(qual: Qual) -> QualFacts:
    number = qual["cert_no"]
    return QualFacts.model_validate(qual | {"cert_no_masked": number and mask_cert(number)})
