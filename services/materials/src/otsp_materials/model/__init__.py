"""What the service keeps: materials, copies of others' things."""

from otsp_materials.model.copies import EXAMINED_IN, CaseRef, InstitutionRef
from otsp_materials.model.materials import Material
from otsp_materials.model.schema import Base, CountersTold, SectionVersion

__all__ = [
    "EXAMINED_IN",
    "Base",
    "CaseRef",
    "CountersTold",
    "InstitutionRef",
    "Material",
    "SectionVersion",
]
