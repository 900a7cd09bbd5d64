"""What the platform promises (docs/monitoring.md), and what tells when little happens."""

from __future__ import annotations

from otsp_local.monitoring.model import Alert, Group, Place
from otsp_local.monitoring.slo import Promise, group_of

_COUNT = "otsp_http_request_duration_seconds_count"
_FAILURES = "otsp_http_failures_total"
_BUCKET = "otsp_http_request_duration_seconds_bucket"
_FILES = 'operation!~".*(files[.]|upload_file|get_file|export|[.]imports[.]|_pdf|preview).*"'
_BUSY = f"sum by (service) (increase({_COUNT}[1h])) > 200"
_STAGE = "otsp_submission_stage_seconds"


def _in_time(counted: str, window: str) -> str:
    """Reads and writes that kept their promise, by service, as `rate` or `increase`."""
    return (
        "sum by (service) ("
        f'{counted}({_BUCKET}{{le="0.3", method="GET", {_FILES}}}[{window}])'
        f' or {counted}({_BUCKET}{{le="0.8", method!="GET", {_FILES}}}[{window}]))'
    )


def _all(counted: str, window: str) -> str:
    return f"sum by (service) ({counted}({_COUNT}{{{_FILES}}}[{window}]))"


_AVAILABILITY = Promise(
    name="Availability",
    told="answers without a failure of ours",
    objective=0.999,
    bad=(
        f"sum by (service) (rate({_FAILURES}[{{window}}]))"
        f" / sum by (service) (rate({_COUNT}[{{window}}]))"
    ),
    by=("service",),
    guard=f"on (service) {_BUSY}",
    fast="page",
    panel="Failed requests",
    where="otsp-services",
)

_LATENCY = Promise(
    name="Latency",
    told="reads within 0.3 s, writes within 0.8 s",
    objective=0.99,
    bad=f"1 - {_in_time('rate', '{window}')} / {_all('rate', '{window}')}",
    by=("service",),
    guard=f"on (service) {_BUSY}",
    fast="page",
    panel="Slow requests",
    where="otsp-services",
)

_FILING = Promise(
    name="Filing",
    told="data of an application gathered within 30 s",
    objective=0.995,
    bad=(
        f'1 - sum(rate({_STAGE}_bucket{{stage="gathering", le="30.0"}}[{{window}}]))'
        f' / sum(rate({_STAGE}_count{{stage="gathering"}}[{{window}}]))'
    ),
    by=(),
    guard=f'sum(increase({_STAGE}_count{{stage="gathering"}}[1h])) > 50',
    fast="page",
    panel="Gathered late",
    where="otsp-overview",
)

_FRESHNESS = Promise(
    name="Freshness",
    told="events leave within 30 s",
    objective=0.999,
    bad="avg_over_time(otsp:outbox_late:bool[{window}])",
    by=("service",),
    guard=None,
    fast="ticket",
    panel="Minutes with a late outbox",
    where="otsp-messaging",
)

_SLOW = f"({_all('increase', '10m')} - {_in_time('increase', '10m')})"

FEW = Group(
    "otsp-few-events",
    [
        Alert(
            name="FewRequestsManyErrors",
            severity="page",
            expr=(
                f"sum by (service) (increase({_FAILURES}[10m])) >= 4.5 unless on (service) {_BUSY}"
            ),
            wait="0m",
            summary="{{ $labels.service }} failed five requests in ten minutes",
            description=(
                "Too little traffic for a ratio (AvailabilityBurnFast is silent below 200 requests "
                "an hour), but {{ $value | humanize }} answers were 5xx."
            ),
            place=Place("otsp-services", "Failed requests"),
        ),
        Alert(
            name="FewRequestsMostSlow",
            severity="ticket",
            expr=(
                f"({_SLOW} >= 4.5 and {_SLOW} > 0.5 * {_all('increase', '10m')})"
                f" unless on (service) {_BUSY}"
            ),
            wait="10m",
            summary="Most of what {{ $labels.service }} is asked is answered late",
            description=(
                "Too little traffic for a ratio (LatencyBurnFast is silent below 200 requests an "
                "hour), but {{ $value | humanize }} requests of the last ten minutes, more than "
                "half of all, took longer than promised."
            ),
            place=Place("otsp-services", "Slow requests"),
        ),
        Alert(
            name="FewFilingsManyLate",
            severity="page",
            expr=(
                f'(sum(increase({_STAGE}_count{{stage="gathering"}}[1h]))'
                f' - sum(increase({_STAGE}_bucket{{stage="gathering", le="30.0"}}[1h]))) >= 3'
                f' unless sum(increase({_STAGE}_count{{stage="gathering"}}[1h])) > 50'
            ),
            wait="0m",
            summary="Three applications within an hour waited longer than 30 s for their data",
            description=(
                "Few are being filed, so FilingBurnFast says nothing; "
                "{{ $value | humanize }} were late or failed with gather_failed."
            ),
            place=Place("otsp-overview", "Gathered late"),
        ),
    ],
)

PROMISES = (_AVAILABILITY, _LATENCY, _FILING, _FRESHNESS)
GROUPS = (*(group_of(promise) for promise in PROMISES), FEW)
