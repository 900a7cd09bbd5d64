"""The three sample dossiers, end to end: what must be found in each and who would review it."""

from otsp_testkit.outcomes import OF_SAMPLES, outcomes


def test_samples_are_filed_judged_and_routed(stage, platform, supervision):
    loaded = stage.load(platform, supervision, stage.samples())

    assert outcomes(loaded) == OF_SAMPLES
    findings = [each for result in loaded for each in result["findings"]]
    assert not [each for each in findings if each["rule_id"].startswith("CMP")]


def test_a_restored_town_is_the_one_that_was_built(town):
    found = town.filed("A")

    assert found["state"] == "awaiting_acknowledgement"
    assert found["to_acknowledge"] == ["SIT-006"]
