"""The runbooks as tests read them: their pages, and what they have somebody type."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from otsp_local.environment import ROOT

PAGES: Final = {
    page.name: page.read_text(encoding="utf-8")
    for page in sorted((ROOT / "docs" / "runbooks").glob("*.md"))
}
GIVEN: Final = {
    "$SERVICE": "staff",
    "$EVENT_ID": "018f2b6a-7c00-7000-8000-000000000001",
    "$TYPE": "compliance.snapshot_requested.v1",
    "…": "and so on",
}
"""What stands for the names that whoever types fills in."""
TRIED: Final = {
    "otsp": "cli/tests/test_runbooks.py",
    "./dev": "tests/deploy/test_runbooks.py",
    "docker": "tests/deploy/test_runbooks.py",
    "kubectl": "tests/deploy/test_runbook_cluster.py",
    "psql": "tests/deploy/test_runbook_servers.py",
    "pg_isready": "tests/deploy/test_runbook_servers.py",
    "rabbitmqctl": "tests/deploy/test_runbook_servers.py",
    "rabbitmq-diagnostics": "tests/deploy/test_runbook_servers.py",
    "rabbitmq-queues": "tests/deploy/test_runbook_servers.py",
    "curl": "tests/e2e/test_runbooks.py",
    "openssl": "tests/e2e/test_runbooks.py",
}
"""First word of a line → the test that gives it to the true program."""
NOT_TRIED: Final = {
    "helm history otsp": "Debian has no Helm client; the chart is rendered by a library",
    "helm rollback otsp": "as above",
    "helm test otsp": "as above; what it starts is tried by tests/e2e/test_probe.py",
    "chronyc tracking": "of the machine",
    "df -h": "of the machine",
    "ls -l /var/lib/node_exporter/textfile_collector/": "of the machine",
}
"""Lines that no test gives to anything → why."""
_WHERE = re.compile(r"^(?:kubectl exec .* -- |docker compose exec \S+ |\./dev )(?=otsp )")
_ASSIGNED = re.compile(r"SERVICE=(\w+)(?: +#.*)?")
_IN_A_SENTENCE = re.compile(r"`((?:kubectl|otsp|rabbitmqctl|helm) [\w-]+ [^`]+)`")


def blocks(kind: str, text: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def services_named() -> set[str]:
    """All that a page sets $SERVICE to."""
    return {found for text in PAGES.values() for found in re.findall(r"\$ SERVICE=(\w+)", text)}


def commands() -> Iterator[tuple[str, str]]:
    """Page and line of everything that is typed, in a console or in a sentence.

    $SERVICE is what the page says before; of what runs beside the next one each is a line.
    """
    for name, text in PAGES.items():
        service = "$SERVICE"
        for line in _typed_on(text):
            assigned = _ASSIGNED.fullmatch(line)
            if assigned:
                service = assigned[1]
                continue
            for part in line.split(" & "):
                yield name, part.replace("$SERVICE", service)


def _typed_on(text: str) -> Iterator[str]:
    for block in blocks("console", text):
        yield from (line[2:] for line in block.splitlines() if line.startswith("$ "))
    yield from _IN_A_SENTENCE.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def lines_of(*programs: str) -> list[tuple[str, str]]:
    """Those that begin with one of these, each once."""
    found = {line: name for name, line in commands() if line.split()[0] in programs}
    return [(name, line) for line, name in found.items()]


def otsp_commands() -> Iterator[tuple[str, str]]:
    """Those of ours, wherever they are run."""
    for name, line in commands():
        ours = _WHERE.sub("", line)
        if ours.startswith("otsp "):
            yield name, ours


def typed(line: str, given: Mapping[str, str] = GIVEN) -> Sequence[str]:
    """The words of a line, with the names filled in and without its comment."""
    for name, value in given.items():
        line = line.replace(name, value)
    return shlex.split(line, comments=True)
