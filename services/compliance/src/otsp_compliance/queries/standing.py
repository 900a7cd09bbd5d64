"""How an institution stands, as compliance knows it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from otsp_chassis.db import Reader
from otsp_compliance.model import Application, InstitutionRef, Rectification, RelocationRef
from otsp_compliance.rules.standing import Standing
from otsp_compliance.rules.states import FINAL


@dataclass(frozen=True, slots=True)
class OpenApplication:
    """The one that is not over."""

    application_id: UUID
    kind: str


def open_application(tx: Reader, institution_id: UUID) -> OpenApplication | None:
    query = select(Application.application_id, Application.kind).where(
        Application.institution_id == institution_id,
        Application.state.not_in([state.value for state in FINAL]),
    )
    row = tx.execute(query).first()
    return None if row is None else OpenApplication(*row)


def find_standing(
    tx: Reader, institution_id: UUID, open_one: OpenApplication | None
) -> Standing | None:
    """None of an institution that nobody told of; `open_one` is its `open_application`."""
    row = tx.execute(_KNOWN.where(InstitutionRef.institution_id == institution_id)).first()
    if row is None:
        return None
    tasks = select(Rectification.kind, Rectification.status).where(
        Rectification.institution_id == institution_id
    )
    return Standing(
        registration_status=row.registration_status,
        compliance_status=row.compliance_status,
        rectifications=[(kind, status) for kind, status in tx.execute(tasks)],
        open_kind=None if open_one is None else open_one.kind,
        is_change_proposed=row.has_proposed_change or bool(row.site_ids),
    )


_KNOWN = select(
    InstitutionRef.registration_status,
    InstitutionRef.compliance_status,
    InstitutionRef.has_proposed_change,
    RelocationRef.site_ids,
).join(
    RelocationRef,
    RelocationRef.institution_id == InstitutionRef.institution_id,
    isouter=True,
)
