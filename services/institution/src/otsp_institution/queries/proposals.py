"""What an institution proposes to change: field by field, and the file as it would then be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.history import differences
from otsp_chassis.problems import NotFound
from otsp_contracts.values import FieldError
from otsp_institution.model import ProposedChange
from otsp_institution.model.proposals import ENTITIES, Columns, columns_of
from otsp_institution.queries import parts as part_queries
from otsp_institution.queries import registry
from otsp_institution.queries.concealment import concealed, concealed_number
from otsp_institution.rules import major, rows
from otsp_institution.rules.doubts import Profile, doubts_of
from otsp_institution.rules.labels import LABELS

Row = TypeVar("Row", bound=rows.Part)
ROWS: Mapping[str, type[rows.Part]] = {
    "school_licence": rows.LicenceRow,
    "supervision": rows.SupervisionRow,
}
_LEGAL_REP = "legal_rep_"
_UNTOLD = major.UNTOLD | {"legal_rep_id_hmac"}


@dataclass(frozen=True, slots=True)
class Proposed:
    """Columns to hold something else, by table; empty, everything is as on record."""

    parts: Mapping[str, Columns]

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> "Proposed":
        """Of the parts as they are kept."""
        return cls({table: columns_of(parts, table) for table in parts})

    def columns(self, table: str) -> Columns:
        return self.parts.get(table, {})


NOTHING = Proposed({})


def find_proposed_change(tx: Reader, institution_id: UUID) -> tuple[int, Proposed] | None:
    """With its version."""
    query = select(ProposedChange.version, ProposedChange.parts)
    row = tx.execute(query.where(ProposedChange.institution_id == institution_id)).first()
    return None if row is None else (row.version, Proposed.of(row.parts))


def get_proposed_change(tx: Reader, institution_id: UUID) -> rows.ProposedChangeRow:
    """Raises NotFound when nothing was proposed."""
    version, proposed = _get(tx, institution_id)
    told = [_told(tx, institution_id, proposed, table=table) for table in proposed.parts]
    return rows.ProposedChangeRow(institution_id, version, told)


def get_proposed_part(
    tx: Reader, institution_id: UUID, table: str
) -> rows.InstitutionRow | rows.Part:
    """The part as it would be, its version that of the proposal; NotFound without a proposal."""
    version, proposed = _get(tx, institution_id)
    row: Any = _as_proposed(tx, institution_id, proposed, table=table)
    if row is None:
        raise NotFound
    doubts = _doubts(tx, institution_id, proposed, row=row)
    told: rows.InstitutionRow | rows.Part = replace(row, version=version, warnings=doubts)
    return told


def as_proposed(kind: type[Row], row: Row | None, columns: Columns) -> Row | None:
    """A part that there is one of, as it would be; it may not have been entered yet."""
    if not columns:
        return row
    if row is None:
        unknown = {field.name: None for field in fields(kind) if field.name != "warnings"}
        return kind(**{**unknown, "version": 0, **columns})
    return replace(row, **columns)


def changed_fields(
    tx: Reader, institution_id: UUID, proposed: Proposed, *, table: str
) -> Iterator[rows.ProposedFieldRow]:
    """What is on record now, and what would be; persons as masks."""
    wanted = proposed.columns(table)
    columns = ENTITIES[table].__table__.columns
    query = select(*(columns[name] for name in wanted))
    held = tx.execute(query.where(columns["institution_id"] == institution_id)).mappings().first()
    labels = LABELS[table][1]
    before = _document(dict(held) if held is not None else {})
    for each in differences(before, _document(wanted)):
        label = labels.get(each.pointer)
        yield rows.ProposedFieldRow(each.pointer, label, each.before, each.after, each.is_masked)


def _get(tx: Reader, institution_id: UUID) -> tuple[int, Proposed]:
    found = find_proposed_change(tx, institution_id)
    if found is None:
        raise NotFound
    return found


def _told(
    tx: Reader, institution_id: UUID, proposed: Proposed, *, table: str
) -> rows.ProposedPartRow:
    row = _as_proposed(tx, institution_id, proposed, table=table)
    doubts = [] if row is None else _doubts(tx, institution_id, proposed, row=row)
    changes = list(changed_fields(tx, institution_id, proposed, table=table))
    return rows.ProposedPartRow(table, LABELS[table][0], changes, doubts)


def _as_proposed(
    tx: Reader, institution_id: UUID, proposed: Proposed, *, table: str
) -> rows.InstitutionRow | rows.Part | None:
    if table == major.INSTITUTION.table:
        return registry.find_institution(tx, institution_id, proposed.columns(table))
    kind = ROWS[table]
    found = part_queries.find_part(tx, kind, institution_id)
    return as_proposed(kind, found, proposed.columns(table))


def _doubts(
    tx: Reader,
    institution_id: UUID,
    proposed: Proposed,
    *,
    row: rows.InstitutionRow | rows.Part,
) -> Sequence[FieldError]:
    held = registry.get_profile(tx, institution_id)
    columns = proposed.columns(major.INSTITUTION.table)
    profile = Profile(
        columns.get("categories", held.categories),
        columns.get("delivery_modes", held.delivery_modes),
    )
    return list(doubts_of(row, profile, clock.today()))


def _document(values: Columns) -> dict[str, Any]:
    """By the pointers of the answer; of a number of identity its mask, compared by its index."""
    told: dict[str, Any] = {}
    legal_rep: dict[str, Any] = {}
    for name, value in concealed(values).items():
        if name in _UNTOLD:
            continue
        if name.startswith(_LEGAL_REP):
            legal_rep[name.removeprefix(_LEGAL_REP)] = value
        else:
            told[name] = sorted(value) if isinstance(value, list) else value
    number = concealed_number(values.get("legal_rep_id_hmac"), values.get("legal_rep_id_masked"))
    return told | {"legal_rep": legal_rep | {"id_masked": number}}
