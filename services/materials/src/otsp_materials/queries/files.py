"""Which files materials name, and who may look at them."""

from uuid import UUID

from otsp_chassis.db import Reader
from otsp_chassis.file_scope import FileScope
from otsp_chassis.identity import Principal
from otsp_chassis.references import Reference
from otsp_chassis.unnamed_files import NamedFiles
from otsp_materials.model import Material
from otsp_materials.queries.sight import sight_of

_SHOWN = Material.status != "draft"
REFERENCES = (
    Reference(Material.file_id, shown=_SHOWN),
    Reference(Material.internal_record_file_id, shown=_SHOWN),
)
"""A draft is nobody else's business yet."""

NAMED = NamedFiles(REFERENCES)


def _open_case(tx: Reader, principal: Principal, institution_id: UUID) -> UUID | None:
    sight_of(tx, principal, institution_id)
    return None  # none of them is sensitive


FILES = FileScope(REFERENCES, _open_case)
