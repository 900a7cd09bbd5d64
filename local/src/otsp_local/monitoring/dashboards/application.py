"""The way of one application: how long each stage takes, and the trace and log of one of them.

Metrics carry no ids; the one application is looked for where ids are, in traces and logs.
"""

from __future__ import annotations

from otsp_local.monitoring.model import Dashboard, Lookup, Panel, Query, Row

_STAGE = "otsp_submission_stage_seconds"
_CONSUME = "otsp_consume_duration_seconds_bucket"
_PART = 'event=~".*[.]snapshot_provided[.]v1"'
_ASKED = 'event="compliance.snapshot_requested.v1"'

_USUAL = Row(
    "What is usual",
    [
        Panel(
            title="Time in each stage, median",
            about="Of the machine's stages; reviews take days and show in the overview.",
            unit="s",
            queries=[
                Query(
                    f"histogram_quantile(0.5, sum by (stage, le) (increase({_STAGE}_bucket[1h])))",
                    "{{stage}}",
                )
            ],
            width=12,
        ),
        Panel(
            title="Time in each stage, 95th percentile",
            about="Gathering should be over within 30 seconds.",
            unit="s",
            queries=[
                Query(
                    f"histogram_quantile(0.95, sum by (stage, le) (increase({_STAGE}_bucket[1h])))",
                    "{{stage}}",
                )
            ],
            width=12,
            limit=30,
        ),
        Panel(
            title="Building a section",
            about="95th percentile of each service's answer to compliance.snapshot_requested.v1.",
            unit="s",
            queries=[
                Query(
                    "histogram_quantile(0.95, sum by (service, le)"
                    f" (increase({_CONSUME}{{{_ASKED}}}[1h])))",
                    "{{service}}",
                )
            ],
            width=12,
        ),
        Panel(
            title="Taking a section in",
            about="95th percentile in compliance; the last one seals, judges and files.",
            unit="s",
            queries=[
                Query(
                    "histogram_quantile(0.95, sum by (event, le)"
                    f" (increase({_CONSUME}{{{_PART}}}[1h])))",
                    "{{event}}",
                )
            ],
            width=12,
        ),
    ],
)

_ONE = Row(
    "One application",
    [
        Lookup(
            title="Its trace",
            about="From the click to the last section; needs tracing (OTSP_OTLP_ENDPOINT).",
            source="tempo",
            query="$trace",
        ),
        Lookup(
            title="Its log",
            about="All lines of the request that filed it and of every event that followed.",
            source="loki",
            query='{job=~".*otsp.*"} | json | correlation_id="$correlation"',
        ),
    ],
)

BOARD = Dashboard(
    uid="otsp-application",
    title="OTSP: one application",
    about=(
        "How long the stages usually take; below, trace and log of one application. Its "
        "correlation id is the request id of its filing (X-Request-Id); the same lines tell its "
        "trace id."
    ),
    rows=[_USUAL, _ONE],
    texts={"correlation": "Correlation id", "trace": "Trace id"},
    sources=("tempo", "loki"),
)
