"""All series that a query may name, with their labels: ours, recorded, and known foreign ones."""

from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase

from otsp_chassis import metrics
from otsp_local.monitoring.alerts import FOREIGN, OWN
from otsp_local.monitoring.foreign_metrics import GIVEN_BY_PROMETHEUS, LABELS
from otsp_local.monitoring.model import Recorded
from otsp_testkit.promql import asked_by

_SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "histogram": ("_bucket", "_count", "_sum"),
    "info": ("_info",),
}
_GIVEN = GIVEN_BY_PROMETHEUS | {"pod"}
_MADE = {"metric"}
"""By label_replace."""


def own_metrics() -> list[MetricWrapperBase]:
    """Everything that otsp_chassis.metrics declares."""
    return [each for each in vars(metrics).values() if isinstance(each, MetricWrapperBase)]


def exported() -> dict[str, set[str]]:
    """Series → labels of all that the processes of the platform export."""
    found = {}
    for metric in own_metrics():
        for suffix in _SUFFIXES[str(metric._type)]:
            le = {"le"} if suffix == "_bucket" else set()
            found[metric._name + suffix] = {*metric._labelnames} | le
    return found


def _recorded() -> dict[str, set[str]]:
    """Series that rules compute → the labels that are left."""
    found: dict[str, set[str]] = {}
    for group in (*OWN, *FOREIGN):
        for rule in group.rules:
            if isinstance(rule, Recorded):
                asked = asked_by(rule.expr)
                inner = [found[name] for name in asked.metrics if name in found]
                found[rule.name] = asked.groups.union(*inner) - {"le"}
    return found


KNOWN = {name: set(labels) for name, labels in LABELS.items()} | exported() | _recorded()


def faults_of(expr: str) -> Iterator[str]:
    """What it asks for and nobody exports."""
    asked, known = asked_by(expr), {*_GIVEN, *_MADE}
    for metric, labels in asked.metrics.items():
        if metric not in KNOWN:
            yield f"nobody exports {metric}"
            continue
        known |= KNOWN[metric]
        for label in labels.keys() - KNOWN[metric] - _GIVEN:
            yield f"{metric} has no label {label}"
    for label in asked.groups - known:
        yield f"nothing here has the label {label}"
