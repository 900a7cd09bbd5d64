"""What the history keeps of a person: the fields of the answer, personal ones masked."""

from dataclasses import dataclass
from typing import Any

from otsp_chassis import history, pii
from otsp_chassis.db import Tx
from otsp_chassis.history import Concealed, Subject
from otsp_staff.model import Staff
from otsp_staff.queries import people as queries
from otsp_staff.queries.documents import document_of
from otsp_staff.rules.privacy import (
    PERSONAL,
    PERSONAL_UNLESS_PUBLIC,
    RESULTS,
    SENSITIVE,
    is_public,
)
from otsp_staff.rules.rows import StaffRow

_CONCEALED = {*PERSONAL, *SENSITIVE, *RESULTS}


@dataclass(frozen=True, slots=True)
class State:
    """A person before a change: as answered, and as the history compares it."""

    row: StaffRow
    document: dict[str, Any]
    is_public: bool


def state_of(tx: Tx, person: Staff) -> State:
    return State(
        queries.get_staff(tx, person.institution_id, person.staff_id),
        document_of(person),
        is_public=is_public(person.staff_type),
    )


def record_change(tx: Tx, person: Staff, before: State | None) -> None:
    """The person is flushed; `before` is None of one who is new, and a deleted one has no after.

    A name is in the history as it is told at both ends: published at one of them only, it is
    masked at both, or the change of the staff type would look like a change of name.
    """
    is_gone = person.deleted_at is not None
    published = is_public(person.staff_type) and (before is None or before.is_public)
    history.record(
        tx,
        Subject(person.institution_id, "staff", person.staff_id),
        version=person.version,
        before=None if before is None else _masked(before.document, is_public=published),
        after=None if is_gone else _masked(document_of(person), is_public=published),
    )


def _masked(document: dict[str, Any], *, is_public: bool) -> dict[str, Any]:
    hidden = _CONCEALED if is_public else {*_CONCEALED, *PERSONAL_UNLESS_PUBLIC}
    told = {
        name: Concealed(value) if name in hidden and value is not None else value
        for name, value in document.items()
    }
    if not is_public and document["name"] is not None:
        told["name"] = Concealed(document["name"], pii.mask_name(document["name"]))
    return told
