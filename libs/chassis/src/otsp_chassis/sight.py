"""Whose file who reads: an institution its own, an authority those of its region (decision D26).

An authority reads it masked; while a case in which it is examined lies with that authority, what
the masking matrix (§5.3) has for it, and each object of which it then reads personal data leaves
an entry in the trail.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import FromClause, select

from otsp_chassis import audit
from otsp_chassis.db import Reader, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound
from otsp_chassis.reveals import KeptCase, find_open_case


@dataclass(frozen=True, slots=True)
class Sight:
    """What the caller may see; `case_id` is the authority's own open case."""

    is_own: bool
    case_id: UUID | None = None

    @property
    def is_masked(self) -> bool:
        return not self.is_own and self.case_id is None


OWN = Sight(is_own=True)
MASKED = Sight(is_own=False)


def sight_of(
    tx: Reader,
    principal: Principal,
    institution_id: UUID,
    *,
    institutions: FromClause,
    cases: type[KeptCase],
    kinds: frozenset[str],
) -> Sight:
    """`institutions` has the `region_code` and `registration_status` of each that is known here.

    `kinds` are those of the cases in which this file is examined. Raises OtherInstitution,
    OutsideJurisdiction, or NotFound: to authorities a draft, or what nobody told of, is not there.
    """
    if principal.authority is None:
        principal.require_own(institution_id)
        return OWN
    columns = institutions.c
    known = select(columns.region_code, columns.registration_status).where(
        columns.institution_id == institution_id
    )
    found = tx.execute(known).first()
    if found is None or found.registration_status == "draft" or found.region_code is None:
        raise NotFound
    principal.require_jurisdiction(found.region_code)
    case_id = find_open_case(
        tx, principal.authority, institution_id=institution_id, cases=cases, kinds=kinds
    )
    return Sight(is_own=False, case_id=case_id)


def note_reading(
    sight: Sight,
    institution_id: UUID,
    *,
    object_type: str,
    object_ids: Iterable[UUID],
    pii_fields: Sequence[str],
) -> None:
    """Before they are answered: an entry for each object, its case, and which fields.

    Of a page too it is one for each: who asks later has looked at somebody cannot tell from the
    ends of a list in what order it was. Nothing is noted of what the caller saw masked, nor of
    the institution's own people.
    """
    if sight.case_id is None or not pii_fields:
        return
    with transaction() as tx:
        for object_id in object_ids:
            audit.record(
                tx,
                f"{object_type}.read_in_case",
                object_type=object_type,
                object_id=object_id,
                institution_id=institution_id,
                reason=f"事项 {sight.case_id}",
                pii_fields=pii_fields,
            )
