"""其他整改 for many institutions in one request: each gets its task, or its own refusal."""

import pytest
from sqlalchemy import func, select

from otsp_chassis import clock
from otsp_chassis.db import reading
from otsp_chassis.ids import new_id
from otsp_compliance.model import Rectification


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def schools(world):
    """Two of the county, one of the next."""
    ids = [new_id() for _ in range(3)]
    for institution_id, region_code in zip(ids, ("330106", "330106", "330105"), strict=True):
        world.profile(institution_id=institution_id, region_code=region_code)
    return ids


@pytest.fixture
def reviewer(world):
    return world.reviewer(world.authority("杭州市西湖区教育局"))


def issue(client, world, asked, key=None, **fields):
    body = {
        "institution_ids": [str(each) for each in asked],
        "reason_text": "消防安全专项检查",
        "steps": ["补充应急预案"],
    } | fields
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(f"{world.api}/rectification-batches", body, headers=headers)


def stored(kit):
    with kit.active(), reading() as tx:
        return tx.scalar(select(func.count()).select_from(Rectification))


def test_each_institution_gets_its_task_or_its_refusal(world, kit, schools, reviewer):
    unknown = new_id()

    answer = issue(reviewer, world, [*schools, unknown], due_on="2024-12-01")

    told = answer.json
    assert (answer.status, told["opened"], told["refused"]) == (201, 2, 2)
    rows = [(row["institution_id"], row["code"]) for row in told["results"]]
    assert rows == [
        (str(schools[0]), None),
        (str(schools[1]), None),
        (str(schools[2]), "outside-jurisdiction"),
        (str(unknown), "institution-unknown"),
    ]
    assert all(row["detail"] for row in told["results"] if row["code"])
    listed = reviewer.get(f"{world.api}/rectifications", query={"batch_id": told["batch_id"]})
    tasks = listed.json["items"]
    assert {task["institution_id"] for task in tasks} == {str(each) for each in schools[:2]}
    assert {task["due_on"] for task in tasks} == {"2024-12-01"}
    assert {step["label_zh"] for task in tasks for step in task["steps"]} == {"补充应急预案"}
    assert answer.headers["Location"].endswith(told["batch_id"])


def test_asked_again_under_the_same_key_it_is_the_same_answer(world, kit, schools, reviewer):
    first = issue(reviewer, world, schools, key="batch-0001")
    again = issue(reviewer, world, schools, key="batch-0001")

    assert again.json == first.json
    assert stored(kit) == 2


def test_the_nation_sets_tasks_everywhere(world, kit, schools):
    answer = issue(kit.as_authority("national_admin"), world, schools)

    assert answer.json["opened"] == 3


@pytest.mark.parametrize("fields", [{"institution_ids": []}, {"reason_text": ""}, {"steps": [""]}])
def test_an_empty_requirement_is_refused(world, kit, schools, reviewer, fields):
    assert issue(reviewer, world, schools, **fields).status == 422
    assert stored(kit) == 0


def test_no_institution_sets_tasks(world, schools):
    assert issue(world.institution(), world, schools).problem == "forbidden"
