"""The three sample dossiers, end to end: what must be found in each and who would review it."""

EXPECTED = {
    "A": ("submitted", [], ["SIT-006"], "西湖区教育局"),
    "B": (
        "precheck_failed",
        ["MAT-002", "NET-001", "NET-005", "STF-012", "TIM-003", "TIM-004", "TIM-005"],
        [],
        "北京市教育委员会",
    ),
    "C": (
        "precheck_failed",
        ["FND-003", "FND-004", "SIT-001", "STF-002", "STF-008", "TIM-001"],
        ["LIC-003"],
        "武侯区教育局",
    ),
}


def test_samples_are_filed_judged_and_routed(stage, platform, supervision):
    loaded = stage.load(platform, supervision, stage.samples())

    results = {result["sample"]: result for result in loaded}
    for sample, (state, blocking, warnings, authority) in EXPECTED.items():
        result = results[sample]
        assert result["state"] == state, result["findings"]
        assert result["blocking"] == blocking
        assert result["warnings"] == warnings
        assert [step["authority"] for step in result["routed_steps"]] == [authority]
        assert not [f for f in result["findings"] if f["rule_id"].startswith("CMP")]


def test_a_restored_town_is_the_one_that_was_built(town):
    found = town.filed("A")

    assert found["state"] == "awaiting_acknowledgement"
    assert found["to_acknowledge"] == ["SIT-006"]
