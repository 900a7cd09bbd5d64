"""Pauses and extensions by the authority, and the clock as both sides read it."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from otsp_chassis import clock
from otsp_chassis.db import reading, transaction
from otsp_compliance.commands import clocks, steps
from otsp_compliance.model import ReviewCase
from otsp_compliance.model.cases import NEVER
from otsp_compliance.rules.clocks import Ground
from otsp_contracts.compliance import ReviewClockChanged


@pytest.fixture(autouse=True)
def now(filing_day):
    """Tuesday, 2024-10-15."""
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def reviewer(world, bureau):
    return world.reviewer(bureau)


@pytest.fixture
def head(world, bureau):
    return world.reviewer(bureau, role="region_admin")


@pytest.fixture
def case(world, reviewer):
    """A registration, received on the filing day and due on 2024-11-12."""
    world.registration()
    (case,) = reviewer.get(f"{world.api}/cases").json["items"]
    return f"{world.api}/cases/{case['case_id']}"


def pause(client, case, **changed):
    body = {"ground": "hearing", "reason": "申请人要求听证", "expected_until": "2024-10-25"}
    return client.post(f"{case}/pauses", body | changed)


def extend(client, case, **changed):
    return client.post(f"{case}/extension", {"reason": "须现场核查办学点"} | changed)


def changes(kit):
    return [each.payload() for each in kit.published(ReviewClockChanged)]


def days(now, count):
    return clock.frozen(now + timedelta(days=count))


def test_the_worklist_tells_due_day_and_light(world, reviewer, case, now):
    (listed,) = reviewer.get(f"{world.api}/cases").json["items"]
    with days(now, 22):
        (amber,) = reviewer.get(f"{world.api}/cases").json["items"]
    with days(now, 29):
        late = reviewer.get(case).json

    assert (listed["due_on"], listed["working_days_left"]) == ("2024-11-12", 20)
    assert [one["light"] for one in (listed, amber, late)] == ["green", "amber", "red"]
    assert late["working_days_left"] == -1


def test_a_decided_case_has_no_light(world, reviewer, case):
    decided = reviewer.post(f"{case}/decisions", {"decision": "approve"}).json

    assert (decided["due_on"], decided["working_days_left"], decided["light"]) == (None, None, None)


def test_both_sides_read_the_same_days_in_their_own_words(world, reviewer, case):
    ours = reviewer.get(f"{case}/clock").json["clocks"]
    theirs = world.institution().get(f"{case}/clock").json["clocks"]

    assert len(ours) == len(theirs) == 1
    assert [one.pop("headline_zh")[:2] for one in (*ours, *theirs)] == ["请于", "审核"]
    assert ours == theirs
    assert ours[0]["text_zh"][0].startswith("自收到之日 2024-10-15 的次日起算")
    assert ours[0]["days_out"][0] == {
        "first": "2024-10-19",
        "last": "2024-10-20",
        "why": "weekend",
        "name": "周末",
    }


def test_a_hearing_stops_the_clock_and_the_applicant_is_told(kit, reviewer, case, now):
    paused = pause(reviewer, case)
    with days(now, 6):
        pause_id = paused.json["clocks"][0]["pauses"][0]["pause_id"]
        resumed = reviewer.post(f"{case}/pauses/{pause_id}/end").json["clocks"][0]

    assert (paused.status, paused.json["clocks"][0]["light"]) == (201, "paused")
    assert (resumed["light"], resumed["due_on"]) == ("green", "2024-11-15")
    assert resumed["pauses"][0]["ended_on"] == "2024-10-21"
    assert resumed["pauses"][0]["basis_zh"] == "行政许可法第四十五条"
    first, second = changes(kit)
    assert (first.change, first.ground, first.due_on) == ("paused", "hearing", None)
    assert (first.reason, str(first.expected_until)) == ("申请人要求听证", "2024-10-25")
    assert (second.change, str(second.due_on)) == ("resumed", "2024-11-15")
    assert second.actor == reviewer.principal.account_id


def place_of(kit, case):
    """Where worklists have it, its version, and when it changed."""
    with kit.active(), reading() as tx:
        query = select(ReviewCase.pressing_on, ReviewCase.version, ReviewCase.updated_at)
        return tx.execute(query.where(ReviewCase.case_id == UUID(case.split("/")[-1]))).one()


def test_worklists_have_a_case_where_its_clock_puts_it(kit, reviewer, head, case):
    places = [place_of(kit, case).pressing_on]

    extend(head, case)
    places.append(place_of(kit, case).pressing_on)
    head.post(f"{case}/lease/release")
    reviewer.post(f"{case}/decisions", {"decision": "approve"})
    places.append(place_of(kit, case).pressing_on)

    assert places == [date(2024, 11, 12), date(2024, 11, 26), NEVER]


def test_what_stands_still_on_its_due_day_does_not_press_that_day(kit, reviewer, case, now):
    with days(now, 28):
        pause(reviewer, case, expected_until="2024-12-31")
        paused = place_of(kit, case)
    with days(now, 30):
        kit.run_job("recount_clocks")
        later = place_of(kit, case)
        pause_id = reviewer.get(f"{case}/clock").json["clocks"][0]["pauses"][0]["pause_id"]
        reviewer.post(f"{case}/pauses/{pause_id}/end")
        resumed = place_of(kit, case)

    pressing = [each.pressing_on.isoformat() for each in (paused, later, resumed)]
    assert pressing == ["2024-11-13", "2024-11-15", "2024-11-14"]
    assert later[1:] == paused[1:]


def test_who_pauses_holds_the_case(world, bureau, reviewer, case):
    pause(reviewer, case)

    colleague = pause(world.reviewer(bureau), case, ground="appraisal")

    assert (colleague.status, colleague.problem) == (409, "case-held-by-another")


def test_a_pause_on_the_same_ground_or_twice_ended_is_refused(kit, reviewer, case):
    pause_id = pause(reviewer, case).json["clocks"][0]["pauses"][0]["pause_id"]

    again = pause(reviewer, case)
    ends = [reviewer.post(f"{case}/pauses/{pause_id}/end") for _ in range(2)]

    assert again.problem == "clock-paused-already"
    assert [one.status for one in ends] == [200, 409]
    assert ends[1].problem == "pause-ended-already"
    assert len(changes(kit)) == 2


def test_a_supplement_ends_with_its_answer_and_another_case_is_not_touched(
    kit, world, reviewer, case
):
    world.external_review()
    other = next(
        f"{world.api}/cases/{one['case_id']}"
        for one in reviewer.get(f"{world.api}/cases").json["items"]
        if one["case_id"] not in case
    )
    hearing = pause(reviewer, other).json["clocks"][0]["pauses"][0]["pause_id"]
    with kit.active(), transaction() as tx:
        held = steps.hold(tx, UUID(case.rpartition("/")[2])).case
        notice = clocks.pause(tx, held, ground=Ground.SUPPLEMENT, on=clock.today()).pause_id

    ends = [reviewer.post(f"{case}/pauses/{one}/end") for one in (notice, hearing)]

    assert [one.status for one in ends] == [404, 404]
    assert reviewer.get(f"{other}/clock").json["clocks"][0]["light"] == "paused"


@pytest.mark.parametrize(
    "changed",
    [
        {"ground": "supplement"},
        {"ground": "holiday"},
        {"reason": ""},
        {"expected_until": "2024-10-14"},
    ],
)
def test_a_pause_has_a_ground_of_the_law_and_a_reason(kit, reviewer, case, changed):
    refused = pause(reviewer, case, **changed)

    assert (refused.status, refused.pointers) == (422, {f"/{next(iter(changed))}"})
    assert changes(kit) == []


def test_after_the_due_day_there_is_nothing_to_pause_or_extend(kit, reviewer, head, case, now):
    with days(now, 29):
        late = pause(reviewer, case, expected_until="2024-11-20"), extend(head, case)
    with days(now, 28):
        in_time = pause(reviewer, case, expected_until="2024-11-20"), extend(head, case)

    assert [one.problem for one in late] == ["clock-run-out"] * 2
    assert [one.status for one in in_time] == [201, 200]
    assert "2024-11-12" in late[0].json["detail"]


def test_another_authority_and_another_step_are_refused(world, case, reviewer):
    stranger = world.reviewer(world.authority("杭州市余杭区教育局", region_code="330110"))

    assert pause(stranger, case).problem == "case-not-routed-here"
    assert pause(reviewer, case, step_no=2).problem == "case-moved-on"


def test_a_decided_case_is_neither_paused_nor_extended(reviewer, head, case):
    reviewer.post(f"{case}/decisions", {"decision": "approve"})

    assert pause(reviewer, case).problem == "case-already-decided"
    assert extend(head, case).problem == "case-already-decided"


def test_the_head_adds_ten_working_days_once_and_the_applicant_is_told_why(kit, head, case):
    extended = extend(head, case)
    again = extend(head, case)

    (told,) = extended.json["clocks"]
    assert (told["limit_days"], told["due_on"]) == (30, "2024-11-26")
    assert told["extension"] == {"extended_on": "2024-10-15", "reason": "须现场核查办学点"}
    assert (again.status, again.problem) == (409, "clock-extended-already")
    (change,) = changes(kit)
    assert (change.change, change.reason) == ("extended", "须现场核查办学点")
    assert str(change.due_on) == "2024-11-26"


def test_a_reviewer_does_not_extend(kit, reviewer, case):
    assert extend(reviewer, case).status == 403
    assert changes(kit) == []


def test_an_extension_has_a_reason(head, case):
    assert head.post(f"{case}/extension", {}).pointers == {"/reason"}


def test_an_application_is_not_paused_before_it_is_accepted(world, reviewer, bureau):
    world.profile().configure()
    application_id = world.filed(acknowledged_warnings=["SIT-006"])
    before = world.institution().get(f"{world.api}/applications/{application_id}/clock").json
    world.provide()

    told = world.institution().get(f"{world.api}/applications/{application_id}/clock").json
    view = world.application(application_id)
    refused = pause(reviewer, f"{world.api}/cases/{told['case_id']}")

    assert (before["case_id"], before["clocks"]) == (None, [])
    assert [one["phase"] for one in told["clocks"]] == ["accept"]
    assert (view["due_on"], view["working_days_left"], view["light"]) == ("2024-10-22", 5, "green")
    assert refused.problem == "clock-not-running"


def test_a_clock_is_read_by_those_whom_it_concerns(world, kit, case):
    stranger = world.reviewer(world.authority("杭州市余杭区教育局", region_code="330110"))
    other = kit.as_institution("0192a000-0000-7000-8000-00000000000f")

    assert stranger.get(f"{case}/clock").status == 403
    assert other.get(f"{case}/clock").status == 403
    assert (
        kit.as_authority("national_admin", region="000000", level="national")
        .get(f"{case}/clock")
        .status
        == 200
    )
