"""The short forms of `./dev surge` and `./dev soak` on the true topology (docs/soak.md)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from drill.planted import KEEPS_CONNECTIONS, KEEPS_HANDLES, KEEPS_MEMORY, KEEPS_THREADS, WARNS
from drill.run import Stand, standing
from drill.surge.arrivals import Plan
from drill.surge.hold import hold
from drill.surge.sampling import read
from drill.surge.verdict import SOAK, SURGE, Verdict
from drill.topology import TARGETS
from drill.town import Town

RESIDENTS = 24
FEW = Plan(1.0, 12.0)
SLOWLY = Plan(0.4, 30.0)
"""So slowly that a dozen samples are taken of a dozen submissions, on a busy machine too."""
EVERY = 0.5


@pytest.fixture(scope="module")
def stand() -> Iterator[Stand]:
    with standing(RESIDENTS, is_wired=False) as stand:
        yield stand


@pytest.fixture
def held_by(stand, tmp_path):
    """A surge of some of the residents, judged as a soak or as a surge."""

    def run(what, plan, first, last):
        some = replace(stand, town=Town(stand.town.residents[first:last], stand.town.reviewers))
        held = hold(some, plan, tmp_path, every_seconds=EVERY)
        verdict = Verdict.of(what, held, tmp_path)
        verdict.write(held, tmp_path)
        return verdict

    return run


@pytest.mark.timeout(600)
def test_all_that_was_planned_is_filed_and_decided_and_nobody_warns(held_by, tmp_path):
    verdict = held_by(SURGE, FEW, 0, 12)

    outcome = verdict.outcome
    assert not verdict.report.findings
    assert (outcome.submitted, outcome.decided, outcome.refused) == (12, 12, 0)
    assert [str(each) for each in verdict.loud] == []
    assert verdict.ended == []
    samples = read(tmp_path / "samples.jsonl")
    assert set(samples[-1]["processes"]) == set(TARGETS)
    assert samples[0]["broker"]["channels"] > 0
    assert all(count > 0 for count in samples[-1]["connections"].values())
    assert all(held["cpu_s"] > 0 for held in samples[-1]["processes"].values())
    page = (tmp_path / "timeline.html").read_text()
    assert "<polyline" in page
    assert "worker-compliance" in page


@pytest.mark.timeout(600)
def test_each_planted_leak_and_the_warning_are_found_and_named(stand, held_by):
    planted = {
        "worker-institution": KEEPS_CONNECTIONS,
        "worker-staff": KEEPS_MEMORY,
        "worker-materials": KEEPS_HANDLES,
        "worker-courses": KEEPS_THREADS,
        "worker-compliance": WARNS,
    }

    with stand.topology.infested(planted):
        verdict = held_by(SOAK, SLOWLY, 12, 24)

    found = {(each.measure, each.name) for each in verdict.leaks}
    assert ("memory", "worker-staff") in found
    assert ("connections", "institution") in found
    assert {name for of, name in found if of == "threads"} >= {"worker-courses"}
    assert {name for of, name in found if of == "handles"} >= {"worker-materials"}
    assert {each.log for each in verdict.loud} == {"worker-compliance"}
    assert verdict.report.is_well
    assert not verdict.is_well
