"""A notice among everything else of a review: two steps, its clock, its files, two at once."""

import threading
from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.republish import By, Wanted, republish
from otsp_contracts.compliance import CaseDecided, SupplementRequested
from otsp_testkit.documents import pdf

READ = {"warnings_read": ["SIT-006"]}
ITEM = {
    "kind": "wrong_value",
    "part": "licence",
    "pointer": "/issuer_name",
    "basis": "民办教育促进法实施条例第二十一条",
    "cure_zh": "按许可证正本更正发证机关",
}


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.profile().configure().authority("杭州市西湖区教育局")


@pytest.fixture
def reviewer(world, bureau):
    return world.reviewer(bureau)


@pytest.fixture
def accepted(world, reviewer):
    return Review(world, world.filed(acknowledged_warnings=["SIT-006"])).accept(reviewer)


class Review:
    """One application in review, and what both sides do."""

    def __init__(self, world, application_id):
        world.provide()
        self.world, self.application_id = world, application_id
        self.place = f"{world.api}/applications/{application_id}"
        self.case = f"{world.api}/cases/{world.application(application_id)['case_id']}"

    @property
    def state(self):
        return self.world.state(self.application_id)

    def accept(self, client):
        assert client.post(f"{self.case}/acceptance", {}).status == 200
        return self

    def give(self, client, **changed):
        return client.post(f"{self.case}/notices", {"items": [ITEM | changed]})

    def given(self, client):
        answer = self.give(client)
        assert answer.status == 201, answer.json
        return answer.json

    def answer(self, notice, **body):
        item = notice["items"][0]["item_id"]
        path = f"{self.place}/notices/{notice['notice_id']}/items/{item}/answer"
        return self.world.institution().put(path, {"text": "已更正"} | body)

    def hand_in(self, notice):
        assert self.answer(notice).status == 200
        assert self.world.institution().post(f"{self.place}/resubmission", None).status == 202
        self.world.provide()

    def withdraw(self):
        return self.world.institution().post(f"{self.place}/withdrawal", None)


@pytest.fixture
def second_step(world, bureau, reviewer):
    """Education has approved its step, sports is asked."""
    application_id, sports = world.teaches_sports()
    review = Review(world, application_id).accept(reviewer)
    approved = reviewer.post(f"{review.case}/decisions", {"decision": "approve"} | READ)
    assert approved.json["step_no"] == 2, approved.json
    return review, world.reviewer(sports)


def told(kit, kind):
    return [each.payload() for each in kit.published(kind)]


def test_each_step_has_a_notice_of_its_own(world, second_step, reviewer):
    review, sports = second_step

    notice = review.given(sports)

    assert (notice["step_no"], notice["authority"]) == (2, "杭州市西湖区体育局")
    assert review.give(reviewer).problem == "case-moved-on"
    review.hand_in(notice)
    assert (review.state, review.give(sports).problem) == ("in_review", "notice-already-given")


def test_withdrawal_is_possible_again_while_a_later_step_asks(world, kit, second_step):
    review, sports = second_step
    assert review.withdraw().problem == "case-moved-on"

    review.given(sports)

    assert review.withdraw().json["state"] == "withdrawn"
    assert [each.decision for each in told(kit, CaseDecided)] == ["withdrawn"]


def test_a_notice_of_the_first_step_does_not_use_up_that_of_the_second(world, reviewer):
    application_id, sports = world.teaches_sports()
    review = Review(world, application_id).accept(reviewer)
    review.hand_in(review.given(reviewer))
    reviewer.post(f"{review.case}/decisions", {"decision": "approve"} | READ)

    second = review.give(world.reviewer(sports))

    assert (second.status, second.json["round"], second.json["step_no"]) == (201, 2, 2)


def test_time_to_decide_stands_still_from_the_notice_to_the_review_going_on(
    world, reviewer, accepted, now
):
    due_before = clock_of(accepted, reviewer)["due_on"]
    notice = accepted.given(reviewer)
    with clock.frozen(now + timedelta(days=8)):
        paused = clock_of(accepted, reviewer)
        accepted.hand_in(notice)
        resumed = clock_of(accepted, reviewer)

    (pause,) = resumed["pauses"]
    assert (paused["light"], resumed["light"]) == ("paused", "green")
    assert (pause["ground"], pause["began_on"], pause["ended_on"]) == (
        "supplement",
        "2024-10-15",
        "2024-10-23",
    )
    assert resumed["due_on"] > due_before


def clock_of(review, client):
    return client.get(f"{review.case}/clock").json["clocks"][-1]


def test_of_two_notices_at_once_one_is_given(world, kit, reviewer, accepted):
    gate, answers = threading.Barrier(2), []

    def act():
        gate.wait(timeout=10)
        answers.append(accepted.give(reviewer))

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert sorted(each.status for each in answers) == [201, 409]
    assert len(told(kit, SupplementRequested)) == 1


def test_what_another_institution_is_asked_cannot_be_answered_through_ones_own_application(
    world, kit, reviewer, accepted
):
    notice = accepted.given(reviewer)
    neighbour = type(world)(kit, world.sections).profile()
    own = Review(neighbour, neighbour.filed(acknowledged_warnings=["SIT-006"])).accept(reviewer)
    own.given(reviewer)

    assert own.answer(notice).status == 404


def test_files_of_an_answer_are_shown_once_it_is_handed_in(world, reviewer, accepted, chinese_font):
    notice = accepted.given(reviewer)
    files = f"{world.api}/institutions/{world.institution_id}/files"
    stored = world.institution().call(
        "POST", files, raw=pdf("1"), content_type="application/pdf", query={"name": "许可证.pdf"}
    )
    file_id = stored.json["file_id"]

    answered = accepted.answer(notice, text=None, file_ids=[file_id])

    assert answered.json["answer_file_ids"] == [file_id]
    assert reviewer.get(f"{files}/{file_id}").status == 404
    assert world.institution().post(f"{accepted.place}/resubmission", None).status == 202
    assert reviewer.get(f"{files}/{file_id}").status == 200


def test_told_again_owners_know_what_is_open(kit, reviewer, accepted):
    accepted.given(reviewer)
    (before,) = told(kit, SupplementRequested)
    source = next(one for one in kit.service.republish_sources() if one.name == "applications")

    list(republish(kit.runtime, source, wanted=Wanted(), by=By("somebody")))

    _, again = told(kit, SupplementRequested)
    assert (again.version, again.unlocked) == (before.version, before.unlocked)


def test_notices_come_in_pages(world, reviewer, accepted):
    licence = world.sections["A"]["institution"]["licence"]
    for name in ("甲教育局", "乙教育局"):
        notice = accepted.given(reviewer)
        licence["issuer_name"] = name
        accepted.hand_in(notice)

    for client, path in ((world.institution(), accepted.place), (reviewer, accepted.case)):
        first = client.get(f"{path}/notices", query={"limit": 1}).json
        last = client.get(f"{path}/notices", query={"limit": 1, "cursor": first["next"]}).json
        assert [each["round"] for each in first["items"] + last["items"]] == [1, 2]
        assert last["next"] is None
