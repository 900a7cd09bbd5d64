"""The institution itself, as its own people and as an authority see it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, select

from otsp_chassis import clock, pii
from otsp_chassis.db import Reader
from otsp_chassis.problems import NotFound
from otsp_chassis.sight import Sight
from otsp_chassis.statements import Read
from otsp_institution.model import CoursesCountersRef, Institution, StaffCountersRef
from otsp_institution.rules import major
from otsp_institution.rules.doubts import Profile, doubts_of
from otsp_institution.rules.rows import (
    ContactRow,
    ControllerRow,
    InstitutionRow,
    LegalRepRow,
    MajorFieldsRow,
    RegistrationRow,
    SponsorRow,
)
from otsp_institution.rules.standing import approval_stands

Person = TypeVar("Person", SponsorRow, ControllerRow)
_TOTALS = ("staff_total", "student_total")
_NESTED = ("registration", "legal_rep", "contact", "warnings", "major_fields", *_TOTALS)
_PLAIN = tuple(name for name in InstitutionRow.__dataclass_fields__ if name not in _NESTED)
_LEGAL_REP = tuple(LegalRepRow.__dataclass_fields__)
_CONTACT = tuple(ContactRow.__dataclass_fields__)
_REGISTRATION = (
    "registration_status",
    "registration_round",
    "submitted_on",
    "decided_on",
    "decision_reason",
)
_NAMES = (
    *_PLAIN,
    *_REGISTRATION,
    *(f"legal_rep_{name}" for name in _LEGAL_REP),
    *(f"contact_{name}" for name in _CONTACT),
    "compliance_before",
)
ON_RECORD: Mapping[str, Any] = {}
_COLUMNS = Institution.__table__.c
_THIS = _COLUMNS.institution_id == bindparam("institution_id")
_WHOLE = Read(select(*(_COLUMNS[name] for name in _NAMES)).where(_THIS))
_ID_FACTS = Read(select(_COLUMNS.legal_rep_id_valid, _COLUMNS.legal_rep_id_hmac).where(_THIS))


@dataclass(frozen=True, slots=True)
class IdFacts:
    """What a section says of the legal representative's number, instead of the number."""

    id_valid: bool | None
    id_hmac: str | None


def find_institution(
    tx: Reader, institution_id: UUID, proposed: Mapping[str, Any] = ON_RECORD
) -> InstitutionRow | None:
    """Without warnings and totals; as it would be with what columns are `proposed` to hold."""
    columns = _WHOLE.first(tx, {"institution_id": institution_id})
    if columns is None:
        return None
    return _row(tuple(proposed.get(*each) for each in zip(_NAMES, columns, strict=True)))


def get_institution(tx: Reader, institution_id: UUID) -> InstitutionRow:
    row = find_institution(tx, institution_id)
    if row is None:
        raise NotFound
    warnings = list(doubts_of(row, profile_of(row), clock.today()))
    staff, students = _totals(tx, institution_id)
    return replace(row, warnings=warnings, staff_total=staff, student_total=students)


def _totals(tx: Reader, institution_id: UUID) -> tuple[int, int]:
    """As others counted last; of whom nobody was entered yet, nothing is told."""
    kept = (
        select(StaffCountersRef.employed).where(StaffCountersRef.institution_id == institution_id),
        select(CoursesCountersRef.enrolled).where(
            CoursesCountersRef.institution_id == institution_id
        ),
    )
    staff, students = tx.execute(select(*(each.scalar_subquery() for each in kept))).one()
    return staff or 0, students or 0


def get_institution_as_seen(tx: Reader, institution_id: UUID, sight: Sight) -> InstitutionRow:
    row = get_institution(tx, institution_id)
    return _masked(row) if sight.is_masked else row


def get_profile(tx: Reader, institution_id: UUID) -> Profile:
    """Of an institution that was not heard of yet, nothing is known."""
    query = select(Institution.categories, Institution.delivery_modes)
    columns = tx.execute(query.where(Institution.institution_id == institution_id)).first()
    return Profile([], []) if columns is None else Profile(*columns)


def get_id_facts(
    tx: Reader, institution_id: UUID, proposed: Mapping[str, Any] = ON_RECORD
) -> IdFacts:
    held = _ID_FACTS.first(tx, {"institution_id": institution_id})._asdict()
    facts = {**held, **{name: proposed[name] for name in held.keys() & proposed.keys()}}
    index = facts["legal_rep_id_hmac"]
    return IdFacts(facts["legal_rep_id_valid"], None if index is None else index.hex())


def profile_of(row: InstitutionRow) -> Profile:
    return Profile(row.categories, row.delivery_modes)


def _person(kind: type[Person], held: Mapping[str, Any]) -> Person:
    """Less what nobody is told: the number and its index."""
    return kind(**{each.name: held[each.name] for each in fields(kind)})


def _row(columns: tuple[Any, ...]) -> InstitutionRow:
    values = iter(columns)
    plain = {name: next(values) for name in _PLAIN}
    held, controller = plain.pop("sponsors"), plain.pop("actual_controller")
    registration = RegistrationRow(*(next(values) for _ in _REGISTRATION))
    legal_rep = LegalRepRow(*(next(values) for _ in _LEGAL_REP))
    contact = ContactRow(*(next(values) for _ in _CONTACT))
    has_approval = approval_stands(plain["compliance_status"], next(values))
    return InstitutionRow(
        **plain,
        major_fields=MAJOR_FIELDS if has_approval else (),
        sponsors=[_person(SponsorRow, each) for each in held],
        actual_controller=None if controller is None else _person(ControllerRow, controller),
        registration=registration,
        legal_rep=None if legal_rep == _NO_LEGAL_REP else legal_rep,
        contact=None if contact == _NO_CONTACT else contact,
    )


MAJOR_FIELDS = [
    MajorFieldsRow(part.table, [major.pointer_of(name) for name in part.majors])
    for part in major.PARTS.values()
]
_NO_LEGAL_REP = LegalRepRow(*(None for _ in _LEGAL_REP))
_NO_CONTACT = ContactRow(*(None for _ in _CONTACT))


TOLD_IN_CASE = ("legal_rep.mobile", "contact.name", "contact.mobile", "contact.email")
"""What only an authority with a case of the institution sees in full."""


def _masked(row: InstitutionRow) -> InstitutionRow:
    """As the masking matrix (§5.3) has it for a reviewer without a case."""
    legal_rep, contact = row.legal_rep, row.contact
    if legal_rep is not None and legal_rep.mobile is not None:
        legal_rep = replace(legal_rep, mobile=pii.mask_mobile(legal_rep.mobile))
    if contact is not None:
        contact = replace(
            contact,
            name=contact.name and pii.mask_name(contact.name),
            mobile=contact.mobile and pii.mask_mobile(contact.mobile),
            email=contact.email and pii.mask_name(contact.email),
        )
    return replace(row, legal_rep=legal_rep, contact=contact)
