"""Keeps the copy of institutions; an older version never replaces a newer.

The same version told again replaces what is here: that is how a damaged copy is mended.
"""

from sqlalchemy.dialects.postgresql import insert

from otsp_auth.model import InstitutionRef
from otsp_chassis.db import Tx
from otsp_contracts.institution import ProfileChanged


def keep_institution(tx: Tx, told: ProfileChanged) -> None:
    values = {
        "version": told.version,
        "name": told.name,
        "uscc": told.uscc,
        "region_code": told.region_code,
        "registration_status": told.registration_status,
        "compliance_status": told.compliance_status,
    }
    row = insert(InstitutionRef).values(institution_id=told.institution_id, **values)
    tx.execute(
        row.on_conflict_do_update(
            index_elements=["institution_id"],
            set_=values,
            where=InstitutionRef.version <= row.excluded.version,
        )
    )
