"""How a material is answered with."""

from otsp_chassis.http import Answer
from otsp_materials.rules.rows import MaterialRow


def told(material: MaterialRow) -> Answer:
    return Answer(material, version=material.version)


def created(material: MaterialRow, institution_id: str) -> Answer:
    location = f"/api/materials/v1/institutions/{institution_id}/materials/{material.material_id}"
    return Answer(material, 201, version=material.version, location=location)
