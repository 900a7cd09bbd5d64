"""What requirements/*.lock name: every package, of every platform, with its versions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

LOCKS = Path("requirements")
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)


def canonical(name: str) -> str:
    """One spelling of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def list_locked(root: Path) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Package → version → the locks that pin it."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for lock in sorted((root / LOCKS).glob("*.lock")):
        for name, version in _PIN.findall(lock.read_text(encoding="utf-8")):
            found[canonical(name)][version].add(lock.name)
    return {
        name: {version: frozenset(locks) for version, locks in sorted(versions.items())}
        for name, versions in sorted(found.items())
    }
