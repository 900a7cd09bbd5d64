"""Which files people's fields name, and who may look at them."""

from uuid import UUID

from sqlalchemy import exists

from otsp_chassis.db import Reader
from otsp_chassis.file_scope import FileScope
from otsp_chassis.identity import Principal
from otsp_chassis.public_pictures import PublicPictures
from otsp_chassis.references import Reference
from otsp_chassis.unnamed_files import NamedFiles
from otsp_contracts.institution import ON_REGISTER
from otsp_staff.model import EmploymentPeriod, InstitutionRef, PublicPictureRef, Staff
from otsp_staff.queries.sight import sight_of

REFERENCES = (
    Reference(Staff.photo_file_id),
    Reference(Staff.contract_file_id, is_sensitive=True),
    Reference(Staff.precheck_proof_file_id, is_sensitive=True),
    Reference(Staff.quals, is_sensitive=True),
    Reference(EmploymentPeriod.contract_file_id, is_sensitive=True),
)
"""A photo is published (§5.3); whatever else is scanned of a person is not."""

NAMED = NamedFiles(REFERENCES)


def _open_case(tx: Reader, principal: Principal, institution_id: UUID) -> UUID | None:
    return sight_of(tx, principal, institution_id).case_id


FILES = FileScope(REFERENCES, _open_case)

PHOTOS = PublicPictures(
    kept=PublicPictureRef,
    scope=FILES,
    is_on_register=exists().where(
        InstitutionRef.institution_id == PublicPictureRef.institution_id,
        InstitutionRef.compliance_status.in_(ON_REGISTER),
    ),
    name="photo.jpg",
)
"""Of teachers and researchers, as they were approved."""
