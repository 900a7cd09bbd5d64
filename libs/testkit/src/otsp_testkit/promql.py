"""What a query asks for: metrics, with the labels it names of each."""

import re
from dataclasses import dataclass, field

import promql_parser

_VARIABLES = {"$__rate_interval": "1m", "$service": ".+"}
_PLAIN = re.compile(r"[\w.|-]+")


@dataclass
class Asked:
    """Metric → label → the values it is compared with, of one expression; and what it groups by."""

    metrics: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)


def asked_by(expr: str) -> Asked:
    """Raises ValueError for what is no PromQL; Grafana's variables are filled in first."""
    asked = Asked()
    _walk(promql_parser.parse(filled_in(expr)), asked)
    return asked


def filled_in(expr: str) -> str:
    """As Grafana would ask."""
    for variable, value in _VARIABLES.items():
        expr = expr.replace(variable, value)
    return expr


def _walk(node: promql_parser.Expr, asked: Asked) -> None:
    if isinstance(node, promql_parser.VectorSelector):
        labels = asked.metrics.setdefault(node.name or "", {})
        for matcher in node.matchers.matchers:
            labels.setdefault(matcher.name, set()).update(_values(matcher))
        return
    if isinstance(node, promql_parser.AggregateExpr) and node.modifier:
        asked.groups.update(node.modifier.labels)
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        child = getattr(node, name, None)
        if child is not None:
            _walk(child, asked)
    for child in getattr(node, "args", ()):
        _walk(child, asked)


def _values(matcher: promql_parser.Matcher) -> set[str]:
    """Of alternatives each; a real pattern names no value."""
    if matcher.op in (promql_parser.MatchOp.Equal, promql_parser.MatchOp.NotEqual):
        return {matcher.value}
    return set(matcher.value.split("|")) if _PLAIN.fullmatch(matcher.value) else set()
