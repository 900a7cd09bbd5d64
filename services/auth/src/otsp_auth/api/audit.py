"""The operation on the audit trail."""

from otsp_auth.model import InstitutionRef
from otsp_auth.queries.authority_rows import REGIONS_OF_PEOPLE
from otsp_chassis.audit.reading import entries_of

list_audit_entries = entries_of(InstitutionRef.__table__, objects=REGIONS_OF_PEOPLE)
