"""The operation on the audit trail."""

from otsp_auth.model import InstitutionRef
from otsp_chassis.audit.reading import entries_of

list_audit_entries = entries_of(InstitutionRef.__table__)
