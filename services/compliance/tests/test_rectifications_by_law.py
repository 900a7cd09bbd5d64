"""营转非 and 备案转审批: the law opens them, a verified cure or an approval ends them."""

from datetime import UTC, datetime

import pytest

from otsp_chassis import clock
from otsp_contracts.compliance.rectification import RectificationOpened

BEFORE_THE_DAY = datetime(2021, 9, 1, 3, tzinfo=UTC)
FOR_PROFIT = {"legal_nature": "forprofit"}
NO_ONLINE_LICENCE = {"delivery_modes": ("online",), "licence_delivery": ()}


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def reviewer(world):
    return world.reviewer(world.authority("杭州市西湖区教育局"))


def tasks(world, **query):
    found = world.institution().get(f"{world.api}/rectifications", query=query)
    return found.json["items"]


def say(world, reviewer, task, **fields):
    return reviewer.post(f"{world.api}/rectifications/{task['rectification_id']}/closure", fields)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [(FOR_PROFIT, "for_profit_to_nonprofit"), (NO_ONLINE_LICENCE, "filing_to_approval")],
)
def test_a_task_opens_by_itself_when_its_condition_holds(world, kit, facts, kind):
    world.profile(**facts)

    [task] = tasks(world)

    assert (task["kind"], task["status"], task["origin"]) == (kind, "open", "law")
    assert (task["issued_by"], task["condition_holds"]) == (None, True)
    assert task["due_on"] == "2024-11-14"
    assert len(task["steps"]) == 4
    assert [each.data["kind"] for each in kit.published(RectificationOpened)] == [kind]


def test_before_the_day_of_the_law_it_is_due_on_that_day(world):
    with clock.frozen(BEFORE_THE_DAY):
        world.profile(**FOR_PROFIT)
        assert [task["due_on"] for task in tasks(world)] == ["2021-12-31"]


def test_whom_it_does_not_concern_has_no_task(world):
    world.profile(licence_delivery=("offline",))
    world.profile(version=2, registration_status="submitted", **FOR_PROFIT)

    assert tasks(world) == []


def test_an_older_profile_opens_nothing(world):
    world.profile(version=2)
    world.profile(version=1, **FOR_PROFIT)

    assert tasks(world) == []


def test_told_again_it_is_the_same_task(world):
    for version in (1, 2, 3):
        world.profile(version=version, **FOR_PROFIT)

    assert len(tasks(world)) == 1


def test_a_task_is_closed_when_its_condition_is_gone_and_verified(world, kit, reviewer):
    world.profile(**FOR_PROFIT)
    [task] = tasks(world)

    refused = say(world, reviewer, task, status="closed", note="已核验")
    world.profile(version=2)
    still_open = tasks(world)[0]
    closed = say(world, reviewer, task, status="closed", note="已核验")

    assert (refused.status, refused.problem) == (409, "rectification-condition-holds")
    assert (still_open["status"], still_open["condition_holds"]) == ("open", False)
    assert closed.json["status"] == "closed"
    world.profile(version=3)
    assert [each["status"] for each in tasks(world)] == ["closed"]


def test_when_the_condition_comes_back_so_does_a_task(world, reviewer):
    world.profile(**FOR_PROFIT)
    world.profile(version=2)
    say(world, reviewer, tasks(world)[0], status="closed")

    world.profile(version=3, **FOR_PROFIT)

    assert [task["status"] for task in tasks(world)] == ["open", "closed"]


def test_what_was_waived_stays_waived(world, reviewer):
    world.profile(**FOR_PROFIT)
    say(world, reviewer, tasks(world)[0], status="waived", note="已剥离义务教育阶段学科类培训")

    world.profile(version=2, **FOR_PROFIT)

    assert [task["status"] for task in tasks(world)] == ["waived"]


def test_the_old_licence_gives_the_business_licence_its_day(world, kit):
    kit.run_job("keep_calendar")
    world.profile(**FOR_PROFIT)
    [task] = tasks(world)
    place = f"{world.api}/rectifications/{task['rectification_id']}"
    days = {"licence_replaced": "2024-09-27", "business_licence_settled": "2024-10-15"}
    for code, day in days.items():
        body = {"done_on": day, "file_ids": []}
        version = world.institution().get(place).json["version"]
        told = world.institution().put(f"{place}/steps/{code}", body, if_match=version)

    # Seven working days over the holiday week: Sunday the 29th and Saturday the 12th are worked.
    late = next(s for s in told.json["steps"] if s["code"] == "business_licence_settled")
    assert (late["due_on"], late["is_late"]) == ("2024-10-12", True)
