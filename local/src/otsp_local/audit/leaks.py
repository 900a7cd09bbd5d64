"""Looks for keys and passwords in what git keeps: every file, and every version there ever was.

detect-secrets judges single lines. What it takes for a secret and is none stands in
docs/security/false-alarms.yaml with its reason; an entry that meets nothing is a fault itself.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import yaml
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import BasePlugin
from detect_secrets.plugins.high_entropy_strings import (
    Base64HighEntropyString,
    HexHighEntropyString,
)
from detect_secrets.plugins.ip_public import IPPublicDetector
from detect_secrets.plugins.keyword import KeywordDetector

from otsp_local.console import StepFailed

FALSE_ALARMS = Path("docs", "security", "false-alarms.yaml")
_HASHES = "*.lock"
"""Nothing but hashes of public files."""
_PIECE, _OVERLAP = 2000, 200
"""Longer lines, which only programs write, are read in pieces."""
_SHORTEST = 8
Found = tuple[str, str]
"""Of what kind, and the value."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Is never printed with its value: whoever reads the output should not have it."""

    kind: str
    where: str
    value: str


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """All that is given must fit; patterns are those of file names."""

    reason: str
    values: Sequence[str] = ("*",)
    files: Sequence[str] = ("*",)
    kinds: Sequence[str] = ("*",)

    def fits(self, leak: Leak) -> bool:
        path = leak.where.partition(":")[0]
        return (
            any(fnmatchcase(leak.value, each) for each in self.values)
            and any(fnmatchcase(path, each) for each in self.files)
            and any(fnmatchcase(leak.kind, each) for each in self.kinds)
        )


def list_leaks(root: Path) -> list[str]:
    """What must be looked at: leaks by kind and place, and false alarms that nothing raises."""
    alarms = read_false_alarms(root)
    used: set[FalseAlarm] = set()
    told = []
    for leak in (*find_in_files(root), *find_in_history(root)):
        fitting = [each for each in alarms if each.fits(leak)]
        used.update(fitting)
        if not fitting:
            told.append(f"{leak.where}: {leak.kind}")
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true":
        return told  # what raised an alarm may be in the history that is not here
    told += [f"{FALSE_ALARMS}: nothing raises “{one.reason}”" for one in alarms if one not in used]
    return told


def read_false_alarms(root: Path) -> list[FalseAlarm]:
    listed = yaml.safe_load((root / FALSE_ALARMS).read_text(encoding="utf-8"))
    return [
        FalseAlarm(
            reason=entry["reason"],
            **{name: tuple(entry[name]) for name in ("values", "files", "kinds") if name in entry},
        )
        for entry in listed
    ]


def find_in_files(root: Path) -> Iterator[Leak]:
    """In the files as they lie there, of those that git knows or would add."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in sorted(filter(None, listed.decode().split("\0"))):
        if (root / name).is_file():
            yield from _find((name,), (root / name).read_bytes())


def find_in_history(root: Path) -> Iterator[Leak]:
    """In every version of every file that a branch or tag reaches, and in what commits say.

    A value is told once, at the first place where it is met.
    """
    met: set[tuple[str, str]] = set()
    for place, content in _versions(root):
        for leak in _find(place, content):
            if (leak.kind, leak.value) not in met:
                met.add((leak.kind, leak.value))
                yield leak


def _versions(root: Path) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """A path and an object's id; its content."""
    objects = [
        line.partition(" ")
        for line in _git(root, "rev-list", "--objects", "--all", "HEAD").decode().splitlines()
    ]
    names = {name: path for name, _, path in objects}
    batch = _git(root, "cat-file", "--batch", given="\n".join(names).encode())
    at = 0
    while at < len(batch):
        end = batch.index(b"\n", at)
        name, kind, size = batch[at:end].decode().split()
        content = batch[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
        if kind in ("blob", "commit", "tag"):
            yield (names[name] or kind, name[:12]), content


def _find(place: tuple[str, ...], content: bytes) -> Iterator[Leak]:
    """Line by line; binary files are not looked into."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return
    if "\0" in text or fnmatchcase(place[0], _HASHES):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for kind, value in _judge(line.strip()):
            yield Leak(kind, ":".join((*place, str(number))), value)


@cache
def _judge(line: str) -> tuple[Found, ...]:
    """Most lines stand in many files and in many versions: each is judged once."""
    if len(line) < _SHORTEST:
        return ()
    step = _PIECE - _OVERLAP
    pieces = [line[at : at + _PIECE] for at in range(0, max(len(line) - _OVERLAP, 1), step)]
    found = {
        (secret.type, str(secret.secret_value)): None
        for piece in pieces
        for detector in _detectors()
        for secret in detector.analyze_line(filename="", line=piece, line_number=1)
    }
    return tuple(found)


@cache
def _detectors() -> Sequence[BasePlugin]:
    """All but that of public addresses, which are no secrets; a party secretary is none either."""
    given = {
        KeywordDetector: KeywordDetector(keyword_exclude="secretary"),
        Base64HighEntropyString: Base64HighEntropyString(limit=4.5),
        HexHighEntropyString: HexHighEntropyString(limit=3.0),
    }
    kinds: Iterable[type[BasePlugin]] = get_mapping_from_secret_type_to_class().values()
    return [given.get(kind) or kind() for kind in kinds if kind is not IPPublicDetector]


def _git(root: Path, *arguments: str, given: bytes | None = None) -> bytes:
    done = subprocess.run(
        ["git", *arguments], cwd=root, input=given, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise StepFailed(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout
