"""What the clock edge measures and keeps: submissions, findings, the calendar."""

from datetime import date, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import create_engine, text, update

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_chassis.workcalendar import load_calendar
from otsp_compliance.model import Application
from otsp_compliance.queries import monitoring
from otsp_compliance.rules.states import FINAL, State


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


def sample(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


def test_open_applications_are_counted_by_stage_with_the_age_of_the_oldest(world, kit, now):
    world.profile()
    world.filed()

    with clock.frozen(now + timedelta(seconds=7)):
        kit.run_job("measure_submissions")

    labels = {"service": "compliance", "stage": "locking"}
    assert sample("otsp_submissions_in_stage", **labels) == 1
    assert sample("otsp_submission_oldest_age_seconds", **labels) == 7
    labels["stage"] = "submitted"
    assert sample("otsp_submissions_in_stage", **labels) == 0
    assert sample("otsp_submission_oldest_age_seconds", **labels) == 0


@pytest.mark.parametrize("state", State)
def test_an_application_is_under_way_until_it_is_over(world, kit, state):
    world.profile()
    world.filed()
    with kit.active(), transaction() as tx:
        tx.execute(update(Application).values(state=state.value))

    with kit.active(), reading() as tx:
        told = monitoring.open_stages(tx)

    assert {stage: known.count for stage, known in told.items()} == (
        {} if state in FINAL else {state.value: 1}
    )


def test_open_cases_are_counted_by_level_and_by_whether_somebody_holds_them(world, kit):
    world.registration()
    kit.run_job("measure_worklists")
    assert sample("otsp_cases_open", level="none", holder="nobody") == 1

    bureau = world.authority("杭州市西湖区教育局")
    reviewer = world.reviewer(bureau)
    (case,) = reviewer.get(f"{world.api}/cases").json["items"]
    kit.run_job("measure_worklists")
    assert sample("otsp_cases_open", level="county", holder="nobody") == 1
    reviewer.post(f"{world.api}/cases/{case['case_id']}/lease")
    kit.run_job("measure_worklists")

    assert sample("otsp_cases_open", level="county", holder="somebody") == 1
    assert sample("otsp_cases_open", level="county", holder="nobody") == 0
    assert sample("otsp_cases_open", level="none", holder="nobody") == 0


def test_findings_and_stages_are_measured_when_they_stand(world, kit):
    world.authority("杭州市西湖区教育局")
    world.profile().configure()
    labels = {"rule": "SIT-006", "severity": "W"}
    before = sample("otsp_precheck_findings_total", **labels) or 0
    gathered = {"service": "compliance", "stage": "gathering"}
    lasted = sample("otsp_submission_stage_seconds_count", **gathered) or 0

    world.filed()
    world.provide()

    assert sample("otsp_precheck_findings_total", **labels) == before + 1
    assert sample("otsp_submission_stage_seconds_count", **gathered) == lasted + 1


def test_the_calendar_is_filled_once_and_its_end_is_told(kit):
    engine = create_engine(kit.owner_url.replace("://", "+psycopg://", 1))
    with engine.begin() as owner:
        owner.execute(text("DELETE FROM working_day"))
    engine.dispose()

    kit.run_job("keep_calendar")
    kit.run_job("keep_calendar")

    with kit.active(), reading() as tx:
        calendar = load_calendar(tx)
    assert calendar.covers(date(2024, 10, 15))
    assert calendar.is_working_day(date(2024, 10, 12))
    end = sample("otsp_calendar_covers_until_timestamp")
    assert end >= clock.now().timestamp()


def test_a_day_that_was_entered_by_hand_survives_the_extension(kit):
    kit.run_job("keep_calendar")
    engine = create_engine(kit.owner_url.replace("://", "+psycopg://", 1))
    change = "UPDATE working_day SET is_working = NOT is_working WHERE day = '2024-10-15'"
    with engine.begin() as owner:
        owner.execute(text(change))

    kit.run_job("extend_the_calendar")

    with kit.active(), reading() as tx:
        assert load_calendar(tx).is_rest_day(date(2024, 10, 15))
    with engine.begin() as owner:
        owner.execute(text(change))
    engine.dispose()
