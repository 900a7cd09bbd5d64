"""Rules are decorated, and mutmut passes over what is: the copy is written otherwise."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location

from otsp_local.mutants import FAMILIES, ROOT, RULES, SOURCES, undecorated

DECORATED = """\
def named(name):
    def mark(function):
        return name, function
    return mark

def twice(function):
    return lambda number: 2 * function(number)

@named(
    "first",
)
@twice
def add_one(number):
    return number + 1

class Counter:
    @property
    def count(self):
        return 3

    @classmethod
    def made(cls):
        return cls()
"""


def told(source, file):
    file.write_text(source, encoding="utf-8")
    spec = spec_from_file_location(file.stem, file)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    name, function = module.add_one
    return name, function(1), module.Counter.made().count


def test_decorators_are_applied_afterwards_and_to_the_same_effect(tmp_path):
    written = undecorated(DECORATED)

    assert told(written, tmp_path / "written.py") == ("first", 4, 3)
    assert told(DECORATED, tmp_path / "decorated.py") == ("first", 4, 3)
    assert [line for line in written.splitlines() if line.lstrip().startswith("@")] == [
        "    @classmethod"
    ]


def test_every_module_that_can_be_tried_is_there():
    listed = subprocess.run(
        [sys.executable, "-m", "otsp_local.mutants", "--list"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip

    assert listed.stdout.split() == list(FAMILIES)
    assert [
        name for name in FAMILIES if not (ROOT / SOURCES / RULES / f"{name}.py").is_file()
    ] == []


def test_a_module_that_is_not_there_is_refused_with_those_that_are():
    refused = subprocess.run(
        [sys.executable, "-m", "otsp_local.mutants", "nowhere"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert refused.returncode == 2
    assert "no module nowhere" in refused.stderr
    assert "licence" in refused.stderr
