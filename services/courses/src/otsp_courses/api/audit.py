"""The operation on the audit trail."""

from otsp_chassis.audit.reading import entries_of
from otsp_courses.model import InstitutionProfile

list_audit_entries = entries_of(InstitutionProfile.__table__)
