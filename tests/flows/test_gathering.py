"""A service that does not answer: it is asked again, then given up; nothing stays locked."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_contracts.compliance import ReviewUnlocked, SnapshotRequested


def wait(town, seconds):
    """Time passes, and compliance looks after its gatherings."""
    with clock.frozen(clock.now() + timedelta(seconds=seconds)):
        town.platform.kits["compliance"].run_job("chase_sections")


def is_locked(town, service, place, body):
    answer = town.call("A", "POST", town.path("A", service, place), json=body)
    assert answer.status_code in (201, 423), answer.text
    return answer.status_code == 423


def locks(town):
    """Which of the four services refuse writes of sample A."""
    writes = {
        "institution": ("other-docs", {"doc_type": "other"}),
        "staff": ("staff", {"name": "示例新人"}),
        "materials": ("materials", {"title": "示例", "existing": True, "status": "archived"}),
        "courses": ("sites", {"name": "示例"}),
    }
    return {name for name, write in writes.items() if is_locked(town, name, *write)}


def asked(town):
    """The sections asked for by what waits in compliance's outbox."""
    requests = town.platform.kits["compliance"].published(SnapshotRequested)
    return [set(each.payload().sections) for each in requests]


def waiting(found):
    return [one["section"] for one in found["sections"] if one["state"] == "waiting"]


@pytest.fixture
def staff_is_down(town):
    """Sample A is filed while the staff service is down: what was sent to it is lost."""
    application_id = town.file("A")
    town.platform.settle(without=("staff",))
    return application_id


def test_the_application_names_the_section_that_is_missing(town, staff_is_down):
    found = town.application("A", staff_is_down)

    assert found["state"] == "gathering"
    assert waiting(found) == ["staff"]
    assert locks(town) == {"institution", "materials", "courses"}


def test_only_the_missing_section_is_asked_for_again(town, staff_is_down):
    wait(town, seconds=7)
    assert asked(town) == []

    wait(town, seconds=11)

    assert asked(town) == [{"staff"}]


def test_the_application_completes_when_the_service_is_back(town, staff_is_down):
    wait(town, seconds=11)
    town.platform.settle()

    found = town.application("A", staff_is_down)

    assert (found["state"], found["to_acknowledge"]) == ("awaiting_acknowledgement", ["SIT-006"])
    assert waiting(found) == []
    assert locks(town) == {"institution", "staff", "materials", "courses"}


def test_past_the_final_deadline_the_gathering_is_given_up_and_all_is_unlocked(town, staff_is_down):
    wait(town, seconds=61)
    town.platform.settle()

    found = town.application("A", staff_is_down)

    assert found["state"] == "gather_failed"
    assert found["missing_sections"] == ["staff"]
    assert found["snapshot"] is None
    assert locks(town) == set()


def test_after_a_failed_gathering_a_new_filing_works(town, staff_is_down):
    wait(town, seconds=61)
    town.platform.settle()

    again = town.filed("A")

    assert again["application_id"] != staff_is_down
    assert again["state"] == "awaiting_acknowledgement"


def test_no_more_than_the_agreed_repeats_are_sent(town, staff_is_down):
    for seconds in (8, 16, 24, 40, 56, 59):
        wait(town, seconds)

    assert asked(town) == [{"staff"}] * 3


def test_a_service_that_hears_of_the_filing_after_its_end_answers_but_does_not_lock(town, stage):
    postman = stage.Postman(town.platform)
    application_id = town.file("A")
    [request] = postman.collect()
    wait(town, seconds=61)
    given_up = postman.collect()
    assert ReviewUnlocked.TYPE in {each.type for each in given_up}
    postman.deliver(given_up)

    postman.deliver([request])
    postman.settle()

    assert town.application("A", application_id)["state"] == "gather_failed"
    assert locks(town) == set()


def test_a_late_section_does_not_revive_what_was_given_up(town, stage, staff_is_down):
    postman = stage.Postman(town.platform)
    wait(town, seconds=11)
    postman.deliver(postman.collect())
    late = postman.collect()
    assert [each.type for each in late] == ["staff.snapshot_provided.v1"]
    wait(town, seconds=61)
    postman.settle()

    postman.deliver(late)

    assert town.application("A", staff_is_down)["state"] == "gather_failed"
    assert locks(town) == set()


def test_a_self_check_that_gets_no_answer_fails_naming_the_section(town):
    clerk = town.clerk("A")
    body = {"institution_id": town.desks["A"].institution_id, "as_of": None}
    begun = clerk.post("/api/compliance/v1/self-checks", body)
    town.platform.settle(without=("courses",))
    wait(town, seconds=61)

    found = clerk.get(f"/api/compliance/v1/self-checks/{begun['self_check_id']}")

    assert (found["state"], found["missing_sections"]) == ("gather_failed", ["courses"])


def test_all_services_down_leaves_the_application_waiting_for_all(town):
    application_id = town.file("A")
    town.platform.settle(without=("institution", "staff", "materials", "courses"))

    found = town.application("A", application_id)

    assert found["state"] == "locking"
    assert sorted(waiting(found)) == ["courses", "institution", "materials", "staff"]
