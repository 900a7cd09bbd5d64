"""How every write begins, and how a request body becomes columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY
from sqlalchemy.dialects.postgresql import JSONB, insert

from otsp_chassis.db import Tx
from otsp_chassis.files import find_attachment
from otsp_chassis.locks import guard_write
from otsp_chassis.problems import Invalid
from otsp_contracts.values import (
    USCC,
    Code,
    Email,
    FieldError,
    Mobile,
    Region6,
    Tel,
    normalise_code,
)
from otsp_institution.model import Base, Institution
from otsp_institution.rules import rows

Fields = Mapping[str, Any]
"""A request body that the seam has judged."""

_BOOKKEEPING = frozenset({"institution_id", "version", "created_at", "updated_at", "deleted_at"})
_PARSED: Mapping[str, type[Code]] = {
    "uscc": USCC,
    "region_code": Region6,
    "issuer_region_code": Region6,
    "consult_tel": Tel,
    "complaint_tel": Tel,
    "legal_rep_mobile": Mobile,
    "contact_mobile": Mobile,
    "contact_email": Email,
    "secretary_mobile": Mobile,
}
_MEMBERS: Mapping[str, Sequence[str]] = {
    "board_members": list(rows.BoardMember.__annotations__),
    "supervisors": list(rows.Supervisor.__annotations__),
    "branches": list(rows.Branch.__annotations__),
    "activity_records": list(rows.ActivityRecord.__annotations__),
}
"""Lists of records that are kept with all their members, cleaned as columns are."""
_CODES = frozenset({"licence_no", "replaces_licence_no", "account_no"})
"""Numbers of any form: a rule judges them, so they are only cleaned."""


def open_for_write(
    tx: Tx,
    institution_id: UUID,
    scope: str,
    *,
    part: str | None = None,
    object_id: UUID | None = None,
) -> Institution:
    """The institution, locked for this transaction; Locked while anybody reviews it, unless a
    notice names the part or the object.

    The row is made when it is not there yet: a first write may overtake the news of the account.
    """
    guard_write(tx, institution_id, scope, part=part, object_id=object_id)
    institution = prepare(tx, institution_id)
    institution.require_alterable()
    return institution


def prepare(tx: Tx, institution_id: UUID) -> Institution:
    """The row of an institution whose id auth has allotted (decision D29)."""
    new = insert(Institution).values(institution_id=institution_id, version=1)
    tx.execute(new.on_conflict_do_nothing())
    return tx.get_one(Institution, institution_id, with_for_update={"key_share": True})


def fill(entity: Base, fields: Fields, names: Iterable[str]) -> None:
    """Replace these columns; what the body leaves out is emptied."""
    columns = type(entity).__table__.columns
    for name in names:
        setattr(entity, name, _typed(columns[name], fields.get(name)))


def entered_names(entity: type[Base]) -> list[str]:
    """The columns of a part that its institution fills in."""
    columns = entity.__table__.columns
    return [each.name for each in columns if not each.primary_key and each.name not in _BOOKKEEPING]


def values_of(entity: Base, names: Iterable[str]) -> dict[str, Any]:
    """For the audit trail, which keeps their hash."""
    return {name: getattr(entity, name) for name in names}


def require_files(tx: Tx, institution_id: UUID, fields: Fields) -> None:
    """Every file that the body names was uploaded here by the same institution."""
    errors = list(_unknown_files(tx, institution_id, fields))
    if errors:
        raise Invalid(errors=errors)


def _unknown_files(tx: Tx, institution_id: UUID, fields: Fields) -> Iterator[FieldError]:
    for pointer, file_id in _named_files(fields):
        if find_attachment(tx, institution_id, UUID(file_id)) is None:
            detail = "文件不存在或不属于本机构，请先上传。"
            yield FieldError(pointer, "unknown_file", detail)


def _named_files(value: object, pointer: str = "", name: str = "") -> Iterator[tuple[str, str]]:
    """With their pointers, wherever in the body they stand."""
    if isinstance(value, Mapping):
        for member, each in value.items():
            yield from _named_files(each, f"{pointer}/{member}", member)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _named_files(each, f"{pointer}/{number}", name)
    elif isinstance(value, str) and name.endswith(("file_id", "file_ids")):
        yield pointer, value


def _typed(column: Any, value: Any) -> Any:  # noqa: ANN401 - as many types as columns
    if value is None or value == "":
        is_list = isinstance(column.type, ARRAY | JSONB)
        return [] if is_list and not column.nullable else None
    if column.name in _MEMBERS:
        return [
            {name: _clean(name, each.get(name)) for name in _MEMBERS[column.name]} for each in value
        ]
    if column.name in _PARSED or column.name in _CODES:
        return _clean(column.name, value)
    if isinstance(column.type, ARRAY) and column.type.item_type.python_type is UUID:
        return [UUID(each) for each in value]
    if column.type.python_type is date:
        return date.fromisoformat(value)
    return UUID(value) if column.type.python_type is UUID else value


def _clean(name: str, value: Any) -> Any:  # noqa: ANN401 - as many types as columns
    if value is None or value == "":
        return None
    if name in _PARSED:
        return str(_PARSED[name].parse(value))
    return normalise_code(value) if name in _CODES else value
