"""deploy/Dockerfile read as text: what every build of it must hold to, without an engine."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from otsp_local.image import OFFICIAL_BASE

ROOT = Path(__file__).resolve().parents[2]
NOT_IN_THE_IMAGE = {"libs/testkit", "local"}
"""For developers and tests."""


@pytest.fixture(scope="module")
def recipe():
    return (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def last_stage(recipe):
    return recipe.rpartition("\nFROM ")[2]


def members():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = pyproject["tool"]["mypy"]["mypy_path"]
    return {path.removeprefix("$MYPY_CONFIG_FILE_DIR/").removesuffix("/src") for path in listed}


def test_every_member_but_the_developers_own_is_copied(recipe):
    copied = set(re.findall(r"^COPY ([\w/]+)/ /build/\1/$", recipe, re.MULTILINE))

    assert copied == members() - NOT_IN_THE_IMAGE


def test_every_copied_member_is_built(recipe):
    patterns = re.search(r"pip wheel .*?\\\n(.*?)\\\n", recipe, re.DOTALL)[1].split()
    built = {
        str(path.relative_to(ROOT))
        for pattern in patterns
        for path in ROOT.glob(pattern.removeprefix("./"))
        if (path / "pyproject.toml").is_file()
    }

    assert built - {"libs/testkit"} == members() - NOT_IN_THE_IMAGE


def test_the_builder_is_given_nothing_else():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    allowed = {rule[1:].rstrip("/") for rule in rules if rule.startswith("!")}

    assert rules[0] == "*"
    assert allowed == {
        "requirements/runtime.lock",
        "requirements/image.lock",
        "deploy/image",
        "libs/contracts",
        "libs/chassis",
        "services",
        "cli",
        "gateway",
        "portal",
    }
    assert {"**/tests/", "**/__pycache__/", "**/*_testkit/"} <= set(rules)


def test_packages_are_installed_by_hash_from_wheels_alone(recipe):
    installs = [
        line
        for line in recipe.replace("\\\n", " ").splitlines()
        if re.search(r"pip (install|wheel)", line)
    ]

    assert len(installs) == 3
    for line in installs:
        is_own = "--no-deps" in line
        assert is_own or "--require-hashes" in line
        assert not is_own or "--no-index" in line or "--offline" in line


def test_what_is_built_with_stays_behind(last_stage):
    copied = re.findall(r"^COPY (.+)$", last_stage, re.MULTILINE)

    assert "RUN" not in re.findall(r"^[A-Z]+", last_stage, re.MULTILINE)
    assert all(line.startswith("--from=") for line in copied)
    assert [line.split()[1] for line in copied] == [
        "/opt/postgresql/",
        "/opt/otsp/",
        "/opt/platform/",
        "/build/inventory/",
    ]


def test_it_runs_as_a_user_without_name_or_shell_of_its_host(last_stage):
    entrypoint = re.search(r"^ENTRYPOINT (.+)$", last_stage, re.MULTILINE)[1]
    health = re.search(r"^HEALTHCHECK .*CMD (.+)$", last_stage, re.MULTILINE)[1]

    assert "\nUSER 10001:10001\n" in last_stage
    assert json.loads(entrypoint) == ["otsp"]
    assert json.loads(health) == ["otsp", "healthy"]


def test_base_and_index_are_arguments_and_no_secret_is(recipe):
    arguments = dict(re.findall(r"^ARG (\w+)=(.*)$", recipe, re.MULTILINE))

    assert arguments == {
        "BASE_IMAGE": OFFICIAL_BASE,
        "INDEX_URL": '""',
        "VERSION": "0.1.0",
        "REVISION": '""',
    }
    assert "--mount=type=secret,id=ca" in recipe
    assert "--mount=type=secret,id=index_url" in recipe


def test_the_default_base_dumps_the_servers_that_chart_and_compose_run():
    """Debian 13 brings pg_dump 17; with Debian 12's 15 every nightly backup of a 17 would fail."""
    newest = {"debian:bookworm-slim": 15, "debian:trixie-slim": 17}[OFFICIAL_BASE]
    files = ("deploy/helm/otsp/values.yaml", "docker-compose.yml")
    text = "".join((ROOT / each).read_text(encoding="utf-8") for each in files)
    servers = {int(major) for major in re.findall(r"postgres:(\d+)\.", text)}

    assert servers
    assert max(servers) <= newest


def test_layers_that_change_often_come_last(recipe):
    places = [
        recipe.index(text)
        for text in (
            "apt-get -q install",
            "COPY requirements/image.lock",
            "COPY requirements/runtime.lock",
            "COPY libs/contracts/",
            "ARG REVISION",
        )
    ]

    assert places == sorted(places)
