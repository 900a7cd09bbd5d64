"""The operation on the audit trail."""

from otsp_chassis.audit.reading import entries_of
from otsp_staff.model import InstitutionRef

list_audit_entries = entries_of(InstitutionRef.__table__)
