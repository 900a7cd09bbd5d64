"""The short forms of `./dev surge` and `./dev soak` on the true topology (docs/soak.md)."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from drill import run
from drill.bystanders import OTHERS_OPEN_CASES
from drill.checker import stored
from drill.planted import KEEPS_CONNECTIONS, KEEPS_HANDLES, KEEPS_MEMORY, KEEPS_THREADS, WARNS
from drill.run import Stand, standing
from drill.surge.arrivals import Plan
from drill.surge.hold import hold
from drill.surge.sampling import PASSING, read
from drill.surge.verdict import SOAK, SURGE, Verdict
from drill.topology import TARGETS, Topology
from drill.town import Town, settle

from otsp_testkit.specifications import SERVICES

RESIDENTS, BYSTANDERS = 24, 30
FEW = Plan(1.0, 12.0)
SLOWLY = Plan(0.4, 30.0)
"""So slowly that a dozen samples are taken of a dozen submissions, on a busy machine too."""
EVERY = 0.5
TOO_BUSY = ("relay_lost_database", "sections_asked_again", "consumer_lost_broker")
"""What a process may say where tests share two cores. A soak allows none of it."""


def autovacuum_of(topology: Topology) -> str:
    with psycopg.connect(topology.database_urls()["compliance"]) as connection:
        [(setting,)] = connection.execute("SHOW autovacuum").fetchall()
    return setting


@pytest.fixture(scope="module")
def while_filled() -> list[str]:
    """How autovacuum was set before and after the residents were copied."""
    return []


@pytest.fixture(scope="module")
def stand(while_filled: list[str]) -> Iterator[Stand]:
    def settled(topology: Topology, count: int) -> Town:
        while_filled.append(autovacuum_of(topology))
        town = settle(topology, count)
        while_filled.append(autovacuum_of(topology))
        return town

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "settle", settled)
        with standing(RESIDENTS, bystanders=BYSTANDERS, is_wired=False) as stand:
            yield stand


def held(stand, folder, plan, what, *, first, last):
    """A surge of some of the residents, judged as a soak or as a surge."""
    some = replace(stand, town=Town(stand.town.residents[first:last], stand.town.reviewers))
    seen = hold(some, plan, folder, every_seconds=EVERY)
    verdict = Verdict.of(what, seen, folder)
    verdict.write(seen, folder)
    return verdict


@pytest.fixture(scope="module")
def calm(stand, tmp_path_factory):
    """Held while the logs are empty and nothing is planted yet, whichever test comes first."""
    folder = tmp_path_factory.mktemp("calm")
    return held(stand, folder, FEW, SURGE, first=0, last=12), folder


@pytest.mark.timeout(600)
def test_all_that_was_planned_is_filed_and_decided_and_nobody_warns(calm):
    verdict, folder = calm

    outcome = verdict.outcome
    assert not verdict.report.findings
    assert (outcome.submitted, outcome.decided, outcome.refused) == (12, 12, 0)
    assert _loud(verdict) == []
    assert verdict.ended == []
    samples = read(folder / "samples.jsonl")
    assert set(samples[-1]["processes"]) == set(TARGETS)
    assert samples[0]["broker"]["channels"] > 0
    assert all(count > 0 for count in samples[-1]["connections"].values())
    assert all(each["cpu_s"] > 0 for each in samples[-1]["processes"].values())
    page = (folder / "timeline.html").read_text()
    assert "<polyline" in page
    assert "worker-compliance" in page


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("calm")
def test_each_planted_leak_and_the_warning_are_found_and_named(stand, tmp_path):
    planted = {
        "worker-institution": KEEPS_CONNECTIONS,
        "worker-staff": KEEPS_MEMORY,
        "worker-materials": KEEPS_HANDLES,
        "worker-courses": KEEPS_THREADS,
        "worker-compliance": WARNS,
    }

    with stand.topology.infested(planted):
        verdict = held(stand, tmp_path, SLOWLY, SOAK, first=12, last=24)

    found = {(each.measure, each.name) for each in verdict.leaks}
    assert ("memory", "worker-staff") in found
    assert ("connections", "institution") in found
    assert {name for of, name in found if of == "threads"} >= {"worker-courses"}
    assert {name for of, name in found if of == "handles"} >= {"worker-materials"}
    assert {line.partition(":")[0] for line in _loud(verdict)} == {"worker-compliance"}
    assert verdict.report.is_well
    assert not verdict.is_well


def test_a_soak_at_which_nobody_looked_is_not_well(calm):
    verdict, _ = calm
    quiet = replace(verdict, what=SOAK, leaks=(), loud=())

    assert quiet.is_well
    assert not replace(quiet, blind_s=61.0).is_well
    assert "nothing was sampled for 61 s" in str(replace(quiet, blind_s=61.0))


def test_those_who_stand_by_are_registered_and_no_finding(stand, calm):
    with psycopg.connect(stand.topology.database_urls()["compliance"]) as connection:
        [(registered,)] = connection.execute(
            "SELECT count(*) FROM register_entry"
            " WHERE institution_id IN (SELECT institution_id FROM drill_bystander)"
        ).fetchall()

    assert registered == round(BYSTANDERS * 0.87)
    verdict, _ = calm
    assert verdict.report.findings == []


def test_no_autovacuum_is_given_up_while_rows_are_copied_and_all_are_begun_again(
    stand, while_filled
):
    assert while_filled == ["off", "off"]
    assert autovacuum_of(stand.topology) == "on"


def test_who_stands_by_is_joined_against_and_not_gone_through_for_each_row(stand):
    """A list of 240,000 fits into no work_mem; without it a sample took minutes of both cores."""
    asked = {service: stored.queries_of(service).values() for service in SERVICES}
    asked["compliance"] = [*asked["compliance"], PASSING, OTHERS_OPEN_CASES]

    for service, url in stand.topology.database_urls().items():
        with psycopg.connect(url) as connection:
            for query in asked[service]:
                plan = [line for (line,) in connection.execute(f"EXPLAIN {query}").fetchall()]
                assert not [line for line in plan if "SubPlan" in line], query


def _loud(verdict: Verdict) -> list[str]:
    lines = map(str, verdict.loud)
    return [line for line in lines if not any(each in line for each in TOO_BUSY)]
