"""Which files sites and systems name, and who may look at them."""

from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.file_scope import FileScope
from otsp_chassis.identity import Principal
from otsp_chassis.references import Reference
from otsp_chassis.unnamed_files import NamedFiles
from otsp_courses.model import Site, System
from otsp_courses.queries.sight import sight_of

REFERENCES = (
    Reference(Site.fire_proof_file_id),
    Reference(System.icp_shot_file_id),
    Reference(System.vat_shot_file_id),
    Reference(System.mlps_report_file_id),
    Reference(System.pia_file_id),
    Reference(System.service_agreement_file_id),
)

NAMED = NamedFiles(REFERENCES)


def _open_case(tx: Reader, principal: Principal, institution_id: UUID) -> UUID | None:
    return sight_of(tx, principal, institution_id).case_id


FILES = FileScope(REFERENCES, _open_case)
