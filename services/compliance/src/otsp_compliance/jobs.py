"""The clock edge of compliance: late sections, unread warnings, waiting cases, the calendar."""

from collections import Counter
from datetime import datetime, time, timedelta
from itertools import product
from uuid import UUID

from otsp_chassis import clock, metrics
from otsp_chassis.context import current_runtime
from otsp_chassis.db import reading, transaction
from otsp_chassis.jobs import every, for_each
from otsp_chassis.workcalendar import WorkCalendar
from otsp_compliance.commands import casework, clocks, gathering, lateness, lists, open_data
from otsp_compliance.commands.calendar import days_left, ensure_calendar, extend_calendar
from otsp_compliance.commands.deregistration import chase_closing
from otsp_compliance.commands.filing import lapse_unacknowledged
from otsp_compliance.commands.notices import lapse_unanswered
from otsp_compliance.commands.re_evaluation import re_evaluate_page
from otsp_compliance.commands.rectification import mark_overdue, remind_of_due_days
from otsp_compliance.commands.statistics import freeze_months
from otsp_compliance.commands.transparency import seal_log
from otsp_compliance.queries import monitoring, re_evaluations, register, worklist
from otsp_compliance.rules.asking import asked_again_after
from otsp_compliance.rules.clocks import Light, Phase
from otsp_compliance.rules.rectification import KINDS_ZH, Status
from otsp_compliance.rules.states import FINAL, State
from otsp_compliance.settings import current_settings

_PAGES_AT_ONCE = 10
_LAST_STEP = 4
_LEVELS = ("none", "county", "city", "province", "national")


@every(seconds=2)
def chase_sections() -> None:
    """Each gathering in a transaction of its own, so that what is done stays done."""
    settings, now = current_settings(), clock.now()
    first = timedelta(seconds=settings.section_step_seconds)
    pauses = [asked_again_after(done, first=first) for done in range(settings.section_repeats)]
    with reading() as tx:
        late = monitoring.late_gatherings(
            tx,
            asked_by=[now - pause for pause in pauses],
            began_by=now - timedelta(seconds=settings.gathering_seconds),
        )
    for_each(late, _chase)


@every(seconds=15)
def chase_closings() -> None:
    """Approved deregistrations that a service has not done its part of."""
    step = timedelta(seconds=current_settings().closing_step_seconds)
    with reading() as tx:
        waiting = monitoring.waiting_closings(tx, asked_before=clock.now() - step)
    for_each(waiting, chase_closing)


@every(seconds=30)
def lapse_unread_applications() -> None:
    with reading() as tx:
        late = monitoring.unacknowledged(tx, clock.now())
    for_each(late, lapse_unacknowledged)


@every(seconds=3_600)
def lapse_unanswered_notices() -> None:
    with reading() as tx:
        late = monitoring.unanswered_notices(tx, clock.today())
    for_each(late, lapse_unanswered)


@every(seconds=5)
def route_waiting_cases() -> None:
    with transaction() as tx:
        casework.route_waiting_cases(tx)


@every(seconds=15)
def measure_submissions() -> None:
    """A stage that nobody is in is 0, not absent."""
    service, now = current_runtime().service, clock.now()
    with reading() as tx:
        stages = monitoring.open_stages(tx)
    for state in frozenset(State) - FINAL:
        stage = stages.get(state.value)
        age = (now - stage.oldest_since).total_seconds() if stage else 0
        metrics.SUBMISSIONS_IN_STAGE.labels(service, state.value).set(stage.count if stage else 0)
        metrics.SUBMISSION_OLDEST.labels(service, state.value).set(age)
        metrics.SUBMISSION_STAGE.labels(service, state.value)  # from 0 on, so that the first counts


@every(seconds=10)
def recount_clocks() -> None:
    """Each day, and when a year or a region's holidays were entered or corrected."""
    for _ in range(_PAGES_AT_ONCE):
        if not clocks.recount_page():
            break


@every(seconds=60)
def accept_by_law() -> None:
    """A night that was missed is made up for: what is due long since is accepted as well."""
    with reading() as tx:
        waiting = monitoring.unanswered(tx, clock.today())
    for_each(waiting, lateness.accept_in_silence)


@every(seconds=60)
def tell_late_reviews() -> None:
    with reading() as tx:
        late = monitoring.untold_lights(tx)
    for_each(late, lateness.tell_late)


@every(seconds=60)
def measure_reviews() -> None:
    """What nobody waits for is 0, not absent."""
    with reading() as tx:
        groups, oldest = monitoring.clock_groups(tx), monitoring.oldest_due(tx)
    found: Counter[tuple[str, str, str]] = Counter()
    for group in groups:
        found[group.phase, str(min(group.step_no, _LAST_STEP)), group.light] += group.count
    for phase, step, light in product(Phase, range(1, _LAST_STEP + 1), Light):
        gauge = metrics.REVIEW_CLOCKS.labels(phase.value, str(step), light.value)
        gauge.set(found[phase.value, str(step), light.value])
    overdue = (clock.today() - oldest).days if oldest else 0
    metrics.REVIEW_OLDEST_OVERDUE.set(max(0, overdue))


@every(seconds=5)
def seal_transparency_log() -> None:
    """A decision is in the log within seconds, a day's head within seconds of midnight."""
    seal_log()


@every(seconds=60)
def measure_worklists() -> None:
    """A worklist that is empty is 0, not absent."""
    with reading() as tx:
        counts = worklist.open_cases(tx)
    for level in _LEVELS:
        for holder in ("somebody", "nobody"):
            metrics.CASES_OPEN.labels(level, holder).set(counts.get((level, holder), 0))


@every(seconds=60)
def keep_calendar() -> None:
    with transaction() as tx:
        _measure(ensure_calendar(tx))


@every(seconds=3_600)
def extend_the_calendar() -> None:
    with transaction() as tx:
        _measure(extend_calendar(tx))


@every(seconds=3_600)
def mark_overdue_rectifications() -> None:
    mark_overdue(clock.today())


@every(seconds=3_600)
def end_expired_list_entries() -> None:
    lists.end_expired(clock.today())


@every(seconds=600)
def publish_open_data() -> None:
    """The first run of a business day makes its files; later ones find them there."""
    open_data.publish_today()
    open_data.forget_old()


@every(seconds=60)
def measure_register() -> None:
    with reading() as tx:
        counts = register.count_shown(tx)
    for name, count in counts.items():
        metrics.LISTED.labels(name).set(count)


@every(seconds=3_600)
def freeze_statistics() -> None:
    """Of the months that are over; asked every hour, so that a first without a worker is made up
    for.
    """
    freeze_months(clock.today())


@every(seconds=3_600)
def remind_of_rectifications() -> None:
    remind_of_due_days(clock.today())


@every(seconds=60)
def measure_rectifications() -> None:
    """A status that no task of the kind is in is 0, not absent."""
    with reading() as tx:
        counts = monitoring.rectification_counts(tx)
    for kind, status in product(KINDS_ZH, Status):
        count = counts.get((kind, status.value), 0)
        metrics.RECTIFICATIONS.labels(kind, status.value).set(count)


@every(seconds=2)
def re_evaluate_the_compliant() -> None:
    """A few pages of each re-evaluation that is due, so that none waits for another's end."""
    with reading() as tx:
        due = re_evaluations.due_re_evaluations(tx, clock.today())
    for re_evaluation_id in due:
        for _ in range(_PAGES_AT_ONCE):
            if not re_evaluate_page(re_evaluation_id):
                break
    with reading() as tx:
        metrics.RE_EVALUATIONS_REMAINING.set(re_evaluations.remaining_institutions(tx))


@every(seconds=60)
def measure_backup() -> None:
    with reading() as tx:
        last = monitoring.last_backup(tx)
    metrics.BACKUP_LAST_SUCCESS.set(last.timestamp() if last else 0)


def _chase(request_id: UUID) -> None:
    with transaction() as tx:
        gathering.chase(tx, request_id)


def _measure(calendar: WorkCalendar) -> None:
    end = datetime.combine(calendar.covers_until, time.max, tzinfo=clock.SHANGHAI)
    metrics.CALENDAR_COVERS_UNTIL.set(end.timestamp())
    metrics.CALENDAR_DAYS_LEFT.set(days_left(calendar))
