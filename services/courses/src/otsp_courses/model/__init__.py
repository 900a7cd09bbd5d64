"""The tables of the courses service."""

from otsp_courses.model.copies import (
    EXAMINED_IN,
    CalendarRef,
    CaseRef,
    FeeItemRef,
    InstitutionProfile,
    MaterialRef,
    RectificationRef,
    SectionCount,
    StaffRef,
)
from otsp_courses.model.hosts import Site, System
from otsp_courses.model.schema import Base, Owned
from otsp_courses.model.teaching import Course, StateForbids, TrainingClass

__all__ = [
    "EXAMINED_IN",
    "Base",
    "CalendarRef",
    "CaseRef",
    "Course",
    "FeeItemRef",
    "InstitutionProfile",
    "MaterialRef",
    "Owned",
    "RectificationRef",
    "SectionCount",
    "Site",
    "StaffRef",
    "StateForbids",
    "System",
    "TrainingClass",
]
