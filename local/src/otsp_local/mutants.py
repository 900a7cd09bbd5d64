"""`./dev mutants [MODULE …]`: mutmut over the rules of compliance, and what their tests miss.

Each module is tried in a copy below .run/mutants, never in the checkout: with the tables of its own
family of rules and with all tests of rules that are no tables; nothing needs a database.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from otsp_local.console import StepFailed, say, step
from otsp_local.environment import ROOT, VENV_PYTHON

RULES = Path("otsp_compliance", "rules")
SOURCES = Path("services", "compliance", "src")
TESTS = Path("services", "compliance", "tests", "rules")
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "licence": ("LIC",),
    "party": ("PTY",),
    "staff": ("STF",),
    "timetable": ("TIM", "CRS", "SIT"),
    "training_time": ("TIM",),
    "courses": ("CRS",),
    "funds": ("FND",),
    "materials": ("MAT",),
    "sites": ("SIT",),
    "systems": ("NET",),
    "qualifications": ("STF",),
    "deregistration": ("DER",),
    "completeness": (),
    "calendar": ("TIM",),
    "periods": (),
    "engine": (),
    "inheritance": (),
    "comparison": (),
    "strictness": (),
    "facts": ("LIC", "STF", "TIM", "CRS", "MAT", "FND", "SIT"),
}
"""The modules, and the tables of cases that each is tried with."""

KILLED, SURVIVED, TIMEOUT = "killed", "survived", "timeout"
_MODULE_OF_TABLES = "test_cases"
_TOLD = re.compile(r"^\s+(\S+): (.+)$", re.MULTILINE)
_LEFT_ALONE = frozenset({"classmethod", "staticmethod"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Tried:
    """One module: what became of each mutant, by its name in mutmut."""

    module: str
    folder: Path
    fates: Mapping[str, str]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Killed, timed out (they hang: killed too), neither."""
        told = Counter(self.fates.values())
        rest = len(self.fates) - told[KILLED] - told[TIMEOUT]
        return told[KILLED], told[TIMEOUT], rest

    @property
    def survivors(self) -> list[str]:
        """In the order of the source; a mutant that no test reaches is one of them."""
        return [name for name, fate in self.fates.items() if fate not in (KILLED, TIMEOUT)]

    @property
    def row(self) -> str:
        killed, timed_out, survived = self.counts
        share = 100 * (killed + timed_out) / max(len(self.fates), 1)
        return f"{self.module:<16}{killed:>8}{timed_out:>9}{survived:>10}{share:>9.1f} %"


def undecorated(source: str) -> str:
    """`@a`, `@b`, `def f` written as `def f` and `f = a(b(f))`, which is the same to Python.

    mutmut leaves decorated functions alone, and every rule is one.
    """
    lines = source.splitlines()
    for function in sorted(_decorated(ast.parse(source)), key=lambda one: -one.lineno):
        call = function.name
        for decorator in reversed(function.decorator_list):
            call = f"({ast.get_source_segment(source, decorator)})({call})"
        indent = " " * function.col_offset
        lines.insert(function.end_lineno or function.lineno, f"{indent}{function.name} = {call}")
        del lines[function.decorator_list[0].lineno - 1 : function.lineno - 1]
    return "\n".join([*lines, ""])


def _decorated(tree: ast.Module) -> Iterator[Function]:
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for body in (tree.body, *(one.body for one in classes)):
        for node in body:
            if isinstance(node, Function) and node.decorator_list and not _is_left_alone(node):
                yield node


def _is_left_alone(function: Function) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id in _LEFT_ALONE for each in function.decorator_list
    )


def prepare(module: str, folder: Path) -> None:
    """A small project of mutmut's own kind, made anew: what was found before is not kept."""
    shutil.rmtree(folder, ignore_errors=True)
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / SOURCES, folder / "src", ignore=without)
    shutil.copytree(ROOT / TESTS, folder / TESTS, ignore=without)
    shutil.copytree(ROOT / "docs", folder / "docs")
    mutated = folder / "src" / RULES / f"{module}.py"
    mutated.write_text(undecorated(mutated.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "pyproject.toml").write_text(_settings(module), encoding="utf-8")


def _settings(module: str) -> str:
    tables = " or ".join(f"{family}-" for family in FAMILIES[module])
    chosen = " or ".join(filter(None, (tables, f"not {_MODULE_OF_TABLES}")))
    settings: Mapping[str, object] = {
        "source_paths": ["src"],
        "only_mutate": [f"src/{RULES.as_posix()}/{module}.py"],
        "also_copy": [TESTS.parts[0], "docs"],
        "pytest_add_cli_args": [
            "--import-mode=importlib", "--hypothesis-profile=ci",
            "-p", "no:randomly", "-p", "no:cacheprovider",
        ],
        "pytest_add_cli_args_test_selection": [TESTS.as_posix(), "-k", chosen],
        "timeout_multiplier": 4.0,
        "timeout_constant": 5.0,
        "use_git_change_detection": False,
    }  # fmt: skip
    told = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    return f"[tool.mutmut]\n{told}\n"


def try_out(module: str, folder: Path) -> Tried:
    """Run mutmut, which shows its own progress, and read what it found."""
    with step(f"{module}: copying to {folder}"):
        prepare(module, folder)
    mutmut: list[str | Path] = [VENV_PYTHON, "-m", "mutmut", "run", "--max-children", "1"]
    status = subprocess.run(
        ["nice", "-n", "10", *mutmut], cwd=folder, stdout=sys.stderr, check=False
    ).returncode
    if status != 0:
        raise StepFailed(f"mutmut could not try {module} (exit status {status}); see above")
    fates = dict(_TOLD.findall(_mutmut(folder, "results", "--all", "true")))
    if not fates:
        raise StepFailed(f"mutmut made no mutants of {module}")
    return Tried(module, folder, fates)


def tell(tried: Tried) -> None:
    """The survivors, each as the lines that it changes."""
    print(f"\n{tried.module}: {len(tried.survivors)} of {len(tried.fates)} survive")
    for name in tried.survivors:
        print(f"  {name.rpartition('.')[2]} ({tried.fates[name]})")
        for line in _mutmut(tried.folder, "show", name).splitlines():
            if line[:1] in ("-", "+") and line[:3] not in ("---", "+++"):
                print(f"    {line}")


def _mutmut(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [VENV_PYTHON, "-m", "mutmut", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise StepFailed(f"mutmut {' '.join(arguments)}:\n{done.stderr.strip()}")
    return done.stdout


def _summary(tried: Sequence[Tried]) -> str:
    head = f"{'module':<16}{KILLED:>8}{TIMEOUT:>9}{SURVIVED:>10}"
    return "\n".join([head, *(one.row for one in tried)])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="of --list; else all")
    parser.add_argument("--list", action="store_true", help="the modules that can be tried")
    parser.add_argument("--into", type=Path, default=ROOT / ".run" / "mutants", help="for copies")
    chosen = parser.parse_args()
    unknown = [each for each in chosen.modules if each not in FAMILIES]
    if unknown:
        parser.error(f"no module {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    return chosen


def main() -> int:
    """0 when all was tried, whatever survived: a mutant is a question, not a verdict."""
    chosen = _arguments()
    if chosen.list:
        print("\n".join(FAMILIES))
        return 0
    tried: list[Tried] = []
    try:
        for module in chosen.modules or FAMILIES:
            tried.append(try_out(module, chosen.into.resolve() / module))
            tell(tried[-1])
            print(f"\n{_summary(tried)}", flush=True)
    except StepFailed as failure:
        say(f"./dev mutants: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
