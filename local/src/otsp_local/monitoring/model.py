"""What an alert, a recorded series, a panel and a dashboard are, before they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["page", "ticket", "business"]
"""Wake somebody; see to it in working hours; tell the authority, not the platform's keepers."""

OURS = 'job=~"otsp|otsp-(api|worker|portal)"'
"""Processes of the platform: one job (the chart's), or one for each kind of process."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert is looked at: a dashboard's uid and the title of a panel on it."""

    dashboard: str
    panel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`wait` is how long it must hold. Texts may name labels as Prometheus' templates do."""

    name: str
    severity: Severity
    expr: str
    wait: str
    summary: str
    description: str
    place: Place


@dataclass(frozen=True, slots=True)
class Recorded:
    """A series that is computed once and asked for often."""

    name: str
    expr: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated together; each file of rules holds some."""

    name: str
    rules: Sequence[Alert | Recorded]

    @property
    def alerts(self) -> list[Alert]:
        return [rule for rule in self.rules if isinstance(rule, Alert)]


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel; `legend` as Grafana writes labels."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A picture of some queries. `unit` is one of Grafana's."""

    title: str
    about: str
    unit: str
    queries: Sequence[Query]
    kind: Literal["timeseries", "stat", "table"] = "timeseries"
    width: int = 8
    limit: float | None = None
    """Above it the picture turns red; the alert's limit where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A panel over logs or traces, which Prometheus has not."""

    title: str
    about: str
    source: Literal["loki", "tempo"]
    query: str
    width: int = 24


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: Sequence[Panel | Lookup]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """`by_service` lets the reader choose services; `texts` are fields to type into."""

    uid: str
    title: str
    about: str
    rows: Sequence[Row]
    by_service: bool = False
    texts: dict[str, str] = field(default_factory=dict)
    sources: Sequence[Literal["loki", "tempo"]] = ()

    @property
    def panels(self) -> list[Panel | Lookup]:
        return [panel for row in self.rows for panel in row.panels]
