"""Shapes of expressions that several alerts have."""

from __future__ import annotations


def happened(metric: str, window: str, *, by: str) -> str:
    """At least once, the very first time included: a series that appears with 1 has no increase."""
    counted = f"sum by ({by}) ({metric})"
    before = f"sum by ({by}) ({metric} offset {window})"
    grew = f"sum by ({by}) (increase({metric}[{window}])) > 0"
    return f"{grew} or ({counted} unless {before}) > 0"


def spike(metric: str, *, at_least: int, times: int) -> str:
    """An hour with many, and several times what an hour of the last week had on average."""
    hour = f"sum(increase({metric}[1h]))"
    return f"{hour} > {at_least} and {hour} > {times} * sum(rate({metric}[7d])) * 3600"
