"""The three sample dossiers, end to end: what must be found in each and who would review it."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from otsp_chassis import clock
from otsp_contracts.snapshots.dossier import parse_dossiers

SAMPLES = Path(__file__).resolve().parents[2] / "docs" / "samples.yaml"
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


DAY = date(2024, 10, 15)


@pytest.fixture(autouse=True)
def on_the_samples_day():
    clock.set_offset((DAY - clock.now().astimezone(clock.SHANGHAI).date()).days)
    yield
    clock.set_offset(0)


def documents() -> list[dict]:
    return yaml.safe_load(SAMPLES.read_text(encoding="utf-8"))


def test_samples_are_filed_judged_and_routed(load):
    results = {result["sample"]: result for result in load(parse_dossiers(documents()))}

    for sample, (state, blocking, warnings, authority) in EXPECTED.items():
        result = results[sample]
        assert result["state"] == state, result["findings"]
        assert result["blocking"] == blocking
        assert result["warnings"] == warnings
        assert [step["authority"] for step in result["routed_steps"]] == [authority]
        assert not [f for f in result["findings"] if f["rule_id"].startswith("CMP")]
