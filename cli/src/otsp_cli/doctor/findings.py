"""What one check says of one thing."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do where it is not well. Holds no secret."""

    state: State
    found: str
    advice: str = ""


def ok(found: str) -> Finding:
    return Finding("ok", found)


def warn(found: str, advice: str) -> Finding:
    return Finding("warn", found, advice)


def failed(found: str, advice: str) -> Finding:
    return Finding("failed", found, advice)


def skipped(reason: str, advice: str = "") -> Finding:
    return Finding("skipped", reason, advice)
