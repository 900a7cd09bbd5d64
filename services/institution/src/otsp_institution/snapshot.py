"""The institution section: what this service answers for when an institution is judged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import TypeVar, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis.db import Reader, Tx
from otsp_chassis.problems import NotFound
from otsp_contracts.snapshots import (
    AuditReport,
    BasicAccountFacts,
    CertificateFacts,
    ContractFacts,
    FeeItemFacts,
    FieldWarning,
    FundsFacts,
    InstitutionFacts,
    InstitutionSection,
    LegalRepFacts,
    LicenceFacts,
    OtherDoc,
    PartyFacts,
    ProposedField,
    SupervisionFacts,
)
from otsp_contracts.snapshots.section import Facts
from otsp_institution.model import SectionCount
from otsp_institution.queries import parts, registry
from otsp_institution.queries.proposals import NOTHING, Proposed, as_proposed, changed_fields
from otsp_institution.rules import rows
from otsp_institution.rules.doubts import STATED, doubts_of, place_of
from otsp_institution.rules.major import PARTS

Travelling = TypeVar("Travelling", bound=Facts)


_COUNTERS = cast("Table", SectionCount.__table__)
_COUNT = (
    insert(_COUNTERS)
    .on_conflict_do_update(
        index_elements=["institution_id"], set_={"version": _COUNTERS.c.version + 1}
    )
    .returning(_COUNTERS.c.version)
)


def build_section(
    tx: Reader, institution_id: UUID, as_of: date, *, proposed: Proposed = NOTHING
) -> InstitutionSection:
    """Everything as it is now, doubts as on `as_of`; raises NotFound for an unknown institution.

    What is `proposed` takes the place of what is on record, so that the rules judge the future.
    """
    columns = proposed.columns("institution")
    institution = registry.find_institution(tx, institution_id, columns)
    if institution is None:
        raise NotFound
    held = _Parts(tx, institution_id, proposed)
    warnings = [
        *_warnings(institution, held, as_of),
        *_shared_scan(tx, institution_id, held.licence),
    ]
    return InstitutionSection(
        field_warnings=tuple(warnings),
        institution=_institution_facts(tx, institution, columns),
        licence=_one(LicenceFacts, held.licence),
        certificates=_all(CertificateFacts, held.certificates),
        party=_one(PartyFacts, held.party),
        other_docs=_all(OtherDoc, held.other_docs),
        funds=FundsFacts(
            supervision=_supervision_facts(held.supervision),
            basic_account=_one(BasicAccountFacts, held.basic_account),
            contract=_one(ContractFacts, held.contract),
            fee_items=_all(FeeItemFacts, held.fee_items),
            audit_reports=_all(AuditReport, held.audit_reports),
        ),
        proposed_change=_proposed_fields(tx, institution_id, proposed),
    )


def count_section(tx: Tx, institution_id: UUID) -> int:
    """The version of the section that is sent now: greater than that of any before."""
    first = {"institution_id": institution_id, "version": 1}
    counted: int = tx.execute(_COUNT, first).scalar_one()
    return counted


class _Parts:
    """All parts of one institution: those of which it has one together, the lists each."""

    def __init__(self, tx: Reader, institution_id: UUID, proposed: Proposed) -> None:
        singles = parts.find_singles(tx, institution_id)
        self.licence = as_proposed(
            rows.LicenceRow, singles.licence, proposed.columns("school_licence")
        )
        self.supervision = as_proposed(
            rows.SupervisionRow, singles.supervision, proposed.columns("supervision")
        )
        self.certificates = parts.list_all(tx, rows.CertificateRow, institution_id)
        self.party = singles.party
        self.other_docs = parts.list_all(tx, rows.OtherDocRow, institution_id)
        self.basic_account = singles.basic_account
        self.contract = singles.contract
        self.fee_items = parts.list_all(tx, rows.FeeItemRow, institution_id)
        self.audit_reports = parts.list_all(tx, rows.AuditReportRow, institution_id)

    def doubtable(self) -> Iterator[rows.Part]:
        singles: tuple[rows.Part | None, ...] = (
            self.licence,
            self.party,
            self.supervision,
            self.basic_account,
            self.contract,
        )
        yield from (part for part in singles if part is not None)
        yield from self.certificates
        yield from self.other_docs
        yield from self.fee_items


def _warnings(
    institution: rows.InstitutionRow, held: _Parts, as_of: date
) -> Iterator[FieldWarning]:
    profile = registry.profile_of(institution)
    for doubt in doubts_of(institution, profile, as_of):
        yield FieldWarning(code=doubt.code, pointer=doubt.pointer)
    for part in held.doubtable():
        row_id, place = place_of(part)
        for doubt in doubts_of(part, profile, as_of):
            pointer = f"{place}{doubt.pointer.removeprefix(STATED)}"
            yield FieldWarning(code=doubt.code, object_id=row_id, pointer=pointer)


def _shared_scan(
    tx: Reader, institution_id: UUID, licence: rows.LicenceRow | None
) -> Iterator[FieldWarning]:
    """V-13 is for the reviewer's eyes: the institution is not told of other institutions."""
    scan = licence.scan_file_id if licence is not None else None
    if scan is not None and parts.is_scan_of_another_licence(tx, institution_id, scan):
        yield FieldWarning(code="v_13", pointer="/licence/scan_file_id")


def _proposed_fields(
    tx: Reader, institution_id: UUID, proposed: Proposed
) -> tuple[ProposedField, ...] | None:
    """By pointers within the section."""
    found = [
        ProposedField(
            pointer=f"{PARTS[table].place}{field.pointer}",
            label_zh=field.label_zh,
            before=field.before,
            after=field.after,
            is_masked=field.is_masked,
        )
        for table in proposed.parts
        for field in changed_fields(tx, institution_id, proposed, table=table)
    ]
    return tuple(found) or None


def _institution_facts(
    tx: Reader, row: rows.InstitutionRow, proposed: Mapping[str, object]
) -> InstitutionFacts:
    legal_rep = None
    if row.legal_rep is not None:
        known = registry.get_id_facts(tx, row.institution_id, proposed)
        legal_rep = LegalRepFacts(
            name=row.legal_rep.name,
            id_type=row.legal_rep.id_type,
            id_valid=known.id_valid,
            id_hmac=known.id_hmac,
            id_masked=row.legal_rep.id_masked,
            nationality=row.legal_rep.nationality,
            resides_in_china=row.legal_rep.resides_in_china,
            position=row.legal_rep.position,
        )
    return InstitutionFacts.model_validate({**_values(row), "legal_rep": legal_rep})


def _supervision_facts(row: rows.SupervisionRow | None) -> SupervisionFacts | None:
    """With the figures of the latest statement: they travel as one, as the rules read them."""
    if row is None:
        return None
    stated = {} if row.latest_statement is None else asdict(row.latest_statement)
    return SupervisionFacts.model_validate(_values(row) | stated)


def _one(kind: type[Travelling], row: rows.Part | None) -> Travelling | None:
    return None if row is None else kind.model_validate(_values(row))


def _all(kind: type[Travelling], found: Sequence[rows.Part]) -> tuple[Travelling, ...]:
    return tuple(kind.model_validate(_values(row)) for row in found)


def _values(row: rows.Row) -> dict[str, object]:
    """Ids as text; members that do not travel are left aside by the facts themselves."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {
        name: str(value) if isinstance(value, UUID) else value for name, value in values.items()
    }
