"""How much to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`requests` is what one run of one variant sends."""

    rounds: int = 7
    requests: int = 1500
