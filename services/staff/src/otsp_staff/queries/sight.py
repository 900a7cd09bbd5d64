"""Whose people who reads: an institution its own, an authority those of its region."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound
from otsp_chassis.reveals import find_open_case
from otsp_staff.model import EXAMINED_IN, CaseRef, InstitutionRef


@dataclass(frozen=True, slots=True)
class Sight:
    """What the caller may see of an institution's people; `case_id` is the authority's own case."""

    is_own: bool
    case_id: UUID | None = None

    @property
    def is_masked(self) -> bool:
        return not self.is_own and self.case_id is None


OWN = Sight(is_own=True)


def sight_of(tx: Reader, principal: Principal, institution_id: UUID) -> Sight:
    """Raises OtherInstitution, OutsideJurisdiction, or NotFound.

    What is still a draft, or was never told of, does not exist to authorities.
    """
    if principal.authority is None:
        principal.require_own(institution_id)
        return OWN
    known = select(InstitutionRef.region_code, InstitutionRef.registration_status).where(
        InstitutionRef.institution_id == institution_id
    )
    institution = tx.execute(known).first()
    if institution is None or institution.registration_status == "draft":
        raise NotFound
    principal.require_jurisdiction(institution.region_code)
    case_id = find_open_case(
        tx, principal.authority, institution_id=institution_id, cases=CaseRef, kinds=EXAMINED_IN
    )
    return Sight(is_own=False, case_id=case_id)
