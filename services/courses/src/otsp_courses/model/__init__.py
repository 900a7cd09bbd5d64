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
from otsp_courses.model.relocations import FiledRelocation, ProposedRelocation
from otsp_courses.model.schema import Base, CountersTold, Owned
from otsp_courses.model.teaching import Course, StateForbids, TrainingClass

__all__ = [
    "EXAMINED_IN",
    "Base",
    "CalendarRef",
    "CaseRef",
    "CountersTold",
    "Course",
    "FeeItemRef",
    "FiledRelocation",
    "InstitutionProfile",
    "MaterialRef",
    "Owned",
    "ProposedRelocation",
    "RectificationRef",
    "SectionCount",
    "Site",
    "StaffRef",
    "StateForbids",
    "System",
    "TrainingClass",
]
