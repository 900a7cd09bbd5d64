"""Copies of compliance's cases."""

from otsp_chassis.reveals import KeptCase
from otsp_institution.model.schema import Base

EXAMINED_IN = frozenset({"registration", "compliance", "change", "deregistration"})
"""Kinds of cases in which an authority looks at who is behind an institution."""


class CaseRef(KeptCase, Base):
    """Which case of an institution lies with which authority; says who sees data in clear."""
