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
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_reached(told: dict, part: str) -> bool:
    """A part has a `_goal` that it must not exceed, or a `_least` that it must reach."""
    seen = told["figures"]
    if f"{part}_least" in seen:
        return seen[part] >= seen[f"{part}_least"]
    return seen[part] <= seen[f"{part}_goal"]


def assert_told(told: dict, figure_id: str, parts: set[str]) -> None:
    assert set(told) == {"id", "ratio", "goal", "met", "figures"}
    assert told["id"] == figure_id
    assert told["met"] == all(is_reached(told, part) for part in parts)


@pytest.mark.parametrize(
    ("figure_id", "parts"),
    [
        ("P1", {"over_flask", "over_connexion"}),
        ("P4", {"over_bare", "added_p50_ms"}),
        ("P7", {"evaluation_cpu_ms", "growth"}),
        (
            "P9",
            {
                "over_bare",
                "speedup_over_xlsxwriter",
                "peak_growth_mb",
                "growth_of_the_long_list_mb",
            },
        ),
        ("P10", {"over_bare", "peak_mb"}),
        ("P11", {"over_sql", "per_second"}),
        (
            "P12",
            {
                "growth",
                *(
                    f"{kind}_growth"
                    for kind in ("read", "list", "find", "save", "submit", "decide")
                ),
            },
        ),
    ],
)
def test_figure_is_told_with_all_parts_of_its_goal(pytestconfig, figure_id, parts):
    [told] = bench(pytestconfig.rootpath, figure_id)

    assert_told(told, figure_id, parts)


def test_submissions_and_the_relay_are_told_beside_their_floors(pytestconfig):
    single, burst, relay = bench(pytestconfig.rootpath, "P5", "P6", "P8")

    assert_told(single, "P5", {"over_bare"})
    assert_told(burst, "P6", {"rate_over_bare"})
    assert_told(relay, "P8", {"rate_over_goal", "events_per_second"})
    accounts = {"python_cpu", "broker_cpu", "postgres_cpu"}
    for told, unit in ((single, "ms"), (burst, "ms"), (relay, "us")):
        for side in ("ours", "bare"):
            assert {f"{side}_{account}_{unit}" for account in accounts} <= set(told["figures"])
    assert {"ours_p50_ms", "bare_p50_ms"} <= set(single["figures"])
    assert {"ours_per_second", "bare_per_second"} <= set(burst["figures"])
    assert {"over_bare", "bare_per_second"} <= set(relay["figures"])


@pytest.mark.parametrize("command", ["fill", "hashing", "large", "logins", "migration", "picture"])
def test_what_is_no_figure_is_a_command_that_explains_itself(pytestconfig, command):
    done = subprocess.run(
        [sys.executable, "-m", "bench", command, "--help"],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith(f"usage: ./dev bench {command}")


def test_refused_logins_are_told_beside_one_another(pytestconfig):
    done = subprocess.run(
        [sys.executable, "-m", "bench", "logins", "--pairs", "3"],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("refused logins, 3 pairs: existing ")


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
