"""The audit trail of this service."""

from otsp_chassis.audit.reading import entries_of
from otsp_materials.model import InstitutionRef

list_audit_entries = entries_of(InstitutionRef.__table__)
