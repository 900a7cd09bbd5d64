"""The clocks of one case for people: what is due when, and why on that day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select

from otsp_chassis import clock
from otsp_chassis.db import Reader
from otsp_chassis.identity import Principal
from otsp_chassis.problems import NotFound
from otsp_chassis.tables import working_day
from otsp_chassis.workcalendar import WorkCalendar, load_calendar
from otsp_compliance.model import Application, ReviewCase
from otsp_compliance.model.cases import COMPLIANCE
from otsp_compliance.queries.clocks import (
    ClockRow,
    PauseRow,
    StepClock,
    as_clock,
    clocks_of,
    office_days,
    pauses_of,
)
from otsp_compliance.queries.steps import frozen_steps
from otsp_compliance.queries.visibility import escalated_readers, require_reader
from otsp_compliance.rules.clock_wording import (
    GROUNDS,
    Extension,
    Origin,
    Side,
    Told,
    basis_of,
    explain,
    headline,
)
from otsp_compliance.rules.clocks import Ground, Phase, count
from otsp_compliance.rules.days_out import DayOut, Named, Passage


@dataclass(frozen=True, slots=True)
class PauseView:
    """A time that is not counted, with its legal ground."""

    pause_id: UUID
    ground: str
    ground_zh: str
    basis_zh: str
    reason: str | None
    began_on: date
    expected_until: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class StepClockView:
    """One period of one step; `text_zh` tells why it is due on `due_on`, `days_out` as data."""

    step_no: int
    phase: str
    started_on: date
    limit_days: int
    amber_on: date
    due_on: date
    is_provisional: bool
    working_days_used: int
    working_days_left: int
    light: str | None
    is_deemed: bool
    ended_on: date | None
    extension: Extension | None
    escalated_on: date | None
    pauses: Sequence[PauseView]
    days_out: Sequence[DayOut]
    made_up: Sequence[Named]
    headline_zh: str
    text_zh: Sequence[str]


@dataclass(frozen=True, slots=True)
class CaseClockView:
    """All periods of a case in their order; at most the last one runs."""

    case_id: UUID | None
    kind: str
    subject_id: UUID
    clocks: Sequence[StepClockView]


@dataclass(frozen=True, slots=True)
class _Case:
    case_id: UUID
    kind: str
    subject_id: UUID
    institution_id: UUID
    region_code: str | None


def get_case_clock(tx: Reader, principal: Principal, case_id: UUID) -> CaseClockView:
    """For the institution, the authorities of the steps, those above it and those told of it."""
    case = _find_case(tx, ReviewCase.case_id == case_id)
    if case is None:
        raise NotFound
    return _tell(tx, principal, case)


def get_application_clock(tx: Reader, principal: Principal, application_id: UUID) -> CaseClockView:
    """Before it is submitted there is no case, and nothing is counted."""
    case = _find_case(tx, ReviewCase.subject_id == application_id)
    if case is not None:
        return _tell(tx, principal, case)
    query = select(Application.institution_id, Application.region_code).where(
        Application.application_id == application_id
    )
    owner = tx.execute(query).first()
    if owner is None:
        raise NotFound
    require_reader(principal, institution_id=owner.institution_id, region_code=owner.region_code)
    return CaseClockView(None, COMPLIANCE, application_id, ())


def _find_case(tx: Reader, which: ColumnElement[bool]) -> _Case | None:
    columns = (getattr(ReviewCase, field.name) for field in fields(_Case))
    row = tx.execute(select(*columns).where(which)).first()
    return _Case(*row) if row else None


def _tell(tx: Reader, principal: Principal, case: _Case) -> CaseClockView:
    rows = clocks_of(tx, [case.case_id])
    require_reader(
        principal,
        institution_id=case.institution_id,
        region_code=case.region_code,
        authority_ids={step.authority_id for step in frozen_steps(tx, case.case_id)}
        | escalated_readers(principal, {row.escalated_to for row in rows}),
    )
    side = Side.AUTHORITY if principal.institution_id is None else Side.INSTITUTION
    reader = _ClockReader(load_calendar(tx), pauses_of(tx, [case.case_id]), side)
    names = _names(tx, min((row.started_on for row in rows), default=clock.today()))
    views = [reader.view(row, names, origin=_origin(rows, place)) for place, row in enumerate(rows)]
    return CaseClockView(case.case_id, case.kind, case.subject_id, views)


@dataclass(frozen=True, slots=True)
class _ClockReader:
    """Tells clocks of one case to one side."""

    calendar: WorkCalendar
    pauses: Mapping[StepClock, Sequence[PauseRow]]
    side: Side

    def view(self, row: ClockRow, names: Mapping[date, str], *, origin: Origin) -> StepClockView:
        told = self._told(row, names, origin=origin)
        stands, own = told.count, self.pauses.get((row.case_id, row.step_no, row.phase), ())
        return StepClockView(
            step_no=row.step_no,
            phase=row.phase,
            started_on=row.started_on,
            limit_days=row.limit_days,
            amber_on=stands.amber_on,
            due_on=stands.due_on,
            is_provisional=stands.is_provisional,
            working_days_used=stands.days_used,
            working_days_left=stands.days_left,
            light=stands.light,
            is_deemed=row.is_deemed,
            ended_on=row.ended_on,
            extension=told.extension,
            escalated_on=row.escalated_on,
            pauses=[_pause(one) for one in own],
            days_out=told.days_out,
            made_up=told.made_up,
            headline_zh=headline(told, self.side),
            text_zh=explain(told),
        )

    def _told(self, row: ClockRow, names: Mapping[date, str], *, origin: Origin) -> Told:
        counted, office = as_clock(row, self.pauses), office_days(self.calendar, row)
        stands = count(counted, office, clock.today())
        passage = Passage(
            clock=counted,
            office=office,
            names=names,
            on=row.ended_on or clock.today(),
            until=stands.due_on,
        )
        return Told(
            clock=counted,
            count=stands,
            origin=origin,
            extension=_extension(row),
            days_out=tuple(passage.days_out()),
            made_up=tuple(passage.made_up()),
            is_deemed=row.is_deemed,
            is_escalated=row.escalated_to is not None,
        )


def _origin(rows: Sequence[ClockRow], place: int) -> Origin:
    """What the period counts from is known by the one before it."""
    if place == 0:
        return Origin.RECEIVED
    before = rows[place - 1]
    if before.phase != Phase.ACCEPT:
        return Origin.PASSED_ON
    return Origin.DEEMED if before.is_deemed else Origin.ACCEPTED


def _names(tx: Reader, since: date) -> dict[date, str]:
    columns = working_day.c
    query = select(columns.day, columns.name).where(columns.day > since, columns.name.is_not(None))
    return dict(tx.execute(query).all())


def _extension(row: ClockRow) -> Extension | None:
    if row.extended_on is None or row.extension_reason is None:
        return None
    return Extension(row.extended_on, row.extension_reason)


def _pause(row: PauseRow) -> PauseView:
    ground = Ground(row.ground)
    return PauseView(
        pause_id=row.pause_id,
        ground=row.ground,
        ground_zh=GROUNDS[ground],
        basis_zh=basis_of(ground),
        reason=row.reason,
        began_on=row.began_on,
        expected_until=row.expected_until,
        ended_on=row.ended_on,
    )
