"""What is filled in of a material: the form whose drafts are kept."""

from collections.abc import Mapping

from otsp_chassis.drafts import Form
from otsp_materials.model import Material

FORMS: Mapping[str, Form] = {
    "material": Form("MaterialCreate", Material.__table__, key="material_id")
}
