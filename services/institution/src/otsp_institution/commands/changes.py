"""What the history keeps of a write: an institution and its parts as documents, persons masked."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any
from uuid import UUID

from otsp_chassis import history, pii
from otsp_chassis.db import Tx
from otsp_chassis.history import Concealed, Subject
from otsp_chassis.history.differences import HIDDEN
from otsp_institution.commands.entry import values_of
from otsp_institution.model import Institution, Item, Sheet
from otsp_institution.rules.rows import InstitutionRow

_PERSONAL: Mapping[str, Callable[[str], str]] = {
    "legal_rep_mobile": pii.mask_mobile,
    "legal_rep_nationality": lambda _: HIDDEN,
    "legal_rep_resides_in_china": lambda _: HIDDEN,
    "contact_name": pii.mask_name,
    "contact_mobile": pii.mask_mobile,
    "contact_email": pii.mask_email,
    "contact_position": lambda _: HIDDEN,
    "secretary_name": pii.mask_name,
    "secretary_mobile": pii.mask_mobile,
    "instructor_name": pii.mask_name,
}
"""Columns of privacy class 2 (domain specification §2.2, §2.6); numbers of identity are class 3."""

_NOT_PLAIN = {"institution_id", "version", "warnings", "registration", "sponsors"}
_NOT_PLAIN |= {"legal_rep", "contact"}
_PLAIN = [each.name for each in fields(InstitutionRow) if each.name not in _NOT_PLAIN]
_LEGAL_REP = ("name", "id_type", "mobile", "nationality", "resides_in_china", "position")
_CONTACT = ("name", "mobile", "email", "position")


@contextmanager
def changing(tx: Tx, institution: Institution, *, actor: UUID | None = None) -> Iterator[None]:
    """Whatever happens to the institution inside is one change; it is flushed at the end.

    Nothing is told of before it was entered: its first entry adds it, as it then is. `actor` where
    an event tells who decided.
    """
    before = None if institution.entered_at is None else _document(institution)
    yield
    tx.flush()
    if institution.entered_at is not None:
        history.record(
            tx,
            Subject(institution.institution_id, "institution", institution.institution_id),
            version=institution.version,
            before=before,
            after=_document(institution),
            actor_id=actor,
        )


def record_part(
    tx: Tx,
    part: Sheet | Item,
    object_id: UUID,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Columns of a part as they were and are; the part is flushed."""
    history.record(
        tx,
        Subject(part.institution_id, part.__tablename__, object_id),
        version=part.version,
        before=None if before is None else _concealed(before),
        after=None if after is None else _concealed(after),
    )


def _document(institution: Institution) -> dict[str, Any]:
    """By the pointers of the answer: what is told of it, and never more than that."""
    held = _concealed(values_of(institution, (*_PLAIN, *_person_columns())))
    legal_rep = {name: held[f"legal_rep_{name}"] for name in _LEGAL_REP}
    index = institution.legal_rep_id_hmac
    legal_rep["id_masked"] = _concealed_number(index, institution.legal_rep_id_masked)
    return {
        **{name: held[name] for name in _PLAIN},
        "sponsors": [_sponsor(each) for each in institution.sponsors],
        "legal_rep": legal_rep,
        "contact": {name: held[f"contact_{name}"] for name in _CONTACT},
        "registration": {
            "status": institution.registration_status,
            "round": institution.registration_round,
            "submitted_on": institution.submitted_on,
            "decided_on": institution.decided_on,
            "reason": institution.decision_reason,
        },
    }


def _person_columns() -> Iterator[str]:
    yield from (f"legal_rep_{name}" for name in _LEGAL_REP)
    yield from (f"contact_{name}" for name in _CONTACT)


def _sponsor(held: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: held[name] for name in ("name", "id_type", "share_bp")}
    return told | {"id_masked": _concealed_number(held["id_hmac"], held["id_masked"])}


def _concealed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        if value is None or name not in _PERSONAL
        else Concealed(value, _PERSONAL[name](value))
        for name, value in values.items()
    }


def _concealed_number(index: bytes | str | None, mask: str | None) -> Concealed | None:
    """Compared by its blind index: another number may have the same mask."""
    if index is None or mask is None:
        return None
    return Concealed(index.hex() if isinstance(index, bytes) else index, mask)
