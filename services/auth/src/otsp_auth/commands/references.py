"""Keeps the copy of institutions; an older version never replaces a newer."""

from otsp_auth.model import InstitutionRef
from otsp_chassis.copies import keep_newer
from otsp_chassis.db import Tx
from otsp_contracts.institution import ProfileChanged


def keep_institution(tx: Tx, told: ProfileChanged) -> None:
    values = {
        "institution_id": told.institution_id,
        "version": told.version,
        "name": told.name,
        "uscc": told.uscc,
        "region_code": told.region_code,
        "registration_status": told.registration_status,
        "compliance_status": told.compliance_status,
    }
    keep_newer(tx, InstitutionRef, key="institution_id", values=values)
