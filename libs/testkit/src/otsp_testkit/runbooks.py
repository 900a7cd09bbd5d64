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
_WHERE = re.compile(r"^(?:kubectl exec .* -- |docker compose exec \S+ |\./dev )(?=otsp )")


def blocks(kind: str, text: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def commands() -> Iterator[tuple[str, str]]:
    """Page and line of everything that is typed into a console."""
    for name, text in PAGES.items():
        for block in blocks("console", text):
            for line in block.splitlines():
                if line.startswith("$ "):
                    yield name, line[2:]


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
