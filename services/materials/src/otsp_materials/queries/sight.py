"""Who sees what of an institution's materials (domain specification §5.3)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound
from otsp_materials.model import EXAMINED_IN, CaseRef, InstitutionRef


@dataclass(frozen=True, slots=True)
class Sight:
    """Whether drafts are shown, and of which materials the persons are named in full."""

    drafts: bool
    persons: bool
    persons_of: frozenset[UUID] = frozenset()

    def names_persons_of(self, material_id: UUID) -> bool:
        return self.persons or material_id in self.persons_of


OWN = Sight(drafts=True, persons=True)


def sight_of(tx: Reader, principal: Principal, institution_id: UUID) -> Sight:
    """The institution's own people see everything, an authority that covers it no draft.

    Persons are named to an authority while a case lies with it: of the institution, or of that
    one material. Raises OtherInstitution, OutsideJurisdiction, and NotFound for an institution
    that nobody has told of.
    """
    if principal.authority is None:
        principal.require_own(institution_id)
        return OWN
    require_jurisdiction(tx, principal, institution_id)
    cases = select(CaseRef.kind, CaseRef.subject_id).where(
        CaseRef.institution_id == institution_id,
        CaseRef.authority_id == principal.authority.authority_id,
        CaseRef.state == "open",
    )
    held = tx.execute(cases).all()
    return Sight(
        drafts=False,
        persons=any(kind in EXAMINED_IN for kind, _ in held),
        persons_of=frozenset(subject for kind, subject in held if kind == "external_review"),
    )


def require_jurisdiction(tx: Reader, principal: Principal, institution_id: UUID) -> None:
    """Raises OutsideJurisdiction, and NotFound for an institution that nobody has told of."""
    where = select(InstitutionRef.region_code).where(
        InstitutionRef.institution_id == institution_id
    )
    region_code = tx.execute(where).scalar()
    if region_code is None:
        raise NotFound
    principal.require_jurisdiction(region_code)
