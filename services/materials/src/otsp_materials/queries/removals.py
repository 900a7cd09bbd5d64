"""What an institution may remove, and restore within the day."""

from collections.abc import Mapping

from otsp_chassis.removals import Removable
from otsp_materials.model import Material

REMOVABLE: Mapping[str, Removable] = {
    "material": Removable(
        Material.__table__, "material_id", name="title", place="materials/{object_id}"
    )
}
