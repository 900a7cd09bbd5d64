"""The clocks of cases: started, stopped and paused by the steps of a review."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_compliance.commands import clocks
from otsp_compliance.commands.casework import NewCase, open_case
from otsp_compliance.model import CaseClock, ClockPause, ReviewCase
from otsp_compliance.rules.clocks import Ground
from otsp_compliance.rules.routing import RoutedInstitution


@pytest.fixture(autouse=True)
def now(filing_day):
    """Tuesday, 2024-10-15; the next working days are 16, 17, 18, 21, 22."""
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def case_of(kit, world, bureau):
    """An open case of a kind that lies with the bureau."""

    def opened(kind="compliance"):
        new = NewCase(
            kind=kind,
            institution_id=world.institution_id,
            institution_name="示例",
            region_code=world.region,
            subject_id=world.institution_id,
            subject_version=1,
            title="示例",
            details={},
            routed_by=RoutedInstitution(world.region, frozenset({"subject"}), frozenset()),
        )
        with kit.active(), transaction() as tx:
            return open_case(tx, new).case_id

    return opened


@pytest.fixture
def act(kit):
    """Performs a hook on the case, locked, as its callers do."""

    def perform(hook, case_id, **arguments):
        with kit.active(), transaction() as tx:
            case = tx.get_one(ReviewCase, case_id, with_for_update=True)
            hook(tx, case, **arguments)

    return perform


def clocks_of(kit, case_id):
    with kit.active(), reading() as tx:
        query = select(CaseClock.__table__).where(CaseClock.case_id == case_id)
        return list(tx.execute(query.order_by(CaseClock.step_no, CaseClock.phase)))


def pauses_of(kit):
    with kit.active(), reading() as tx:
        return list(tx.execute(select(ClockPause.__table__).order_by(ClockPause.pause_id)))


def day(number, month=10):
    return date(2024, month, number)


@pytest.mark.parametrize("kind", ["compliance", "deregistration"])
def test_an_application_waits_five_working_days_for_acceptance(kit, case_of, kind):
    (waits,) = clocks_of(kit, case_of(kind))

    assert (waits.phase, waits.started_on, waits.limit_days) == ("accept", day(15), 5)
    assert (waits.amber_on, waits.due_on, waits.ended_on) == (day(21), day(22), None)


@pytest.mark.parametrize("kind", ["registration", "external_review"])
def test_what_is_not_accepted_is_decided_within_twenty_working_days(kit, case_of, kind):
    (waits,) = clocks_of(kit, case_of(kind))

    assert (waits.phase, waits.started_on) == ("decide", day(15))
    assert (waits.amber_on, waits.due_on) == (day(5, 11), day(12, 11))


def test_time_to_decide_counts_from_acceptance(kit, case_of, act):
    case_id = case_of()

    act(clocks.accept, case_id, on=day(17), is_deemed=False)

    waited, waits = clocks_of(kit, case_id)
    assert (waited.ended_on, waited.is_deemed) == (day(17), False)
    assert (waits.phase, waits.started_on, waits.due_on) == ("decide", day(17), day(14, 11))


def test_accepted_by_law_is_accepted_from_the_day_of_receipt(kit, case_of, act):
    case_id = case_of()

    act(clocks.accept, case_id, on=day(22), is_deemed=True)

    waited, waits = clocks_of(kit, case_id)
    assert (waited.ended_on, waited.is_deemed) == (day(22), True)
    assert (waits.started_on, waits.due_on) == (day(15), day(12, 11))


def test_the_next_step_has_twenty_days_of_its_own_and_is_not_accepted_again(kit, case_of, act):
    case_id = case_of()
    act(clocks.accept, case_id, on=day(15), is_deemed=False)

    with kit.active(), transaction() as tx:
        case = tx.get_one(ReviewCase, case_id, with_for_update=True)
        clocks.stop(tx, case, on=day(18))
        case.step_no = 2
        clocks.begin(tx, case, on=day(18))

    _, first, second = clocks_of(kit, case_id)
    assert (first.phase, first.ended_on) == ("decide", day(18))
    assert (second.step_no, second.phase, second.due_on) == (2, "decide", day(15, 11))


def test_a_supplement_moves_the_due_day_by_its_working_days(kit, case_of, act, now):
    case_id = case_of("registration")
    act(clocks.pause, case_id, ground=Ground.SUPPLEMENT, on=day(16))
    (paused,) = clocks_of(kit, case_id)

    with clock.frozen(now + timedelta(days=6)):
        act(clocks.resume, case_id, on=day(21))

    (waits,) = clocks_of(kit, case_id)
    assert (paused.paused_on, waits.paused_on) == (day(16), None)
    assert waits.due_on == day(15, 11)
    (pause,) = pauses_of(kit)
    assert (pause.ground, pause.began_on, pause.ended_on) == ("supplement", day(16), day(21))


def test_an_answer_ends_no_hearing(kit, case_of, act):
    case_id = case_of("registration")
    act(clocks.pause, case_id, ground=Ground.HEARING, on=day(15))
    act(clocks.pause, case_id, ground=Ground.SUPPLEMENT, on=day(15))

    act(clocks.resume, case_id, on=day(15))

    (waits,) = clocks_of(kit, case_id)
    assert waits.paused_on == day(15)
    assert [one.ended_on for one in pauses_of(kit)] == [None, day(15)]


def test_one_ground_pauses_once(kit, case_of, act):
    case_id = case_of("registration")
    act(clocks.pause, case_id, ground=Ground.HEARING, on=day(15))

    with pytest.raises(clocks.ClockPausedAlready):
        act(clocks.pause, case_id, ground=Ground.HEARING, on=day(15))


def test_before_acceptance_and_after_the_end_there_is_nothing_to_pause(case_of, act):
    waiting, ended = case_of(), case_of("registration")
    act(clocks.stop, ended, on=day(15))

    for case_id in (waiting, ended):
        with pytest.raises(clocks.ClockNotRunning):
            act(clocks.pause, case_id, ground=Ground.HEARING, on=day(15))


def test_the_end_of_a_case_ends_clock_and_pauses(kit, case_of, act):
    case_id = case_of("registration")
    act(clocks.pause, case_id, ground=Ground.HEARING, on=day(15))

    act(clocks.stop, case_id, on=day(14))
    act(clocks.stop, case_id, on=day(18))

    (ended,) = clocks_of(kit, case_id)
    assert (ended.ended_on, ended.paused_on) == (day(14), None)
    assert [one.ended_on for one in pauses_of(kit)] == [day(15)]


def test_a_start_before_the_calendar_is_refused_and_nothing_is_done(kit, case_of, act):
    case_id = case_of()

    with pytest.raises(clocks.ClockBeforeCalendar) as refused:
        act(clocks.accept, case_id, on=date(2014, 12, 31), is_deemed=False)

    assert "2014-12-31" in refused.value.detail
    assert "2015-01-01" in refused.value.detail
    (waits,) = clocks_of(kit, case_id)
    assert (waits.phase, waits.ended_on) == ("accept", None)


def test_deciding_a_registration_stops_its_clock(kit, world, bureau):
    world.registration()
    reviewer = world.reviewer(bureau)
    (case,) = reviewer.get(f"{world.api}/cases").json["items"]

    reviewer.post(f"{world.api}/cases/{case['case_id']}/decisions", {"decision": "approve"})

    (ended,) = clocks_of(kit, case["case_id"])
    assert (ended.phase, ended.ended_on) == ("decide", day(15))
