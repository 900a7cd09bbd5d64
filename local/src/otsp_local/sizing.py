"""Writes the tables of docs/sizing.md from docs/sizing.yaml: `./dev export-docs`.

The formulas stand in the data as they stand in the table; a row may use the figures, its scale's
own and the rows above it.
"""

from __future__ import annotations

import ast
import math
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from otsp_local.environment import ROOT

DATA, PAGE = ROOT / "docs" / "sizing.yaml", ROOT / "docs" / "sizing.md"
PER = 10_000
_BEGIN, _END = "<!-- {} -->\n", "<!-- /{} -->"
_OPERATIONS: dict[type[ast.AST], Callable[[Any, Any], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {"ceil": math.ceil, "max": max}


@dataclass(frozen=True, slots=True)
class Sizing:
    """The data, and what comes of them for each scale."""

    data: Mapping[str, Any]

    @classmethod
    def load(cls, file: Path = DATA) -> Sizing:
        return cls(yaml.safe_load(file.read_text(encoding="utf-8")))

    def at(self, scale: Mapping[str, Any]) -> dict[str, float]:
        known = {name: each["value"] for name, each in self.data["figures"].items()}
        known |= {name: value for name, value in scale.items() if name != "title"}
        for row in self.data["rows"]:
            known[row["name"]] = evaluate(row["formula"], known)
        return known

    def tables(self) -> dict[str, str]:
        """By the name of their place in the page."""
        return {
            "results": "".join(self._results()),
            "arithmetic": "".join(self._arithmetic()),
            "figures": "".join(self._figures()),
            "cost": "".join(self._cost()),
        }

    def _results(self) -> Iterator[str]:
        scales = self.data["scales"].values()
        found = [self.at(scale) for scale in scales]
        yield "| | " + " | ".join(scale["title"] for scale in scales) + " |\n"
        yield "|---|" + "---:|" * len(found) + "\n"
        for name in ("institutions", "copies"):
            yield f"| {name} | " + " | ".join(f"{each[name]:,}" for each in found) + " |\n"
        for row in self.data["rows"]:
            told = (f"{each[row['name']]:,.{row['digits']}f}" for each in found)
            yield f"| {row['what']} ({row['unit']}) | " + " | ".join(told) + " |\n"

    def _arithmetic(self) -> Iterator[str]:
        yield "| name | formula |\n|---|---|\n"
        for row in self.data["rows"]:
            yield f"| `{row['name']}` | `{row['formula']}` |\n"

    def _figures(self) -> Iterator[str]:
        yield "| name | value | basis | what |\n|---|---:|---|---|\n"
        for name, each in self.data["figures"].items():
            yield f"| `{name}` | {each['value']} | {each['basis']} | {each['what']} |\n"

    def _cost(self) -> Iterator[str]:
        names = self.data["costs"]
        yield "| | " + " | ".join(names) + " |\n|---|" + "---:|" * len(names) + "\n"
        for scale in self.data["scales"].values():
            found = self.at(scale)
            share = PER / found["institutions"]
            told = " | ".join(f"{found[name] * share:,.2f}" for name in names)
            yield f"| {scale['title']} | {told} |\n"


def evaluate(formula: str, known: Mapping[str, float]) -> float:
    """Numbers, names, + - * /, ceil and max; anything else is a KeyError."""

    def value(node: ast.AST) -> float:
        if isinstance(node, ast.Constant):
            return float(node.value)  # type: ignore[arg-type]
        if isinstance(node, ast.Name):
            return known[node.id]
        if isinstance(node, ast.BinOp):
            return _OPERATIONS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return _FUNCTIONS[node.func.id](*map(value, node.args))
        raise KeyError(ast.dump(node))

    return value(ast.parse(formula, mode="eval").body)


def written(page: str, tables: Mapping[str, str]) -> str:
    """The page with its tables in their places; ValueError where a place is missing."""
    for name, table in tables.items():
        before, _, rest = page.partition(_BEGIN.format(name))
        _, _, after = rest.partition(_END.format(name))
        if not rest:
            raise ValueError(f"no place for {name}")
        page = f"{before}{_BEGIN.format(name)}{table}{_END.format(name)}{after}"
    return page


def main() -> int:
    PAGE.write_text(written(PAGE.read_text("utf-8"), Sizing.load().tables()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
