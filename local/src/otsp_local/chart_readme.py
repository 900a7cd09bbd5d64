"""The table of the chart's README: each value with its default and description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

_BEGIN = "<!-- values: written by ./dev export-chart -->"
_END = "<!-- end of values -->"
_OPENED = ("workload", "service", "job")
"""Definitions whose parts have rows of their own; of the others the whole is one row."""
_AS_API = ("worker", "portal", "gateway")
"""Described like `api`: rows only where their defaults differ."""
_WIDEST = 90


@dataclass(frozen=True, slots=True)
class Row:
    """A value, or a folder of values, which has no default of its own."""

    path: str
    description: str
    default: Any = None
    is_folder: bool = False

    def __str__(self) -> str:
        is_told = not self.is_folder and self.default is not None
        default = f"`{_short(self.default)}`" if is_told else ""
        return f"| `{self.path}` | {default} | {self.description} |"


def with_table(chart: Path, readme: str) -> str:
    """The README with the table of today's values and schema between its two marks."""
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{table(chart)}\n{_END}{after}"


def table(chart: Path) -> str:
    values = yaml.safe_load((chart / "values.yaml").read_text(encoding="utf-8"))
    schema = json.loads((chart / "values.schema.json").read_text(encoding="utf-8"))
    rows = [row for row in _Table(schema["definitions"]).rows("", schema, values) if row.path]
    of_api = {row.path.removeprefix("api."): row.default for row in rows}
    told = [row for row in rows if not _says_the_same(row, of_api)]
    return "\n".join(["| value | default | what it is |", "|---|---|---|", *map(str, told)]) + "\n"


@dataclass(frozen=True, slots=True)
class _Table:
    definitions: Json

    def rows(self, path: str, told: Json, default: Any) -> Iterator[Row]:  # noqa: ANN401 - any value
        """A folder before what is in it; of names that are free or alike, one as NAME."""
        place = self._opened(told)
        below = f"{path}." if path else ""
        yield Row(path, told.get("description", ""), default, is_folder="properties" in place)
        inside = place.get("properties", {})
        if path == "services":
            inside = {"NAME": {"$ref": "#/definitions/service", "description": "One of the six."}}
        for name, part in inside.items():
            if name != "global":
                yield from self.rows(f"{below}{name}", part, (default or {}).get(name))
        free = place.get("additionalProperties")
        if path == "jobs" and isinstance(free, dict):
            yield from self.rows("jobs.NAME", free | {"description": "A job."}, None)

    def _opened(self, told: Json) -> Json:
        name = told.get("$ref", "").rpartition("/")[2]
        opened: Json = self.definitions[name] if name in _OPENED else told
        return opened


def _says_the_same(row: Row, of_api: Json) -> bool:
    workload, _, rest = row.path.partition(".")
    if row.path.startswith(("services.NAME.api.", "services.NAME.worker.")):
        return True
    return workload in _AS_API and bool(rest) and of_api.get(rest, row) == row.default


def _short(default: Any) -> str:  # noqa: ANN401 - any value
    text = json.dumps(default, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
