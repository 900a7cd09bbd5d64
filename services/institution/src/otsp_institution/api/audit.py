"""The operation on the audit trail."""

from otsp_chassis.audit.reading import entries_of
from otsp_institution.model import Institution

list_audit_entries = entries_of(Institution.__table__)
