"""Rectification tasks: who sets, answers and closes them, and what follows another."""

from datetime import timedelta

import pytest

from otsp_chassis import clock
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import RectificationClosed, RectificationOpened


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def reviewer(world):
    world.profile()
    return world.reviewer(world.authority("杭州市西湖区教育局"))


def open_task(client, world, **fields):
    body = {
        "institution_id": str(world.institution_id),
        "kind": "filing_to_approval",
        "reason_text": "备案改审批",
    } | fields
    return client.post(f"{world.api}/rectifications", body)


def close(client, world, task, **fields):
    return client.post(f"{world.api}/rectifications/{task['rectification_id']}/closure", fields)


def submit(client, world, task):
    path = f"{world.api}/rectifications/{task['rectification_id']}/submission"
    return client.post(path, {"note": "已提交审批材料"})


def test_a_reviewer_sets_a_task(world, reviewer):
    answer = open_task(reviewer, world, due_on="2021-12-31")

    assert answer.status == 201
    assert (answer.json["status"], answer.json["due_on"]) == ("open", "2021-12-31")
    assert answer.json["issued_by"] == str(reviewer.principal.authority.authority_id)
    assert reviewer.get(answer.headers["Location"]).json == answer.json


def test_without_a_day_a_task_is_due_in_thirty(world, reviewer):
    assert open_task(reviewer, world).json["due_on"] == "2024-11-14"


def test_the_institution_and_its_authorities_see_its_tasks(world, kit, reviewer):
    tasks = [open_task(reviewer, world).json["rectification_id"] for _ in range(3)]
    query = {"institution_id": str(world.institution_id)}
    path = f"{world.api}/rectifications"

    own = world.institution().get(path, query=query | {"limit": 2}).json
    rest = world.institution().get(path, query=query | {"limit": 2, "cursor": own["next"]}).json

    seen = [one["rectification_id"] for one in [*own["items"], *rest["items"]]]
    assert seen == tasks[::-1]
    assert len(reviewer.get(path, query=query).json["items"]) == 3
    assert kit.as_institution(new_id()).get(path, query=query).problem == "other-institution"
    elsewhere = kit.as_authority(region="330105")
    assert elsewhere.get(path, query=query).problem == "outside-jurisdiction"
    assert elsewhere.get(f"{path}/{tasks[0]}").problem == "outside-jurisdiction"


def test_tasks_are_set_within_the_jurisdiction_only(world, kit, reviewer):
    elsewhere = kit.as_authority(region="330105")

    assert open_task(elsewhere, world).problem == "outside-jurisdiction"
    assert open_task(reviewer, world, institution_id=str(new_id())).problem == "institution-unknown"
    task = open_task(reviewer, world).json
    refused = close(elsewhere, world, task, status="closed")
    assert refused.problem == "outside-jurisdiction"


def test_an_institution_does_not_set_or_close_tasks(world, reviewer):
    task = open_task(reviewer, world).json

    assert open_task(world.institution(), world).problem == "forbidden"
    assert close(world.institution(), world, task, status="closed").problem == "forbidden"


def test_a_task_is_handed_in_and_closed(world, reviewer):
    task = open_task(reviewer, world).json

    handed_in = submit(world.institution(), world, task)
    closed = close(reviewer, world, task, status="closed", note="已核验", closed_on="2024-10-01")

    assert (handed_in.json["status"], handed_in.json["note"]) == ("submitted", "已提交审批材料")
    assert (closed.json["status"], closed.json["closed_on"]) == ("closed", "2024-10-01")


@pytest.mark.parametrize("status", ["closed", "waived"])
def test_others_hear_of_a_task_when_it_begins_and_when_it_is_over(world, kit, reviewer, status):
    task = open_task(reviewer, world).json
    submit(world.institution(), world, task)
    assert kit.published(RectificationClosed) == []

    close(reviewer, world, task, status=status, note="已核验", closed_on="2024-10-01")

    [opened], [over] = kit.published(RectificationOpened), kit.published(RectificationClosed)
    assert {opened.subject, over.subject} == {task["rectification_id"]}
    assert (opened.data["version"], over.data["version"]) == (1, 3)
    assert (over.data["from_state"], over.data["to_state"]) == ("submitted", status)
    assert (over.data["kind"], over.data["closed_on"]) == ("filing_to_approval", "2024-10-01")
    assert over.data["actor"] == str(reviewer.principal.account_id)


def test_a_task_that_the_authority_only_takes_in_is_not_over(world, kit, reviewer):
    task = open_task(reviewer, world).json

    assert close(reviewer, world, task, status="submitted").status == 200

    assert kit.published(RectificationClosed) == []


def test_another_institution_does_not_hand_in(world, kit, reviewer):
    task = open_task(reviewer, world).json

    assert submit(kit.as_institution(new_id()), world, task).problem == "other-institution"


def test_waiving_needs_a_reason(world, reviewer):
    task = open_task(reviewer, world).json

    assert close(reviewer, world, task, status="waived").pointers == {"/note"}
    waived = close(reviewer, world, task, status="waived", note="已剥离义务教育阶段业务")
    assert waived.json["status"] == "waived"


def test_a_closed_task_stays_closed(world, reviewer):
    task = open_task(reviewer, world).json
    close(reviewer, world, task, status="closed")

    again = close(reviewer, world, task, status="waived", note="改为免于")

    assert (again.status, again.problem) == (409, "rectification-step-impossible")
    assert submit(world.institution(), world, task).problem == "rectification-step-impossible"


def test_a_task_is_not_closed_in_the_future(world, reviewer):
    task = open_task(reviewer, world).json

    refused = close(reviewer, world, task, status="closed", closed_on="2024-10-16")

    assert refused.pointers == {"/closed_on"}


def test_a_task_whose_day_has_passed_is_overdue_and_still_answerable(world, kit, reviewer, now):
    task = open_task(reviewer, world).json
    path = f"{world.api}/rectifications/{task['rectification_id']}"

    with clock.frozen(now + timedelta(days=31)):
        kit.run_job("mark_overdue_rectifications")
        status = reviewer.get(path).json["status"]

    assert status == "overdue"
    assert submit(world.institution(), world, task).json["status"] == "submitted"


def test_a_registrant_is_known_before_its_first_profile(world):
    bureau = world.authority("杭州市西湖区教育局")
    world.registration()

    assert open_task(world.reviewer(bureau), world).status == 201
    assert world.file().problem == "registration-not-approved"
