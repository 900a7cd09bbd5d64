"""What the rules must say of the three dossiers of docs/samples.yaml, and who reviews each."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Outcome = tuple[str, list[str], list[str], list[str]]
"""State, blocking rules, warnings, authorities in the order of their steps."""

OF_SAMPLES: Final[Mapping[str, Outcome]] = {
    "A": ("submitted", [], ["SIT-006"], ["西湖区教育局"]),
    "B": (
        "precheck_failed",
        ["MAT-002", "NET-001", "NET-005", "STF-012", "TIM-003", "TIM-004", "TIM-005"],
        [],
        ["北京市教育委员会"],
    ),
    "C": (
        "precheck_failed",
        ["FND-003", "FND-004", "SIT-001", "STF-002", "STF-008", "TIM-001"],
        ["LIC-003"],
        ["武侯区教育局"],
    ),
}


def outcomes(results: Iterable[Mapping[str, Any]]) -> dict[str, Outcome]:
    """The same of what `otsp dossier` printed."""
    return {
        result["sample"]: (
            result["state"],
            result["blocking"],
            result["warnings"],
            [step["authority"] for step in result["routed_steps"]],
        )
        for result in results
    }
