"""What is kept of others' things, from their owners' events."""

from otsp_chassis.copies import keep_newer
from otsp_chassis.db import Tx
from otsp_contracts.compliance import CaseDecided, CaseRouted, WorkingYearEntered
from otsp_contracts.compliance.rectification import RectificationClosed, RectificationOpened
from otsp_contracts.envelope import Payload
from otsp_contracts.institution import FeeItemChanged, ProfileChanged
from otsp_contracts.materials import MaterialChanged
from otsp_contracts.staff import PersonChanged
from otsp_courses.model import (
    Base,
    CalendarRef,
    CaseRef,
    FeeItemRef,
    InstitutionProfile,
    MaterialRef,
    RectificationRef,
    StaffRef,
)

_CASE = {"case_id", "version", "institution_id", "kind"}


def keep_profile(tx: Tx, told: ProfileChanged) -> None:
    _keep(tx, InstitutionProfile, told, key="institution_id")


def keep_person(tx: Tx, told: PersonChanged) -> None:
    _keep(tx, StaffRef, told, key="staff_id")


def keep_material(tx: Tx, told: MaterialChanged) -> None:
    _keep(tx, MaterialRef, told, key="material_id")


def keep_fee_item(tx: Tx, told: FeeItemChanged) -> None:
    _keep(tx, FeeItemRef, told, key="fee_item_id")


def keep_year(tx: Tx, told: WorkingYearEntered) -> None:
    _keep(tx, CalendarRef, told, key="year_id")


def keep_rectification(tx: Tx, told: RectificationOpened | RectificationClosed) -> None:
    values = told.model_dump(include={"rectification_id", "version", "institution_id", "kind"})
    values["is_over"] = isinstance(told, RectificationClosed)
    keep_newer(tx, RectificationRef, key="rectification_id", values=values)


def keep_case(tx: Tx, told: CaseRouted) -> None:
    keep_newer(
        tx,
        CaseRef,
        key="case_id",
        values=told.model_dump(include={*_CASE, "authority_id", "state"}),
    )


def close_case(tx: Tx, told: CaseDecided) -> None:
    values = told.model_dump(include=_CASE) | {"state": "decided"}
    keep_newer(tx, CaseRef, key="case_id", values=values)


def _keep(tx: Tx, kept: type[Base], told: Payload, *, key: str) -> None:
    """The members of the event that the table has a column for."""
    columns = set(kept.__table__.columns.keys())
    values = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in told.model_dump(include=columns).items()
    }
    keep_newer(tx, kept, key=key, values=values)
