"""The parts of docs/monitoring.md that are written from the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase

from otsp_chassis import metrics
from otsp_local.monitoring.alerts import ALERTS
from otsp_local.monitoring.alerts.promises import PROMISES
from otsp_local.monitoring.dashboards import DASHBOARDS
from otsp_local.monitoring.foreign_metrics import EXPORTERS
from otsp_local.monitoring.slo import DAYS

_TEMPLATE = re.compile(r"\{\{ \$(?:labels\.(\w+)|value)[^}]*\}\}")
BEGIN = "<!-- written by ./dev export-monitoring: {name} -->"
END = "<!-- end -->"


def with_parts(page: str) -> str:
    """The page with its written parts anew."""
    for name, lines in _PARTS.items():
        begin = BEGIN.format(name=name)
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(END)
        page = "\n".join([before + begin, "", *lines(), "", END + after])
    return page


def _promises() -> Iterator[str]:
    yield f"| promise | kept by | objective | budget in {DAYS} days | alerts |"
    yield "|---|---|---|---|---|"
    for one in PROMISES:
        minutes = one.budget * DAYS * 24 * 60
        of = " and ".join(one.by) or "the platform"
        alerts = " · ".join(
            f"[{one.name}Burn{pace}](runbooks/{one.name}Burn{pace}.md)" for pace in ("Fast", "Slow")
        )
        yield (
            f"| {one.told} | each {of} | {one.objective * 100:g} % |"
            f" {one.budget * 100:g} %: {minutes:.0f} minutes in which all go wrong | {alerts} |"
        ).replace("each the platform", "the platform")


def _alerts() -> Iterator[str]:
    yield "| alert | severity | it says | holds for |"
    yield "|---|---|---|---|"
    for alert in sorted(ALERTS, key=lambda each: (_ORDER.index(each.severity), each.name)):
        said = _TEMPLATE.sub(lambda found: f"*{found[1] or 'n'}*", alert.summary)
        link = f"[{alert.name}](runbooks/{alert.name}.md)"
        yield f"| {link} | {alert.severity} | {said} | {alert.wait} |"


def _dashboards() -> Iterator[str]:
    yield "| dashboard | file | answers |"
    yield "|---|---|---|"
    for board in DASHBOARDS:
        yield f"| {board.title} | `dashboards/{board.uid}.json` | {board.about} |"


def _exporters() -> Iterator[str]:
    yield "| from | version looked at | metrics |"
    yield "|---|---|---|"
    for exporter in EXPORTERS:
        names = ", ".join(f"`{name}`" for name in exporter.metrics)
        yield f"| {exporter.name} | {exporter.version} | {names} |"


def _metrics() -> Iterator[str]:
    yield "| metric | kind | what |"
    yield "|---|---|---|"
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            [told] = metric.describe()
            name = told.name + ("_total" if told.type == "counter" else "")
            labels = metric._labelnames  # noqa: SLF001 - the client tells them nowhere else
            of = "{" + ",".join(labels) + "}" if labels else ""
            yield f"| `{name}{of}` | {told.type} | {told.documentation} |"


_ORDER = ("page", "ticket", "business")
_PARTS = {
    "promises": _promises,
    "metrics": _metrics,
    "alerts": _alerts,
    "dashboards": _dashboards,
    "exporters": _exporters,
}
