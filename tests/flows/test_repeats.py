"""The bus promises delivery, not order and not once: the outcome must not depend on either."""

import random

import pytest

from otsp_chassis.bus import LocalBus
from otsp_chassis.ids import new_id
from otsp_contracts.compliance import SnapshotRequested
from otsp_contracts.snapshots.dossier import parse_dossiers

APPLICATIONS = "/api/compliance/v1/applications"
TIMES = {
    "submitted_at",
    "filed_at",
    "acknowledge_by",
    "elapsed_ms",
    "snapshot",
    "sections",
    "application_id",
    "case_id",
}
"""Members of an application that tell when and under which number, not what."""


def outcome(town, stage, sample, application_id):
    """What an application came to, how its institution stands, how many rows there are."""
    found = town.application(sample, application_id)
    institution = town.clerk(sample).get(town.path(sample, "institution"))
    write = town.call(sample, "POST", town.path(sample, "courses", "sites"), json={"name": "示例"})
    return {
        **{name: value for name, value in found.items() if name not in TIMES},
        "seal": found["snapshot"]["sha256"],
        "parts": found["snapshot"]["parts"],
        "compliance_status": institution["compliance_status"],
        "is_locked": write.status_code == 423,
        "rows": stage.Photograph(town.platform).size,
    }


def restless(seed):
    """Every event two or three times, in any order; one in three is held back for the next round.

    What is held back is delivered at the latest when nothing else moves.
    """
    chance = random.Random(seed)
    held = []

    def arrange(envelopes):
        now = [*held, *envelopes]
        held.clear()
        if envelopes:
            held.extend(one for one in envelopes if chance.random() < 1 / 3)
        repeated = [one for one in now if one not in held for _ in range(chance.choice((2, 3)))]
        chance.shuffle(repeated)
        return repeated

    def release():
        return arrange([])

    return arrange, release


def settle_restlessly(postman, seed):
    arrange, release = restless(seed)
    postman.settle(arrange)
    while late := release():
        postman.deliver(late)
        postman.settle(arrange)
    postman.retry()
    postman.settle()


@pytest.mark.parametrize("sample", ["A", "B", "C"])
def test_repeated_and_shuffled_events_lead_to_the_same_end(town, stage, sample):
    read = ["SIT-006"]
    application_id = town.file(sample, acknowledged_warnings=read)
    town.platform.settle()
    expected = outcome(town, stage, sample, application_id)
    town.restore()

    for seed in range(3):
        application_id = town.file(sample, acknowledged_warnings=read)
        settle_restlessly(stage.Postman(town.platform), seed)

        assert outcome(town, stage, sample, application_id) == expected, seed
        town.restore()


def test_all_events_of_a_finished_filing_may_come_once_more(town, stage):
    postman = stage.Postman(town.platform)
    application_id = town.file("A", acknowledged_warnings=["SIT-006"])
    postman.settle()
    expected = outcome(town, stage, "A", application_id)

    for envelope in reversed(postman.seen):
        postman.deliver([envelope])
    postman.settle()

    assert outcome(town, stage, "A", application_id) == expected


def test_a_repeated_request_does_not_lock_what_was_withdrawn(town, stage):
    postman = stage.Postman(town.platform)
    application_id = town.file("A")
    postman.settle()
    town.clerk("A").post(f"{APPLICATIONS}/{application_id}/withdrawal", None)
    postman.settle()

    requests = [each for each in postman.seen if each.type == SnapshotRequested.TYPE]
    anew = [each.model_copy(update={"id": new_id()}) for each in requests]
    postman.deliver(requests + anew)
    postman.settle()

    assert town.application("A", application_id)["state"] == "withdrawn"
    assert not outcome(town, stage, "A", application_id)["is_locked"]


class RestlessBus(LocalBus):
    """Delivers each batch shuffled and twice, and each event a third time with a later batch."""

    def __init__(self, seed, unheard):
        super().__init__(unheard=unheard)
        self._chance = random.Random(seed)
        self._earlier = []

    def publish(self, envelopes):
        batch = [*envelopes, *envelopes, *self._earlier]
        self._earlier = list(envelopes)
        self._chance.shuffle(batch)
        if not all(super().publish(batch)):
            return [False] * len(envelopes)
        return [True] * len(envelopes)


def test_a_whole_life_on_a_restless_bus_comes_to_the_same_result(stage, platform, supervision):
    document = stage.samples()[0]
    with stage.working_on(RestlessBus(7, platform.unheard), platform):
        loader = stage.loader_of(platform, supervision)
        [result] = loader.results(parse_dossiers([document]))

    assert result["state"] == "submitted", result
    assert (result["blocking"], result["warnings"]) == ([], ["SIT-006"])
    office = supervision.office("education", "county", "330106")
    reviewer = supervision.as_role(office, "reviewer")
    cases = [
        case["kind"]
        for state in ("open", "decided")
        for case in reviewer.list_all("/api/compliance/v1/cases", state=state)
    ]
    assert sorted(cases) == ["compliance", "external_review", "external_review", "registration"]
