"""Whose file who reads: an institution its own, an authority those of its region."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound
from otsp_chassis.reveals import find_open_case
from otsp_institution.model import CaseRef, Institution
from otsp_institution.model.cases import EXAMINED_IN

_C = Institution.__table__.c


@dataclass(frozen=True, slots=True)
class Sight:
    """What the caller may see of an institution; `case_id` is the authority's own open case."""

    is_own: bool
    case_id: UUID | None = None

    @property
    def is_masked(self) -> bool:
        return not self.is_own and self.case_id is None


OWN = Sight(is_own=True)


def sight_of(tx: Reader, principal: Principal, institution_id: UUID) -> Sight:
    """Raises OtherInstitution, OutsideJurisdiction, or NotFound.

    A draft is nobody else's business yet: to authorities it does not exist.
    """
    if principal.authority is None:
        principal.require_own(institution_id)
        return OWN
    known = select(_C.region_code, _C.registration_status).where(
        _C.institution_id == institution_id
    )
    institution = tx.execute(known).first()
    if (
        institution is None
        or institution.registration_status == "draft"
        or institution.region_code is None
    ):
        raise NotFound
    principal.require_jurisdiction(institution.region_code)
    case_id = find_open_case(
        tx, principal.authority, institution_id=institution_id, cases=CaseRef, kinds=EXAMINED_IN
    )
    return Sight(is_own=False, case_id=case_id)
