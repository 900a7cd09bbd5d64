"""Two at once on one case: one wins, the other is told what happened. Real threads and locks."""

import threading
import time
from itertools import pairwise

import psycopg
import pytest

from otsp_chassis import clock
from otsp_contracts.compliance import CaseDecided

WAITING = """
SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')
"""
PATIENCE = 20


@pytest.fixture(autouse=True)
def now(filing_day):
    with clock.frozen(filing_day):
        yield filing_day


@pytest.fixture
def bureau(world):
    return world.authority("杭州市西湖区教育局")


@pytest.fixture
def path(world, bureau):
    world.registration()
    (case,) = world.reviewer(bureau).get(f"{world.api}/cases").json["items"]
    return f"{world.api}/cases/{case['case_id']}"


@pytest.fixture
def pair(world, bureau):
    return world.reviewer(bureau), world.reviewer(bureau)


def race(kit, path, *acts):
    """All of them wait for the case before one of them has it; the answers in their order."""
    answers = [None] * len(acts)

    def run(number):
        answers[number] = acts[number]()

    threads = [threading.Thread(target=run, args=[number]) for number in range(len(acts))]
    with (
        psycopg.connect(kit.owner_url) as holder,
        psycopg.connect(kit.owner_url, autocommit=True) as watcher,
    ):
        holder.execute(
            "SELECT 1 FROM review_case WHERE case_id = %s FOR UPDATE", [path.rpartition("/")[2]]
        )
        for thread in threads:
            thread.start()
        until = time.monotonic() + PATIENCE
        while watcher.execute(WAITING).fetchone()[0] < len(acts):
            assert time.monotonic() < until
    for thread in threads:
        thread.join(timeout=PATIENCE)
    return answers


def approve(client, path):
    return lambda: client.post(f"{path}/decisions", {"decision": "approve"})


def reject(client, path):
    return lambda: client.post(f"{path}/decisions", {"decision": "reject", "reason": "证照不符"})


def claim(client, path):
    return lambda: client.post(f"{path}/lease")


def take_over(client, path):
    return lambda: client.post(f"{path}/lease/takeover", {"reason": "办理人外出培训"})


def winner_and_loser(answers):
    assert sorted(answer.status for answer in answers) == [200, 409]
    return sorted(answers, key=lambda answer: answer.status)


def test_of_two_opposite_decisions_one_stands_and_the_other_is_told(kit, path, pair):
    answers = race(kit, path, approve(pair[0], path), reject(pair[1], path))

    won, lost = winner_and_loser(answers)
    assert lost.problem == "case-already-decided"
    assert lost.json["decision"] == won.json["decision"]
    (event,) = (each.payload() for each in kit.published(CaseDecided))
    assert event.decision == won.json["decision"]


def test_of_two_claims_one_holds_and_the_other_is_told_who(kit, path, pair):
    answers = race(kit, path, *(claim(client, path) for client in pair))

    won, lost = winner_and_loser(answers)
    assert lost.problem == "case-held-by-another"
    assert lost.json["assignee_id"] == won.json["assignee_id"]
    assert len(pair[0].get(f"{path}/assignments").json["items"]) == 1


def test_a_claim_twice_by_one_person_is_one(kit, path, pair):
    answers = race(kit, path, claim(pair[0], path), claim(pair[0], path))

    assert [answer.status for answer in answers] == [200, 200]
    assert len(pair[0].get(f"{path}/assignments").json["items"]) == 1


def test_taken_over_or_decided_but_not_both(kit, path, pair):
    mine, colleague = pair
    claim(mine, path)()

    answers = race(kit, path, approve(mine, path), take_over(colleague, path))

    _, lost = winner_and_loser(answers)
    decided = len(kit.published(CaseDecided))
    assert (lost.problem, decided) in {("case-already-decided", 1), ("case-held-by-another", 0)}
    assert lost is answers[1 if decided else 0]


def test_of_three_who_take_over_each_knows_from_whom(kit, world, bureau, path, pair):
    mine, *others = (*pair, world.reviewer(bureau), world.reviewer(bureau))
    claim(mine, path)()

    answers = race(kit, path, *(take_over(client, path) for client in others))

    assert {answer.status for answer in answers} == {200}
    items = mine.get(f"{path}/assignments").json["items"]
    assert len(items) == 4
    for earlier, later in pairwise(items):
        assert later["former_account_id"] == earlier["account_id"]
