"""What answers mask of an institution, as it was entered."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from otsp_chassis.db import Reader
from otsp_chassis.pii import decrypt
from otsp_chassis.problems import NotFound
from otsp_institution.model import FiledChange, Institution, ProposedChange
from otsp_institution.model.proposals import columns_of

_HELD = select(Institution.legal_rep_id_no, Institution.sponsors, Institution.actual_controller)


def in_clear(tx: Reader, institution_id: UUID, names: Sequence[str]) -> dict[str, Any]:
    """Numbers of sponsors stand in the order of `sponsors`, null where one has none."""
    row = tx.execute(_HELD.where(Institution.institution_id == institution_id)).first()
    if row is None:
        raise NotFound
    return {name: _FIELDS[name](row) for name in names if name in _FIELDS}


def proposed_in_clear(tx: Reader, institution_id: UUID, *, is_own: bool) -> str | None:
    """The number of the legal representative who is to come; to others than the institution's own
    people only as it applied for that.
    """
    kept = ProposedChange if is_own else FiledChange
    query = select(kept.parts).where(kept.institution_id == institution_id)
    if not is_own:
        query = query.order_by(FiledChange.application_id.desc()).limit(1)
    parts = tx.execute(query).scalar()
    sealed = columns_of(parts or {}, "institution").get("legal_rep_id_no")
    return None if sealed is None else decrypt(sealed)


def _legal_rep(row: Row[Any]) -> str | None:
    return None if row.legal_rep_id_no is None else decrypt(row.legal_rep_id_no)


def _sponsors(row: Row[Any]) -> list[str | None]:
    return [_of_person(each) for each in row.sponsors]


def _controller(row: Row[Any]) -> str | None:
    return None if row.actual_controller is None else _of_person(row.actual_controller)


def _of_person(held: Mapping[str, Any]) -> str | None:
    """`commands.persons_behind` says how they are kept."""
    sealed = held["id_no"]
    return None if sealed is None else decrypt(base64.b64decode(sealed))


_FIELDS: Mapping[str, Callable[[Row[Any]], Any]] = {
    "legal_rep.id_no": _legal_rep,
    "sponsors[].id_no": _sponsors,
    "actual_controller.id_no": _controller,
}
