"""The working calendar that compliance owns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, ClassVar, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from otsp_chassis import audit, clock
from otsp_chassis.db import Tx, transaction
from otsp_chassis.identity import Principal
from otsp_chassis.ids import new_id
from otsp_chassis.outbox import publish
from otsp_chassis.problems import Conflict, Forbidden, Invalid, TooLarge
from otsp_chassis.tables import working_day
from otsp_chassis.workcalendar import WorkCalendar, load_calendar, seed_calendar
from otsp_compliance.model import WorkingYear
from otsp_compliance.queries.visibility import NATIONAL_ADMIN
from otsp_compliance.queries.working_days import days_of
from otsp_compliance.rules.working_year import YearDay, differs, read_year
from otsp_contracts.compliance import WorkingYearEntered
from otsp_contracts.values import FieldError

_LOCK: Final = 0x6361_6C65  # one import at a time
_MOST_BYTES: Final = 256 * 1024


class WorkingDaysFaulty(Invalid):
    slug: ClassVar[str] = "working-days-faulty"
    title: ClassVar[str] = "The file of working days has faults"
    detail_zh: ClassVar[str] = "节假日文件有误，未导入任何一行，请按 rows 中的说明修改后重新导入。"


class WorkingDaysDiffer(Conflict):
    slug: ClassVar[str] = "working-days-differ"
    title: ClassVar[str] = "The year is entered already, and differs"
    detail_zh: ClassVar[str] = (
        "该年度已有安排且与文件不同：请核对 changes，确认替换请带 replace=true。"
    )


class WorkingDaysGap(Conflict):
    slug: ClassVar[str] = "working-days-gap"
    title: ClassVar[str] = "The year does not join the calendar"
    detail_zh: ClassVar[str] = "年度须与已有的日历相连，请先导入中间的年度。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewYear:
    """A file that is to be the days of a year. `replace`: even where the table says otherwise."""

    year: int
    is_dry_run: bool
    replace: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day that the table holds otherwise."""

    day: date
    before: str
    after: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """`outcome` is imported, replaced or unchanged; of a dry run, what it would be."""

    year: int
    outcome: str
    is_dry_run: bool
    days: int
    working_days: int
    rest_days: int
    differing_days: int
    changes: Sequence[DayChange]
    covers_until: date


def ensure_calendar(tx: Tx) -> WorkCalendar:
    """The calendar, filled from what the package knows when the table is empty."""
    calendar = load_calendar(tx.connection())  # past the session: nothing of it waits there
    if calendar.covers_until > date.min:
        return calendar
    seed_calendar(tx)
    return load_calendar(tx)


def extend_calendar(tx: Tx) -> WorkCalendar:
    """Takes in the years that a newer package knows; days already entered stay as they are."""
    seed_calendar(tx)
    return load_calendar(tx)


def import_year(principal: Principal, new: NewYear, stream: BinaryIO) -> ImportReport:
    """All rows or none. The same file again changes nothing."""
    if principal.role != NATIONAL_ADMIN:
        raise Forbidden("节假日安排由国家级管理员统一导入。")
    days = _read(stream, new.year)
    with transaction() as tx:
        tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        calendar = ensure_calendar(tx)
        _require_joined(calendar, new.year)
        known = days_of(tx, new.year)
        changes = _changes(known, days)
        outcome = _outcome(known, days, changes)
        if outcome == "replaced" and not new.is_dry_run:
            _require_wanted(new, changes)
        if outcome != "unchanged" and not new.is_dry_run:
            _store(tx, new, known, days=days)
            _tell(tx, new.year, principal.account_id)
        end = max(calendar.covers_until, date(new.year, 12, 31))
        return ImportReport(
            year=new.year,
            outcome=outcome,
            is_dry_run=new.is_dry_run,
            days=len(days),
            working_days=sum(day.is_working for day in days),
            rest_days=sum(not day.is_working for day in days),
            differing_days=sum(differs(day) for day in days),
            changes=changes,
            covers_until=calendar.covers_until if new.is_dry_run else end,
        )


def _read(stream: BinaryIO, year: int) -> Sequence[YearDay]:
    """Spreadsheets save Chinese CSV as UTF-8 with a mark, or as GB 18030."""
    raw = stream.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise TooLarge(max_bytes=_MOST_BYTES)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    reading = read_year(text, year)
    if reading.faults:
        raise WorkingDaysFaulty(
            errors=[
                FieldError(f"/{one.line}/{one.column}".rstrip("/"), one.code, one.detail_zh)
                for one in reading.faults
            ],
            rows=[
                {
                    "line": one.line,
                    "column": one.column,
                    "code": one.code,
                    "text": one.detail_zh,
                }
                for one in reading.faults
            ],
        )
    return reading.days


def _require_joined(calendar: WorkCalendar, year: int) -> None:
    """A gap between years would pass for covered."""
    first, last = calendar.covers_from.year, calendar.covers_until.year
    if not first <= year <= last + 1:
        raise WorkingDaysGap(
            f"日历现有 {first} 至 {last} 年，{year} 年与之不相连：请先导入 {last + 1} 年。",
            covers_from=calendar.covers_from,
            covers_until=calendar.covers_until,
        )


def _changes(known: Sequence[YearDay], days: Sequence[YearDay]) -> list[DayChange]:
    before = {day.day: day for day in known}
    return [
        DayChange(day.day, _kind(before[day.day]), _kind(day), day.name)
        for day in days
        if day.day in before and before[day.day].is_working != day.is_working
    ]


def _outcome(
    known: Sequence[YearDay], days: Sequence[YearDay], changes: Sequence[DayChange]
) -> str:
    if changes:
        return "replaced"
    return "unchanged" if len(known) == len(days) else "imported"


def _require_wanted(new: NewYear, changes: Sequence[DayChange]) -> None:
    if not new.replace:
        raise WorkingDaysDiffer(changes=changes)
    if not new.reason:
        fault = FieldError("/reason", "required", "替换已有的年度安排须说明理由。")
        raise Invalid(errors=[fault])


def _store(tx: Tx, new: NewYear, known: Sequence[YearDay], *, days: Sequence[YearDay]) -> None:
    rows = [{"day": day.day, "is_working": day.is_working, "name": day.name} for day in days]
    row = insert(working_day)
    columns = {"is_working": row.excluded.is_working, "name": row.excluded.name}
    tx.execute(row.on_conflict_do_update(index_elements=["day"], set_=columns), rows)
    audit.record(
        tx,
        "compliance.working_days_imported",
        object_type="working_year",
        object_id=str(new.year),
        before=_document(known) if known else None,
        after=_document(days),
        reason=new.reason,
    )


def _tell(tx: Tx, year: int, actor: UUID) -> None:
    entered = tx.scalar(select(WorkingYear).where(WorkingYear.year == year).with_for_update())
    if entered is None:
        entered = WorkingYear(year_id=new_id(), year=year)
        tx.add(entered)
    else:
        entered.updated_at = clock.now()
    tx.flush()
    publish(tx, as_entered(tx, entered, actor=actor))


def as_entered(tx: Tx, entered: WorkingYear, *, actor: UUID | None) -> WorkingYearEntered:
    """What others keep of a year."""
    differing = [day for day in days_of(tx, entered.year) if differs(day)]
    return WorkingYearEntered(
        year_id=entered.year_id,
        version=entered.version,
        actor=actor,
        year=entered.year,
        working_weekends=tuple(day.day for day in differing if day.is_working),
        rest_weekdays=tuple(day.day for day in differing if not day.is_working),
    )


def _document(days: Sequence[YearDay]) -> dict[str, str]:
    return {day.day.isoformat(): _kind(day) for day in days}


def _kind(day: YearDay) -> str:
    return "working" if day.is_working else "rest"


def days_left(calendar: WorkCalendar) -> int:
    """How many days of the calendar lie ahead; none when it has ended."""
    return max(0, (calendar.covers_until - clock.today()).days)
