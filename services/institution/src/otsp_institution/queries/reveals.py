"""What answers mask of an institution, as it was entered."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from otsp_chassis.db import Reader
from otsp_chassis.pii import decrypt
from otsp_chassis.problems import NotFound
from otsp_institution.model import Institution

_HELD = select(Institution.legal_rep_id_no, Institution.sponsors)


def in_clear(tx: Reader, institution_id: UUID, names: Sequence[str]) -> dict[str, Any]:
    """Numbers of sponsors stand in the order of `sponsors`, null where one has none."""
    row = tx.execute(_HELD.where(Institution.institution_id == institution_id)).first()
    if row is None:
        raise NotFound
    return {name: _FIELDS[name](row) for name in names}


def _legal_rep(row: Row[Any]) -> str | None:
    return None if row.legal_rep_id_no is None else decrypt(row.legal_rep_id_no)


def _sponsors(row: Row[Any]) -> list[str | None]:
    """`commands.sponsors` says how they are kept."""
    sealed = [each["id_no"] for each in row.sponsors]
    return [None if text is None else decrypt(base64.b64decode(text)) for text in sealed]


_FIELDS: Mapping[str, Callable[[Row[Any]], Any]] = {
    "legal_rep.id_no": _legal_rep,
    "sponsors[].id_no": _sponsors,
}
