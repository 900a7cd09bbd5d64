"""What was removed today, and its restoration."""

from uuid import UUID

from otsp_chassis.http import Answer
from otsp_chassis.identity import Principal
from otsp_chassis.removals import Removals
from otsp_materials.api.answers import told
from otsp_materials.commands import entries
from otsp_materials.queries.removals import REMOVABLE
from otsp_materials.rules.labels import HISTORY_LABELS

list_removals = Removals(REMOVABLE, HISTORY_LABELS).list_removals


def restore_material(institution_id: str, material_id: str, principal: Principal) -> Answer:
    return told(entries.restore_material(principal, UUID(institution_id), UUID(material_id)))
