"""What has been kept for as long as it may be."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from otsp_chassis.clock import SHANGHAI
from otsp_chassis.db import Reader
from otsp_compliance.model import Application, Decision, Gathering, InstitutionRef, SnapshotPart
from otsp_compliance.queries.approvals import DEREGISTRATION
from otsp_compliance.rules.states import FINAL


def count_snapshots(tx: Reader, day: date) -> int:
    return tx.execute(select(func.count()).select_from(_due(day).subquery())).scalar_one()


def due_snapshots(tx: Reader, day: date, *, limit: int) -> list[UUID]:
    """The oldest first: gatherings of before that day whose parts are still here."""
    due = _due(day).order_by(Gathering.request_id).limit(limit)
    return list(tx.execute(due).scalars())


def _due(day: date) -> Select[UUID]:
    is_over = or_(
        Gathering.application_id.is_(None),
        exists().where(
            Application.application_id == Gathering.application_id,
            Application.state.in_(sorted(FINAL)),
        ),
    )
    return select(Gathering.request_id).where(
        Gathering.began_at < datetime.combine(day, time.min, tzinfo=SHANGHAI),
        exists().where(SnapshotPart.request_id == Gathering.request_id),
        is_over,
        Gathering.request_id.not_in(_stood_on()),
    )


def _stood_on() -> Select[UUID]:
    """The snapshots behind the newest approvals of institutions that are not deregistered."""
    later = aliased(Decision)
    return (
        select(Decision.request_id)
        .join(InstitutionRef, InstitutionRef.institution_id == Decision.institution_id)
        .where(
            Decision.is_final,
            Decision.outcome == "approved",
            Decision.application_kind != DEREGISTRATION,
            InstitutionRef.compliance_status != "deregistered",
            ~exists().where(
                later.institution_id == Decision.institution_id,
                later.is_final,
                later.outcome == "approved",
                later.application_kind != DEREGISTRATION,
                later.decision_id > Decision.decision_id,
            ),
        )
    )
