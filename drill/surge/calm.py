"""What a calm platform must not write: any line of level warning or above, in any log."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOUD = frozenset({"warning", "error", "critical", "fatal", "alert", "emergency"})
ALLOWED: Mapping[str, Sequence[tuple[str, str]]] = {
    "rabbitmq": [
        (
            r'Message store "\w+/msg_store_\w+": rebuilding indices from scratch',
            "once, when it makes the store of a virtual host; we have only just told it of ours",
        ),
    ],
}
"""Log → lines that a calm platform rightly writes there (an expression), and why."""
_POSTGRES = re.compile(r" (WARNING|ERROR|FATAL|PANIC):  ")
_RABBIT = re.compile(r" \[(warning|error|critical|alert|emergency)\] ")
_NGINX = re.compile(r" \[(warn|error|crit|alert|emerg)\] ")
_PLAIN = re.compile(r"Traceback \(most recent call last\)|Warning: |\b(WARNING|ERROR|CRITICAL)\b")


@dataclass(frozen=True, slots=True)
class LoudLine:
    """Where, and what."""

    log: str
    text: str

    def __str__(self) -> str:
        return f"{self.log}: {self.text}"


def search(folder: Path) -> list[LoudLine]:
    """In all logs of a folder; those of earlier lives too."""
    return [line for log in sorted(folder.glob("*.log*")) for line in _search_one(log)]


def is_loud(line: str) -> bool:
    """In whichever of the formats it is: ours is JSON, the servers and their libraries differ."""
    if line.startswith("{"):
        try:
            return str(json.loads(line).get("level")) in LOUD
        except ValueError:
            return True
    return any(form.search(line) for form in (_POSTGRES, _RABBIT, _NGINX, _PLAIN))


def _search_one(log: Path) -> Iterator[LoudLine]:
    name = log.name.partition(".log")[0]
    allowed = [expression for expression, _ in ALLOWED.get(name, ())]
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if is_loud(line) and not any(re.search(each, line) for each in allowed):
            yield LoudLine(name, line[:400])
