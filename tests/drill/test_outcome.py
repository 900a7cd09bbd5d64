"""What a surge comes to, from a journal and samples that were made up."""

import pytest
from drill.checker import asked
from drill.surge.arrivals import Applicant, Plan, Town
from drill.surge.outcome import Spread, outcome_of
from drill.town import Login, Resident

RATE, SECONDS, BEGUN = 2.0, 10.0, 1_000.0
COUNT = int(RATE * SECONDS)


@pytest.fixture
def journal():
    """Of filings that are answered after `answer` s, the `refused` first ones with a refusal; the
    others are decided after `decision` s more.
    """

    def make(*, answer=0.1, decision=1.0, refused=0):
        lines = [{"t": 0, "event": "begun", "at": BEGUN, "keys": "drill-"}]
        for number in range(COUNT):
            planned = BEGUN + number / RATE
            key, told = f"file-{number}", {"application_id": f"a{number}"}
            lines.append({"t": planned - BEGUN, "event": "intended", "key": key, "do": "file",
                          "planned_at": planned})  # fmt: skip
            status = 409 if number < refused else 202
            lines.append({"t": planned - BEGUN + answer, "event": "answered", "key": key,
                          "status": status, "told": told})  # fmt: skip
            if status != 202:
                continue
            moment, key = planned - BEGUN + answer + decision, f"return-{number}"
            lines += [
                {"t": moment, "event": "intended", "key": key, "do": "return"} | told,
                {"t": moment, "event": "answered", "key": key, "status": 201},
            ]
        return asked.digest(lines)

    return make


def submitted(after):
    return {f"a{n}": BEGUN + n / RATE + after for n in range(COUNT)}


@pytest.fixture
def outcome(journal):
    def make(*, after=0.5, samples=(), without=(), **how):
        there = {name: at for name, at in submitted(after).items() if name not in without}
        return outcome_of(journal(**how), there, samples, rate=RATE, seconds=SECONDS)

    return make


def test_rate_is_held_when_all_is_there_and_decided_in_time(outcome):
    held = outcome()

    assert held.faults == []
    assert (held.planned, held.submitted, held.decided, held.refused) == (COUNT, COUNT, COUNT, 0)
    assert held.as_dict()["accepted_to_submitted"]["p50_s"] == pytest.approx(0.4)


def test_lateness_counts_from_the_planned_moment_and_not_from_the_answer(outcome):
    late = outcome(answer=14.9, after=15.0)

    assert late.as_dict()["accepted_to_submitted"]["p99_s"] == pytest.approx(0.1)
    assert late.as_dict()["planned_to_submitted"]["p50_s"] == pytest.approx(15)
    assert late.faults == ["p95 from planned to submitted is 15.0 s"]


def test_one_refusal_is_one_too_many(outcome):
    assert "1 were refused" in outcome(refused=1).faults


def test_what_was_planned_and_never_submitted_is_missed(outcome):
    assert outcome(without={"a7"}).faults == ["1 were never submitted"]


def test_reviewers_that_fall_behind_do_not_hold_the_rate(outcome, monkeypatch):
    monkeypatch.setattr("drill.surge.outcome.UNDECIDED_SECONDS", 3.0)

    [fault] = outcome(decision=5.0).faults

    assert fault.endswith("were undecided when the last was due")


def test_rates_are_of_what_was_done_within_the_time(outcome):
    slow = outcome(after=5.0)

    assert slow.held_rate == pytest.approx(1.1)


def test_cpu_is_told_a_submission_and_by_kind_and_survives_a_restart(outcome):
    idle = {name: {"a": 0} for name in ("outbox", "inbox", "queues")}
    idle["whole"] = {"oldest_s": 0, "gathering": 0, "open": 0}
    seconds = [{"api-staff": 10, "worker-staff": 5}, {"api-staff": 12, "worker-staff": 6},
               {"api-staff": 12, "worker-staff": 0.5}]  # fmt: skip
    samples = [
        {"processes": {name: {"cpu_s": cpu} for name, cpu in each.items()}, "backlog": idle}
        for each in seconds
    ]

    held = outcome(samples=samples)

    assert held.cpu_ms["api"] == pytest.approx(2_000 / COUNT)
    assert held.cpu_ms["worker"] == pytest.approx(1_000 / COUNT)


def test_spread_of_nothing_is_nothing():
    assert Spread.of([]) == Spread()


def test_spread_is_by_rank():
    assert Spread.of(range(1, 101)) == Spread(51, 96, 100, 100)


def test_arrivals_are_planned_evenly_and_not_by_what_became_of_those_before():
    plan = Plan(5, 600)

    assert plan.count == 3_000
    assert [plan.due(number) for number in (0, 1, 2_999)] == pytest.approx([0, 0.2, 599.8])


def test_who_waited_longest_files_next_and_who_is_busy_does_not(applicants):
    town = Town()
    for each in applicants:
        town.settle(each)

    first = town.take()
    assert first is applicants[0]
    assert town.take() is applicants[1]
    town.free(first.person.institution_id)
    assert [town.take(), town.take()] == [applicants[2], applicants[0]]
    assert town.was_empty == 0


@pytest.fixture
def applicants():
    return [
        Applicant(Resident(name, Login(name, "")), client=None) for name in ("one", "two", "three")
    ]
