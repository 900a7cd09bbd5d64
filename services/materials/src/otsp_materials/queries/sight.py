"""Who sees what of an institution's materials (domain specification §5.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import sight
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_materials.model import EXAMINED_IN, CaseRef, InstitutionRef


@dataclass(frozen=True, slots=True)
class Sight:
    """Of the file as a whole, and of single materials: `reviews` are their external reviews that
    lie with the caller, by material.
    """

    of_file: sight.Sight
    reviews: Mapping[UUID, UUID] = field(default_factory=dict)

    @property
    def drafts(self) -> bool:
        """To an authority a draft does not exist."""
        return self.of_file.is_own

    def of(self, material_id: UUID) -> sight.Sight:
        """Persons are named to an authority while a case lies with it: of the institution, or of
        that one material.
        """
        if self.of_file.is_masked:
            return sight.Sight(is_own=False, case_id=self.reviews.get(material_id))
        return self.of_file


def sight_of(tx: Reader, principal: Principal, institution_id: UUID) -> Sight:
    of_file = sight.sight_of(
        tx,
        principal,
        institution_id,
        institutions=InstitutionRef.__table__,
        cases=CaseRef,
        kinds=EXAMINED_IN,
    )
    if principal.authority is None:
        return Sight(of_file)
    reviews = select(CaseRef.subject_id, CaseRef.case_id).where(
        CaseRef.institution_id == institution_id,
        CaseRef.authority_id == principal.authority.authority_id,
        CaseRef.state == "open",
        CaseRef.kind == "external_review",
    )
    return Sight(of_file, {row.subject_id: row.case_id for row in tx.execute(reviews)})
