"""Starts, stops, pauses and extends the statutory clocks of cases.

The caller holds the case's row lock; it guards the case's clocks too.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, func, select, update

from otsp_chassis import clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.ids import new_id
from otsp_chassis.problems import Conflict, Invalid
from otsp_chassis.statements import Read
from otsp_chassis.tables import working_day
from otsp_chassis.workcalendar import WorkCalendar
from otsp_compliance.commands.calendar import ensure_calendar
from otsp_compliance.model import (
    AuthorityRef,
    CaseClock,
    ClockPause,
    ConfigurationChange,
    ReviewCase,
    WorkingYear,
)
from otsp_compliance.model.cases import NEVER
from otsp_compliance.model.region import PARAMETERS
from otsp_compliance.queries.clocks import (
    PauseRow,
    StepClock,
    as_clock,
    office_days,
    pauses_of,
)
from otsp_compliance.queries.region import parameters_in_force
from otsp_compliance.rules.clocks import (
    EXTENSION,
    Clock,
    Ground,
    Phase,
    StartsBeforeCalendar,
    count,
    started,
)
from otsp_contracts.snapshots import RegionParameters

_PAGE: Final = 200
_CASE: Final = cast("Table", ReviewCase.__table__)
_REGION_OF: Final = select(AuthorityRef.region_code).where(
    AuthorityRef.authority_id == bindparam("authority_id")
)
_NEWS_OF_DAYS: Final = Read(
    select(
        select(func.max(WorkingYear.updated_at)).scalar_subquery(),
        select(func.max(working_day.c.day)).scalar_subquery(),
        select(func.max(ConfigurationChange.changed_at))
        .where(ConfigurationChange.topic == PARAMETERS)
        .scalar_subquery(),
    )
)


class ClockBeforeCalendar(Invalid):
    slug: ClassVar[str] = "clock-before-calendar"
    title: ClassVar[str] = "The clock would start before the working calendar begins"
    detail_zh: ClassVar[str] = "起算日早于平台工作日历的首日，无法计算办理期限，请核对日期。"


class ClockNotRunning(Conflict):
    slug: ClassVar[str] = "clock-not-running"
    title: ClassVar[str] = "No decision is awaited"
    detail_zh: ClassVar[str] = "该事项尚未受理或已经办结，办理期限没有在计算，不能暂停或延长。"


class ClockPausedAlready(Conflict):
    slug: ClassVar[str] = "clock-paused-already"
    title: ClassVar[str] = "The clock is paused on this ground already"
    detail_zh: ClassVar[str] = "办理期限已因同一事由暂停，请先结束该次暂停。"


class ClockExtendedAlready(Conflict):
    slug: ClassVar[str] = "clock-extended-already"
    title: ClassVar[str] = "The time to decide was extended already"
    detail_zh: ClassVar[str] = "办理期限已经延长过一次，依法不得再次延长，请在期限内作出决定。"


class ClockRunOut(Conflict):
    slug: ClassVar[str] = "clock-run-out"
    title: ClassVar[str] = "The time to decide is over"
    detail_zh: ClassVar[str] = "办理期限已经届满，不能再暂停或延长，请立即作出决定。"


class PauseEndedAlready(Conflict):
    slug: ClassVar[str] = "pause-ended-already"
    title: ClassVar[str] = "The pause is over"
    detail_zh: ClassVar[str] = "该次暂停已经结束，期限已恢复计算，请刷新后查看。"


@dataclass(frozen=True, slots=True)
class KnownDays:
    """What the caller's transaction has read of days already. `counted_by` was read before them."""

    counted_by: str
    calendar: WorkCalendar
    region: RegionParameters
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why time is not counted, and until when presumably (§45 has that told in writing)."""

    text: str
    expected_until: date
    given_by: UUID


def begin(tx: Tx, case: ReviewCase, *, on: date) -> None:
    """The case has come to its step. Applications are accepted first, and only once."""
    _start(tx, case, _phase_of(case), on=on)


def begin_new(tx: Tx, case: ReviewCase, *, on: date, known: KnownDays | None) -> CaseClock:
    """Of a case that is not in the database yet: to be added after it."""
    begun = _begun(tx, case, _phase_of(case), on=on, known=known)
    case.pressing_on = _pressing_on(begun)
    return begun


def accept(tx: Tx, case: ReviewCase, *, on: date, is_deemed: bool) -> None:
    """Time to decide counts from `on`, or from the day of receipt when nobody spoke (§32(4))."""
    waited = _running(tx, case, Phase.ACCEPT)
    waited.ended_on = on
    waited.is_deemed = is_deemed
    tx.flush()  # one clock of a case runs
    _start(tx, case, Phase.DECIDE, on=waited.started_on if is_deemed else on)


def pause(
    tx: Tx, case: ReviewCase, *, ground: Ground, on: date, reason: Reason | None = None
) -> ClockPause:
    """Without a reason it is a notice that says why, and may come late."""
    paused = get_running(tx, case)
    if any(one.ground == ground for one in _open_pauses(tx, case)):
        raise ClockPausedAlready
    begun = ClockPause(
        pause_id=new_id(),
        case_id=case.case_id,
        step_no=paused.step_no,
        phase=paused.phase,
        ground=ground,
        reason=reason and reason.text,
        began_on=on,
        began_by=reason and reason.given_by,
        expected_until=reason and reason.expected_until,
    )
    tx.add(begun)
    _count_again(tx, case, paused)
    return begun


def resume(
    tx: Tx,
    case: ReviewCase,
    *,
    on: date,
    ground: Ground = Ground.SUPPLEMENT,
    by: UUID | None = None,
) -> None:
    """Ends the pause on that ground; those on other grounds hold on."""
    for one in _open_pauses(tx, case):
        if one.ground == ground:
            _end(one, on=on, by=by)
    _count_again(tx, case, get_running(tx, case))


def extend(tx: Tx, case: ReviewCase, *, on: date, reason: str, by: UUID) -> None:
    """Once, by the head of the authority, and while there is still time (§42)."""
    extended = get_running(tx, case)
    if extended.extended_on is not None:
        raise ClockExtendedAlready(extended_on=extended.extended_on)
    require_time_left(tx, case)
    extended.limit_days += EXTENSION
    extended.extended_on = on
    extended.extended_by = by
    extended.extension_reason = reason
    extended.told_light = extended.escalated_to = extended.escalated_on = None
    _count_again(tx, case, extended)


def require_time_left(tx: Tx, case: ReviewCase) -> None:
    """The due day itself is still time."""
    running = get_running(tx, case)
    _count_again(tx, case, running)
    if running.due_on < clock.today():
        raise ClockRunOut(
            f"办理期限已于 {running.due_on} 届满，不能再暂停或延长，请立即作出决定。",
            due_on=running.due_on,
        )


def get_running(tx: Tx, case: ReviewCase) -> CaseClock:
    """The time to decide that runs in the present step."""
    return _running(tx, case, Phase.DECIDE)


def stop(tx: Tx, case: ReviewCase, *, on: date) -> None:
    """The step, or the case, is over; nothing happens to a clock that has stopped."""
    for one in _open_pauses(tx, case):
        _end(one, on=on)
    running = _find_running(tx, case)
    if running is not None:
        running.ended_on = on
        _count_again(tx, case, running)
    tx.flush()  # one clock of a case runs


def recount(tx: Tx, case: ReviewCase) -> CaseClock | None:
    """The clock that runs, by today's calendar and the authority that the case lies with now."""
    running = _find_running(tx, case)
    if running is not None:
        _count_again(tx, case, running)
    return running


def recount_page() -> int:
    """Counts a page of running clocks again that were counted by an older day or calendar.

    Cases that are locked are left for the next page; returns how many were counted.
    """
    with transaction() as tx:
        key = counted_by(tx)
        stale = (
            select(CaseClock, ReviewCase)
            .join(ReviewCase, ReviewCase.case_id == CaseClock.case_id)
            .where(CaseClock.ended_on.is_(None), CaseClock.counted_by != key)
            .order_by(CaseClock.case_id)
            .limit(_PAGE)
            .with_for_update(skip_locked=True)
        )
        rows = tx.execute(stale).all()
        pauses = pauses_of(tx, [kept.case_id for kept, _ in rows])
        offices = _Offices(tx)
        for kept, case in rows:
            kept.local_holidays = offices.local_holidays(case)
            _keep_count(kept, pauses, calendar=offices.calendar, key=key)
            _place(tx, case, kept)
        return len(rows)


class _Offices:
    """The calendar, and the local holidays of regions, each read once."""

    def __init__(self, tx: Tx, known: KnownDays | None = None) -> None:
        self._tx = tx
        self._known: dict[str | None, list[date]] = {}
        if known is not None and known.on == clock.today():
            self._known[known.region.code] = sorted(known.region.holidays)
        self.calendar = ensure_calendar(tx) if known is None else known.calendar

    def local_holidays(self, case: ReviewCase) -> list[date]:
        """Those of the region of the authority that it lies with."""
        read = self._tx.connection()
        of_authority = read.scalar(_REGION_OF, {"authority_id": case.authority_id})
        region: str | None = of_authority or case.region_code
        if region not in self._known:
            in_force = parameters_in_force(read, region, clock.today())
            self._known[region] = sorted(in_force.holidays)
        return self._known[region]


def _phase_of(case: ReviewCase) -> Phase:
    is_to_accept = case.application_id is not None and case.step_no == 1
    return Phase.ACCEPT if is_to_accept else Phase.DECIDE


def _start(tx: Tx, case: ReviewCase, phase: Phase, *, on: date) -> None:
    kept = _begun(tx, case, phase, on=on)
    tx.flush()  # the clock refers to the case
    tx.add(kept)
    tx.flush()
    _place(tx, case, kept)


def _begun(
    tx: Tx, case: ReviewCase, phase: Phase, *, on: date, known: KnownDays | None = None
) -> CaseClock:
    key = counted_by(tx) if known is None else known.counted_by
    offices = _Offices(tx, known)
    begun = _require_known(phase, on, offices.calendar.covers_from)
    kept = CaseClock(
        case_id=case.case_id,
        step_no=case.step_no,
        phase=begun.phase,
        started_on=begun.started_on,
        limit_days=begun.limit,
        local_holidays=offices.local_holidays(case),
    )
    _keep_count(kept, {}, calendar=offices.calendar, key=key)
    return kept


def _require_known(phase: Phase, on: date, epoch: date) -> Clock:
    try:
        return started(phase, on, epoch=epoch)
    except StartsBeforeCalendar as error:
        raise ClockBeforeCalendar(
            f"起算日 {on} 早于平台工作日历的首日 {epoch}，无法计算办理期限，请核对日期。",
            started_on=on,
            calendar_from=epoch,
        ) from error


def _count_again(tx: Tx, case: ReviewCase, kept: CaseClock) -> None:
    key, offices = counted_by(tx), _Offices(tx)
    kept.local_holidays = offices.local_holidays(case)
    tx.flush()  # the pauses are read again
    _keep_count(kept, pauses_of(tx, [kept.case_id]), calendar=offices.calendar, key=key)
    _place(tx, case, kept)


def _keep_count(
    kept: CaseClock,
    pauses: Mapping[StepClock, Collection[PauseRow]],
    *,
    calendar: WorkCalendar,
    key: str,
) -> None:
    counted = count(as_clock(kept, pauses), office_days(calendar, kept), clock.today())
    kept.amber_on = counted.amber_on
    kept.due_on = counted.due_on
    kept.is_provisional = counted.is_provisional
    kept.paused_on = counted.paused_on
    kept.counted_by = key


def _place(tx: Tx, case: ReviewCase, kept: CaseClock) -> None:
    """Where worklists have it; past the session, because nobody has read an older version."""
    pressing_on = _pressing_on(kept)
    moved = (
        update(_CASE)
        .where(_CASE.c.case_id == case.case_id, _CASE.c.pressing_on != pressing_on)
        .values(pressing_on=pressing_on, updated_at=_CASE.c.updated_at)
    )
    tx.execute(moved)


def _pressing_on(kept: CaseClock) -> date:
    """A paused clock that would be due today were it resumed is due no earlier than tomorrow."""
    if kept.ended_on is not None:
        return NEVER
    if kept.paused_on is None or kept.paused_on > kept.due_on:
        return kept.due_on
    return max(kept.due_on, clock.today() + timedelta(days=1))


def counted_by(tx: Tx) -> str:
    """Read before the calendar, so that what changes meanwhile is counted again."""
    row = _NEWS_OF_DAYS.first(tx.connection(), {})
    return " ".join(str(each) for each in (clock.today(), *row))


def _find_running(tx: Tx, case: ReviewCase) -> CaseClock | None:
    running = select(CaseClock).where(
        CaseClock.case_id == case.case_id, CaseClock.ended_on.is_(None)
    )
    return tx.scalars(running).one_or_none()


def _running(tx: Tx, case: ReviewCase, phase: Phase) -> CaseClock:
    found = _find_running(tx, case)
    if found is None or found.phase != phase:
        raise ClockNotRunning
    return found


def _open_pauses(tx: Tx, case: ReviewCase) -> list[ClockPause]:
    query = select(ClockPause).where(
        ClockPause.case_id == case.case_id, ClockPause.ended_on.is_(None)
    )
    return list(tx.scalars(query.order_by(ClockPause.pause_id)))


def _end(one: ClockPause, *, on: date, by: UUID | None = None) -> None:
    """What ended before it began held no day."""
    one.ended_on = max(on, one.began_on)
    one.ended_by = by
