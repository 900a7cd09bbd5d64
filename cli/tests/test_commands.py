"""The commands are named in the parser, and loaded when they are asked for."""

import argparse
import pkgutil
import subprocess
import sys

from otsp_chassis.collector import YOUNG
from otsp_cli.__main__ import _parser


def commands_of(parser):
    ways = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    inner = [below for way in ways for below in way.choices.values()]
    own = parser.get_default("command")
    return ([own] if own else []) + [name for below in inner for name in commands_of(below)]


def test_every_command_is_named_after_a_function_that_is_there():
    named = commands_of(_parser())
    assert len(named) == len(set(named)) >= 11
    for name in named:
        assert callable(pkgutil.resolve_name(name))


def test_a_worker_that_is_ready_spares_the_collector_what_stays():
    program = (
        "from otsp_cli.running import _be_ready; _be_ready(0); import gc; print(gc.get_threshold())"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert told.startswith(f"({YOUNG},")


def test_an_api_that_starts_waits_for_no_code_of_other_commands():
    """Gunicorn loads its service itself; six of them once loaded everything twice."""
    program = "import otsp_cli.__main__, sys; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    assert "otsp_cli.serving" in told
    heavy = ("sqlalchemy", "pydantic", "httpx", "otsp_chassis", "otsp_contracts", "otsp_compliance")
    assert [name for name in heavy if name in told] == []
