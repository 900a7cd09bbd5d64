"""What a runbook has somebody type at three in the morning exists: commands, queries, names."""

import re
import subprocess

import pytest
import yaml

from otsp_cli.__main__ import _parser
from otsp_local.environment import ROOT
from otsp_local.monitoring.alerts import ALERTS
from otsp_local.programs import SERVICES
from otsp_testkit.runbooks import (
    NOT_TRIED,
    PAGES,
    TRIED,
    blocks,
    commands,
    lines_of,
    otsp_commands,
    services_named,
    typed,
)
from otsp_testkit.series import KNOWN, exported, faults_of

BY_NAME = re.compile(r"`(otsp_[a-z0-9_]+)(?:\{[^`]*\})?`")
LOG_WORDS = re.compile(r"grep '?((?:[a-z_]+\\\|)*[a-z]+(?:_[a-z]*)+)'?(?:$| )")


OTSP = list(otsp_commands())


def test_every_alert_has_a_page_and_every_page_is_of_an_alert_or_listed():
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", PAGES["README.md"]))

    assert PAGES.keys() - {f"{alert.name}.md" for alert in ALERTS} - listed == {"README.md"}


def without_comment(line):
    return line.partition("  #")[0].strip()


def test_every_line_is_given_to_something_by_a_test():
    words = {line.split()[0] for _, line in commands()}
    spoken = {without_comment(line) for _, line in commands() if line.split()[0] not in TRIED}

    assert words > TRIED.keys()
    assert spoken == NOT_TRIED.keys()
    for word, file in TRIED.items():
        assert f'"{word}"' in (ROOT / file).read_text(encoding="utf-8") or word == "otsp"


def test_services_that_pages_choose_are_services():
    assert services_named() <= set(SERVICES)


def test_compose_has_the_services_whose_commands_are_given():
    named = [line.split()[3] for _, line in lines_of("docker")]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))

    assert named
    assert set(named) <= compose["services"].keys()


@pytest.mark.parametrize(("page", "line"), OTSP)
def test_otsp_takes_the_commands(page, line):
    options = _parser().parse_args(typed(line)[1:])

    assert options.command, page


def test_commands_were_found_and_a_slip_in_one_is_noticed():
    assert len(OTSP) > 60
    with pytest.raises(SystemExit):
        _parser().parse_args(typed("otsp stuck $SERVICE --youngest 10m")[1:])


def test_dev_knows_its_commands():
    told = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True, check=True).stdout
    wanted = {typed(line)[1] for _, line in lines_of("./dev")} - {"otsp"}

    assert wanted
    assert [word for word in wanted if not re.search(rf"^    {word}\b", told, re.MULTILINE)] == []


def test_every_runbook_of_an_alert_has_something_to_type():
    without = [alert.name for alert in ALERTS if not blocks("console", PAGES[f"{alert.name}.md"])]

    assert without == []


def test_queries_ask_for_what_is_exported():
    asked = [(name, query) for name, text in PAGES.items() for query in blocks("promql", text)]

    assert len(asked) > 40
    for name, query in asked:
        assert list(faults_of(query)) == [], name


def test_figures_are_called_by_their_names():
    series = KNOWN.keys() | {name.rsplit("_", 1)[0] for name in exported() if "_bucket" in name}
    unknown = [
        (name, metric)
        for name, text in PAGES.items()
        for metric in BY_NAME.findall(text)
        if metric not in series
    ]

    assert unknown == []


def test_what_logs_are_searched_for_is_logged_somewhere():
    sources = "\n".join(
        file.read_text(encoding="utf-8")
        for folder in ("libs", "services", "portal")
        for file in (ROOT / folder).rglob("src/**/*.py")
    )
    words = {
        word
        for _, line in commands()
        if line.startswith("kubectl logs deploy/otsp-")
        for found in LOG_WORDS.findall(line)
        for word in found.split("\\|")
    }

    assert len(words) > 15
    assert sorted(word for word in words if not re.search(rf'"\w*{word}\w*"', sources)) == []
