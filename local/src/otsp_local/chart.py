"""`./dev export-chart`: what the chart is generated or copied from, written anew.

The table of README.md from values and schema, copies of the alerts and dashboards (a chart sees
only its own folder), the list of images, and the rendered default that a test compares.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import helm_python
import yaml

from otsp_local.chart_readme import with_table
from otsp_local.console import StepFailed, say
from otsp_local.environment import ROOT

Values = dict[str, Any]

CHART = ROOT / "deploy" / "helm" / "otsp"
SNAPSHOT = ROOT / "tests" / "deploy" / "chart_default.yaml"
NOTES = "otsp/templates/NOTES.txt"
_README = CHART / "README.md"
_IMAGES = CHART / "images.txt"
_MONITORING = ROOT / "deploy" / "monitoring"
_COPIED = {"rules": "*.yaml", "dashboards": "*.json"}


def manifests(values: Values, folder: Path = CHART) -> dict[str, str]:
    """Template → its text, for a release and a namespace that are both called otsp.

    Raises HelmError with the chart's own words where it refuses the values.
    """
    with helm_python.Chart.load(folder) as chart:
        texts: dict[str, str] = chart.render(values, name="otsp", namespace="otsp")
    return texts


def snapshot() -> str:
    """The default, without what a copy of something else would make long."""
    texts = manifests({})
    whole = [
        f"# {name.removeprefix('otsp/templates/')}\n{text.strip()}\n"
        for name, text in sorted(texts.items())
        if name != NOTES and text.strip()
    ]
    return "".join(whole)


def images() -> str:
    """Every image that some values bring in, one a line; the platform's own first."""
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    metadata = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    others = sorted(_named_images(values))
    return "\n".join([f"{values['image']['repository']}:{metadata['appVersion']}", *others]) + "\n"


def copies() -> dict[str, str]:
    """Path below the chart → the text of the file that it repeats."""
    return {
        f"files/{folder}/{file.name}": file.read_text(encoding="utf-8")
        for folder, pattern in _COPIED.items()
        for file in sorted((_MONITORING / folder).glob(pattern))
    }


def generated() -> dict[str, str]:
    """Path below the chart → text, of everything that this command writes there."""
    return {
        _README.name: with_table(CHART, _README.read_text(encoding="utf-8")),
        _IMAGES.name: images(),
        **copies(),
    }


def superfluous() -> list[str]:
    """Copies of what is no longer there."""
    kept = copies()
    found = [
        str(file.relative_to(CHART))
        for folder, pattern in _COPIED.items()
        for file in sorted((CHART / "files" / folder).glob(pattern))
    ]
    return [path for path in found if path not in kept]


def write() -> None:
    for path in superfluous():
        (CHART / path).unlink()
    for path, text in generated().items():
        (CHART / path).parent.mkdir(parents=True, exist_ok=True)
        (CHART / path).write_text(text, encoding="utf-8")
    SNAPSHOT.write_text(snapshot(), encoding="utf-8")


def _named_images(values: Values) -> set[str]:
    found: set[str] = set()
    for key, value in values.items():
        if key == "image" and isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            found |= _named_images(value)
    return found


def main() -> int:
    try:
        write()
    except (helm_python.HelmError, StepFailed) as failure:
        say(f"./dev export-chart: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
