"""What happens by itself when an authority is late, and when the calendar changes."""

import threading
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_compliance.commands import lateness
from otsp_compliance.model import CaseClock
from otsp_compliance.queries import monitoring
from otsp_contracts.compliance import ApplicationAccepted, CaseDecided, ReviewOverdue


def at(month, day, hour=11, year=2024):
    """A moment in Shanghai."""
    return clock.frozen(datetime(year, month, day, hour, tzinfo=UTC) - timedelta(hours=8))


@pytest.fixture(autouse=True)
def now(filing_day):
    """Tuesday, 2024-10-15; working day 5 is 22, day 15 is 11-05, day 20 is 11-12."""
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def city(world):
    return world.authority("杭州市教育局", level="city", region_code="330100")


@pytest.fixture
def bureau(world, city):
    return world.authority("杭州市西湖区教育局", parent_authority_id=city.authority_id)


@pytest.fixture
def application(world, bureau):
    world.profile().configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    assert world.state(application_id) == "submitted"
    return application_id


@pytest.fixture
def case(world, bureau):
    """A registration, due on 2024-11-12."""
    world.registration()
    (case,) = world.reviewer(bureau).get(f"{world.api}/cases").json["items"]
    return case["case_id"]


def told(kit):
    return [each.payload() for each in kit.published(ReviewOverdue)]


def read_clock(client, world, case_id):
    return client.get(f"{world.api}/cases/{case_id}/clock").json["clocks"][-1]


def sample(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


@pytest.mark.parametrize(
    ("month", "day", "hour", "state"),
    [
        (10, 21, 23, "submitted"),
        (10, 22, 17, "submitted"),
        (10, 22, 18, "in_review"),
        (10, 23, 1, "in_review"),
        (11, 30, 9, "in_review"),
    ],
)
def test_silence_until_the_end_of_working_day_five_is_acceptance(
    world, kit, application, month, day, hour, state
):
    with at(month, day, hour):
        kit.run_job("accept_by_law")
        kit.run_job("accept_by_law")

        assert world.state(application) == state


def test_accepted_by_law_counts_from_the_day_of_receipt(world, kit, application):
    with at(10, 23):
        kit.run_job("accept_by_law")
        view = world.application(application)
        path = f"{world.api}/applications/{application}/clock"
        waited, decides = world.institution().get(path).json["clocks"]

    (event,) = [each.payload() for each in kit.published(ApplicationAccepted)]
    assert event.accepted_on == date(2024, 10, 15)
    assert (waited["is_deemed"], waited["ended_on"]) == (True, "2024-10-23")
    assert (decides["started_on"], decides["due_on"]) == ("2024-10-15", "2024-11-12")
    assert (view["due_on"], view["working_days_left"]) == ("2024-11-12", 14)
    assert "视为受理" in decides["text_zh"][0]


def test_what_lies_with_nobody_is_accepted_when_somebody_is_there(world, kit):
    world.profile().configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    world.provide()
    states = []
    with at(10, 25):
        with kit.active(), reading() as tx:
            assert monitoring.unanswered(tx, date(2024, 10, 25)) == []
        kit.run_job("accept_by_law")
        states.append(world.state(application_id))
        world.authority("杭州市西湖区教育局")
        kit.run_job("accept_by_law")
        states.append(world.state(application_id))

    assert states == ["submitted", "in_review"]


def test_an_accepted_application_is_not_accepted_by_law_as_well(world, kit, bureau, application):
    case_id = world.application(application)["case_id"]
    answer = world.reviewer(bureau).post(f"{world.api}/cases/{case_id}/acceptance", {})
    assert answer.status == 200, answer.json

    with at(10, 30):
        kit.run_job("accept_by_law")
        with kit.active():
            lateness.accept_in_silence(case_id)

    assert len(kit.published(ApplicationAccepted)) == 1


def test_an_approval_is_never_deemed(world, kit, application):
    for month, day in ((10, 23), (11, 12), (12, 31)):
        with at(month, day, 23):
            for job in ("recount_clocks", "accept_by_law", "tell_late_reviews"):
                kit.run_job(job)

    assert world.state(application) == "in_review"
    assert kit.published(CaseDecided) == []


def test_amber_on_day_15_and_red_on_day_20_are_told_once(kit, city, bureau, case):
    seen = []
    for month, day in ((11, 4), (11, 5), (11, 6), (11, 11), (11, 12), (11, 13), (11, 20)):
        with at(month, day):
            kit.run_job("tell_late_reviews")
            kit.run_job("tell_late_reviews")
        seen.append([each.light for each in told(kit)])

    assert seen == [[], *[["amber"]] * 3, *[["amber", "red"]] * 3]
    amber, red = told(kit)
    assert (amber.escalated_to, red.escalated_to) == (None, city.authority_id)
    assert (red.authority_id, red.due_on) == (bureau.authority_id, date(2024, 11, 12))
    assert (red.kind, red.application_id) == ("registration", None)


def test_missed_nights_are_made_up_for_by_the_light_of_today(kit, case):
    with at(11, 20):
        kit.run_job("tell_late_reviews")

    assert [each.light for each in told(kit)] == ["red"]


def test_replicas_at_once_tell_it_once(kit, case):
    gate = threading.Barrier(2)

    def run():
        with kit.active():
            gate.wait()
            lateness.tell_late(case)

    with at(11, 12):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [each.light for each in told(kit)] == ["red"]


def test_what_was_told_as_red_is_not_told_as_amber_when_the_calendar_is_corrected(
    world, kit, bureau, case
):
    with at(11, 12):
        kit.run_job("tell_late_reviews")
        world.configure(holidays=["2024-10-16"])
        kit.run_job("tell_late_reviews")
        with kit.active():
            lateness.tell_late(case)
        corrected = read_clock(world.reviewer(bureau), world, case)

    assert (corrected["light"], corrected["due_on"]) == ("amber", "2024-11-13")
    assert [each.light for each in told(kit)] == ["red"]


def test_a_paused_clock_is_not_late_and_a_decided_one_neither(world, kit, bureau, case):
    reviewer = world.reviewer(bureau)
    body = {"ground": "hearing", "reason": "听证", "expected_until": "2024-12-31"}
    reviewer.post(f"{world.api}/cases/{case}/pauses", body)
    with at(12, 20):
        kit.run_job("tell_late_reviews")
        paused = read_clock(reviewer, world, case)
    reviewer.post(f"{world.api}/cases/{case}/decisions", {"decision": "approve"})
    with at(12, 31):
        kit.run_job("tell_late_reviews")

    assert paused["light"] == "paused"
    assert told(kit) == []


def test_the_due_day_of_a_paused_clock_moves_with_the_days(world, kit, bureau, case):
    body = {"ground": "hearing", "reason": "听证", "expected_until": "2024-12-31"}
    world.reviewer(bureau).post(f"{world.api}/cases/{case}/pauses", body)
    kept = []
    for day in (15, 16, 17):
        with at(10, day):
            kit.run_job("recount_clocks")
            kept.append(clocks_of(kit, case).due_on.day)

    assert kept == [12, 12, 13]


def test_after_an_extension_lateness_is_told_anew(world, kit, bureau, city, case):
    head = world.reviewer(bureau, role="region_admin")
    above = world.reviewer(city, role="region_admin")
    with at(11, 12):
        kit.run_job("tell_late_reviews")
        head.post(f"{world.api}/cases/{case}/extension", {"reason": "须现场核查"})
    extended = read_clock(above, world, case)
    for day in (12, 18, 19, 26):
        with at(11, day):
            kit.run_job("tell_late_reviews")

    assert extended["escalated_on"] is None
    assert [(each.light, each.due_on.day, each.escalated_to) for each in told(kit)] == [
        ("red", 12, city.authority_id),
        ("amber", 26, None),
        ("red", 26, city.authority_id),
    ]


def test_a_late_case_is_seen_by_the_head_of_the_authority_above_and_by_nobody_else(
    world, kit, city, bureau, case
):
    elsewhere = world.authority("省直属教育局", level="city", region_code="339900")
    world.authority(
        bureau.name,
        authority_id=bureau.authority_id,
        version=2,
        parent_authority_id=elsewhere.authority_id,
    )
    head = world.reviewer(elsewhere, role="region_admin")
    path = f"{world.api}/cases/{case}"
    late = {"scope": "escalated"}
    before = head.get(path), head.get(f"{path}/clock")
    nothing = head.get(f"{world.api}/cases", query=late).json["items"]

    with at(11, 12):
        kit.run_job("tell_late_reviews")
        after = head.get(path), head.get(f"{path}/clock")
        (listed,) = head.get(f"{world.api}/cases", query=late).json["items"]
        counted = head.get(f"{world.api}/cases/summary", query=late).json
        beside = world.reviewer(city, role="region_admin")
        others = beside.get(f"{world.api}/cases", query=late).json["items"]
        people = world.reviewer(elsewhere)
        refused = people.get(path), people.get(f"{world.api}/cases", query=late)

    assert [one.status for one in before] == [403, 403]
    assert [one.status for one in after] == [200, 200]
    assert after[1].json["clocks"][0]["escalated_on"] == "2024-11-12"
    assert (nothing, listed["case_id"], listed["light"]) == ([], case, "red")
    assert (counted["open"], others) == (1, [])
    assert [one.status for one in refused] == [403, 403]


def test_an_authority_that_is_closed_is_passed_over(world, kit, city, bureau, case):
    province = world.authority("浙江省教育厅", level="province", region_code="330000")
    world.authority(
        city.name,
        authority_id=city.authority_id,
        version=2,
        level="city",
        region_code="330100",
        parent_authority_id=province.authority_id,
        active=False,
    )

    with at(11, 12):
        kit.run_job("tell_late_reviews")

    assert told(kit)[0].escalated_to == province.authority_id


def test_where_nobody_is_above_it_is_told_all_the_same(world, kit):
    world.authority("杭州市西湖区教育局")
    world.registration()

    with at(11, 12):
        kit.run_job("tell_late_reviews")

    assert [(each.light, each.escalated_to) for each in told(kit)] == [("red", None)]


@pytest.fixture
def enter(kit):
    """Changes days of the calendar as an import does, and puts the table back afterwards."""

    def forget():
        with psycopg.connect(kit.owner_url) as connection:
            connection.execute("DELETE FROM working_day")

    def imported(client, world, text, **query):
        return client.call(
            "POST",
            f"{world.api}/working-days/imports",
            raw=text.encode(),
            content_type="text/csv",
            query=query,
        )

    forget()
    kit.run_job("keep_calendar")
    yield imported
    forget()


def year_2027(**changed):
    rows, day = ["day,kind,name"], date(2027, 1, 1)
    fixed = {"0101": "元旦", "0501": "劳动节", "1001": "国庆节", "1002": "国庆节", "1003": "国庆节"}
    while day.year == 2027:
        name = fixed.get(f"{day:%m%d}", "")
        kind = "rest" if name or day.isoweekday() > 5 else "working"
        rows.append(f"{day},{changed.get(f'd{day:%m%d}', f'{kind},{name}')}")
        day += timedelta(days=1)
    return "\n".join(rows)


def test_an_imported_year_and_its_correction_move_due_days(world, kit, bureau, enter):
    nation = kit.as_authority("national_admin", region="000000", level="national")
    reviewer, due = world.reviewer(bureau), []
    with at(12, 10, year=2026):
        world.registration()
        (case,) = reviewer.get(f"{world.api}/cases").json["items"]
        due.append(read_clock(reviewer, world, case["case_id"]))
    for hour, days in ((12, {}), (13, {"d0104": "rest,元旦"})):
        with at(12, 10, hour, year=2026):
            text = year_2027(**days)
            loaded = enter(nation, world, text, year=2027, replace="true", reason="按通知更正")
            assert loaded.status == 200, loaded.json
            kit.run_job("recount_clocks")
            due.append(read_clock(reviewer, world, case["case_id"]))
            assert clocks_of(kit, case["case_id"]).due_on.isoformat() == due[-1]["due_on"]

    assert [one["due_on"] for one in due] == ["2027-01-07", "2027-01-08", "2027-01-11"]
    assert [one["is_provisional"] for one in due] == [True, False, False]
    assert "尚未公布" in due[0]["text_zh"][-2]


def clocks_of(kit, case_id):
    with kit.active(), reading() as tx:
        return tx.execute(select(CaseClock.__table__).where(CaseClock.case_id == case_id)).one()


def test_holidays_of_the_region_move_due_days(world, kit, bureau, case):
    world.configure(holidays=["2024-10-16", "2024-10-17"])

    kit.run_job("recount_clocks")

    assert clocks_of(kit, case).due_on == date(2024, 11, 14)
    told = read_clock(world.reviewer(bureau), world, case)
    assert told["days_out"][0]["why"] == "local_holiday"
    assert "本地假日 2024-10-16 至 2024-10-17" in "".join(told["text_zh"])


def test_a_case_handed_over_follows_the_holidays_of_its_new_authority(world, kit, bureau, case):
    other = world.authority("杭州市余杭区教育局", region_code="330110")
    world.configure("330110", holidays=["2024-10-16"])
    head = world.reviewer(bureau, role="region_admin")

    body = {"authority_id": str(other.authority_id), "reason": "住所已迁"}
    assert head.post(f"{world.api}/cases/{case}/transfers", body).status == 200

    assert clocks_of(kit, case).due_on == date(2024, 11, 13)


def test_open_cases_are_measured_by_light_and_step(kit, case, application):
    labels = {"phase": "decide", "step": "1"}
    lights = []
    for month, day in ((10, 15), (11, 5), (11, 15)):
        with at(month, day):
            kit.run_job("measure_reviews")
            lights.append(
                [
                    sample("otsp_review_clocks", light=light, **labels)
                    for light in ("green", "amber", "red", "paused")
                ]
            )

    assert lights == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    assert sample("otsp_review_clocks", phase="accept", step="1", light="red") == 1
    assert sample("otsp_review_oldest_overdue_days") == 24


def test_nothing_overdue_is_zero(kit, case):
    kit.run_job("measure_reviews")

    assert sample("otsp_review_oldest_overdue_days") == 0
