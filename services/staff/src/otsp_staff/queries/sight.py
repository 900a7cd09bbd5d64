"""Whose people who reads."""

from uuid import UUID

from otsp_chassis import sight
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.sight import Sight
from otsp_staff.model import EXAMINED_IN, CaseRef, InstitutionRef


def sight_of(tx: Reader, principal: Principal, institution_id: UUID) -> Sight:
    return sight.sight_of(
        tx,
        principal,
        institution_id,
        institutions=InstitutionRef.__table__,
        cases=CaseRef,
        kinds=EXAMINED_IN,
    )
