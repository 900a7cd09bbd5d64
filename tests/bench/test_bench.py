"""The benchmarks run and print what is documented. How fast anything was is no test."""

import json
import subprocess
import sys

import pytest


def bench(root, *arguments: str) -> list[dict]:
    """Its JSON lines, after a run that measures next to nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments, "--json", "--rounds", "1", "--requests", "20"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("figure_id", "parts"),
    [
        ("P1", {"over_flask", "over_connexion"}),
        ("P4", {"over_bare", "added_p50_ms"}),
    ],
)
def test_figure_is_told_with_all_parts_of_its_goal(pytestconfig, figure_id, parts):
    [told] = bench(pytestconfig.rootpath, figure_id)

    assert set(told) == {"id", "ratio", "goal", "met", "figures"}
    assert told["id"] == figure_id
    assert parts | {f"{part}_goal" for part in parts} <= set(told["figures"])
    assert told["met"] == all(
        told["figures"][part] <= told["figures"][f"{part}_goal"] for part in parts
    )


def test_unknown_figure_is_refused_by_name(pytestconfig):
    done = subprocess.run(
        [sys.executable, "-m", "bench", "P99"],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "P99" in done.stderr
