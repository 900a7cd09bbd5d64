"""What answers mask of one person, as it was entered."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select

from otsp_chassis.db import Reader
from otsp_chassis.pii import decrypt
from otsp_chassis.problems import NotFound
from otsp_staff.model import Staff

_STAFF = cast("Table", Staff.__table__)


def in_clear(
    tx: Reader, institution_id: UUID, staff_id: UUID, *, names: Sequence[str]
) -> dict[str, Any]:
    """The fields of one person as they were entered; whose they are is looked at as in a read."""
    sealed = [f"{name}_sealed" for name in names]
    columns = [each if each in _STAFF.c else name for each, name in zip(sealed, names, strict=True)]
    query = select(*(_STAFF.c[each] for each in columns)).where(
        _STAFF.c.staff_id == staff_id,
        _STAFF.c.institution_id == institution_id,
        _STAFF.c.deleted_at.is_(None),
    )
    row = tx.execute(query).first()
    if row is None:
        raise NotFound
    return {name: _clear(name, value) for name, value in zip(names, row, strict=True)}


def _clear(name: str, value: Any) -> Any:  # noqa: ANN401 - of whatever type the field is
    if not isinstance(value, bytes | memoryview):
        return value
    text = decrypt(bytes(value))
    return text.split(",") if name == "prohibited_kind" else text
