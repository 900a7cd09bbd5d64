"""What the history keeps of a write: an institution and its parts as documents, persons masked."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from typing import Any
from uuid import UUID

from otsp_chassis import history
from otsp_chassis.db import Tx
from otsp_chassis.history import Subject
from otsp_institution.commands.entry import values_of
from otsp_institution.model import Institution, Item, Sheet
from otsp_institution.queries.concealment import concealed, concealed_number
from otsp_institution.rules.rows import InstitutionRow

_NOT_PLAIN = {"institution_id", "version", "warnings", "registration", "sponsors"}
_NOT_PLAIN |= {"actual_controller", "legal_rep", "contact", "has_proposed_change", "major_fields"}
_NOT_PLAIN |= {"staff_total", "student_total"}
_PLAIN = [each.name for each in fields(InstitutionRow) if each.name not in _NOT_PLAIN]
_LEGAL_REP = (
    "name",
    "id_type",
    "mobile",
    "nationality",
    "resides_in_china",
    "position",
    "id_scan_file_ids",
)
_CONTACT = ("name", "mobile", "email", "position")


@contextmanager
def changing(tx: Tx, institution: Institution, *, actor: UUID | None = None) -> Iterator[None]:
    """Whatever happens to the institution inside is one change; it is flushed at the end.

    Nothing is told of before it was entered: its first entry adds it, as it then is. `actor` where
    an event tells who decided.
    """
    before = None if institution.entered_at is None else _document(institution)
    yield
    institution.found_by(institution.name, institution.short_name, *institution.former_names)
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
    actor: UUID | None = None,
) -> None:
    """Columns of a part as they were and are; the part is flushed. `actor` as in `changing`."""
    history.record(
        tx,
        Subject(part.institution_id, part.__tablename__, object_id),
        version=part.version,
        before=None if before is None else concealed(before),
        after=None if after is None else concealed(after),
        actor_id=actor,
    )


def _document(institution: Institution) -> dict[str, Any]:
    """By the pointers of the answer: what is told of it, and never more than that."""
    held = concealed(values_of(institution, (*_PLAIN, *_person_columns())))
    legal_rep = {name: held[f"legal_rep_{name}"] for name in _LEGAL_REP}
    index, controller = institution.legal_rep_id_hmac, institution.actual_controller
    legal_rep["id_masked"] = concealed_number(index, institution.legal_rep_id_masked)
    return {
        **{name: held[name] for name in _PLAIN},
        "sponsors": [_person(each, "share_bp") for each in institution.sponsors],
        "actual_controller": controller and _person(controller),
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


def _person(held: Mapping[str, Any], *further: str) -> dict[str, Any]:
    told = {name: held[name] for name in ("name", "id_type", *further)}
    return told | {"id_masked": concealed_number(held["id_hmac"], held["id_masked"])}
