"""Asks an advisory service about everything that the locks name, through pip-audit.

An answer counts only from a service that knows what is known: it is asked about an old release
with published faults first. An index that merely mirrors files says "not found" or nothing at all
there, which pip-audit alone would take for good news.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import yaml

from otsp_local.audit.locked import LOCKS, list_locked
from otsp_local.environment import AUDIT

KNOWN_TO_BE_FAULTY = ("jinja2", "2.4.1")
"""CVE-2014-1402 and a dozen since; no service of advisories lacks them."""
ACCEPTED = LOCKS / "advisories.yaml"
Pin = tuple[str, str]


class NotAsked(Exception):
    """Nobody answered, or nobody who knows: says what was not asked."""


@dataclass(frozen=True, slots=True)
class Advisory:
    id: str
    aliases: tuple[str, ...]
    package: str
    version: str
    locks: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def line(self) -> str:
        known_as = ", ".join((self.id, *self.aliases))
        mended = f"mended in {', '.join(self.fixed_in)}" if self.fixed_in else "not mended yet"
        return f"{self.package} {self.version} ({', '.join(self.locks)}): {known_as}; {mended}"


def list_advisories(root: Path, osv: str | None) -> list[Advisory]:
    """All of them but the accepted ones; NotAsked where one package was not judged."""
    locked = list_locked(root)
    try:
        _try_out(osv)
    except NotAsked as failure:
        raise NotAsked(f"{failure}. None of the {len(locked)} packages was asked about") from None
    accepted = _accepted(root)
    found = [
        advisory
        for batch in _batches(locked)
        for (name, version), faults in _ask(batch, osv).items()
        for advisory in _advisories(faults, (name, version), locked[name][version])
    ]
    known = {each for one in found for each in (one.id, *one.aliases)}
    if stale := sorted(set(accepted) - known):
        raise NotAsked(f"{ACCEPTED} accepts what nobody tells any more: {', '.join(stale)}")
    return [one for one in found if not accepted.keys() & {one.id, *one.aliases}]


def _try_out(osv: str | None) -> None:
    """One question whose answer is known; nothing else is sent to who fails it."""
    name, version = KNOWN_TO_BE_FAULTY
    if not _ask([KNOWN_TO_BE_FAULTY], osv)[KNOWN_TO_BE_FAULTY]:
        raise NotAsked(f"the service knows no fault of {name} {version}, which has many")


def _accepted(root: Path) -> Mapping[str, str]:
    """Id → why it does not reach us; a reason is asked for."""
    told: Mapping[str, str] = yaml.safe_load((root / ACCEPTED).read_text(encoding="utf-8")) or {}
    without = [each for each, reason in told.items() if not (reason or "").strip()]
    if without:
        raise NotAsked(f"{ACCEPTED} accepts without a reason: {', '.join(without)}")
    return told


def _batches(locked: Mapping[str, Mapping[str, object]]) -> Iterator[list[Pin]]:
    """pip-audit takes one version of a package at a time; some locks differ in theirs."""
    columns = zip_longest(*([(name, each) for each in locked[name]] for name in locked))
    for column in columns:
        yield [pin for pin in column if pin is not None]


def _advisories(
    faults: Iterable[Mapping[str, Sequence[str]]], pin: Pin, locks: Iterable[str]
) -> Iterator[Advisory]:
    for fault in faults:
        yield Advisory(
            id=str(fault["id"]),
            aliases=tuple(fault.get("aliases", ())),
            package=pin[0],
            version=pin[1],
            locks=tuple(sorted(locks)),
            fixed_in=tuple(fault.get("fix_versions", ())),
        )


def _ask(pins: Sequence[Pin], osv: str | None) -> dict[Pin, list[Mapping[str, Sequence[str]]]]:
    """The faults of each; NotAsked unless there is an answer about every one."""
    service = ["--vulnerability-service", "osv", "--osv-url", osv] if osv else []
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "wanted.txt")
        wanted.write_text("".join(f"{name}=={version}\n" for name, version in pins), "utf-8")
        done = subprocess.run(
            [
                AUDIT.python, "-m", "pip_audit", "--requirement", wanted, "--no-deps",
                "--disable-pip", "--format", "json", "--progress-spinner", "off",
                "--timeout", "30", "--cache-dir", Path(folder, "cache"), *service,
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise NotAsked(f"{len(pins)} packages, {pins[0][0]} the first: {last[0]}") from None
    answered = {
        (str(each["name"]), str(each["version"])): each["vulns"]
        for each in answers
        if "skip_reason" not in each
    }
    unanswered = [f"{name} {version}" for name, version in pins if (name, version) not in answered]
    if unanswered:
        raise NotAsked(f"the service has no answer about {', '.join(unanswered)}")
    return answered
