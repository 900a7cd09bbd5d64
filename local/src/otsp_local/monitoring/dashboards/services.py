"""Each service: rate, errors, duration; and the processes and jobs behind it."""

from __future__ import annotations

from otsp_local.monitoring.model import OURS, Dashboard, Panel, Query, Row

_OF = 'service=~"$service"'
_HTTP = "otsp_http_request_duration_seconds"


def _quantile(share: float, by: str) -> str:
    return (
        f"histogram_quantile({share}, sum by ({by}, le)"
        f" (rate({_HTTP}_bucket{{{_OF}}}[$__rate_interval])))"
    )


_REQUESTS = Row(
    "Requests",
    [
        Panel(
            title="Requests",
            about="A second, by service.",
            unit="reqps",
            queries=[
                Query(
                    f"sum by (service) (rate({_HTTP}_count{{{_OF}}}[$__rate_interval]))",
                    "{{service}}",
                )
            ],
        ),
        Panel(
            title="Failed requests",
            about="Share of answers with a code of 500 and above; the promise is 0.1 % a month.",
            unit="percentunit",
            queries=[
                Query(f"otsp:availability_bad:ratio_5m{{{_OF}}}", "{{service}} 5 m"),
                Query(f"otsp:availability_bad:ratio_1h{{{_OF}}}", "{{service}} 1 h"),
                Query(
                    f"sum by (service) (rate(otsp_http_failures_total{{{_OF}}}[$__rate_interval]))"
                    f" / sum by (service) (rate({_HTTP}_count{{{_OF}}}[$__rate_interval]))",
                    "{{service}} now",
                ),
            ],
            limit=0.0144,
        ),
        Panel(
            title="Slow requests",
            about="Share of reads over 0.3 s and writes over 0.8 s, files apart; promised 1 %.",
            unit="percentunit",
            queries=[
                Query(f"otsp:latency_bad:ratio_5m{{{_OF}}}", "{{service}} 5 m"),
                Query(f"otsp:latency_bad:ratio_1h{{{_OF}}}", "{{service}} 1 h"),
                Query(
                    f"1 - sum by (service) (rate({_HTTP}_bucket"
                    f'{{{_OF}, le="0.8"}}[$__rate_interval]))'
                    f" / sum by (service) (rate({_HTTP}_count{{{_OF}}}[$__rate_interval]))",
                    "{{service}} over 0.8 s",
                ),
            ],
            limit=0.144,
        ),
        Panel(
            title="Duration",
            about="Median and 95th percentile by service.",
            unit="s",
            queries=[
                Query(_quantile(0.5, "service"), "{{service}} median"),
                Query(_quantile(0.95, "service"), "{{service}} 95 %"),
            ],
            width=12,
        ),
        Panel(
            title="In flight",
            about="Requests being answered now; a process has as many threads as OTSP_THREADS.",
            unit="short",
            queries=[Query(f"sum by (service) (otsp_http_in_flight{{{_OF}}})", "{{service}}")],
            width=12,
        ),
        Panel(
            title="Slowest operations",
            about="95th percentile of the ten slowest.",
            unit="s",
            queries=[Query(f"topk(10, {_quantile(0.95, 'service, operation')})", "{{operation}}")],
            kind="table",
            width=12,
        ),
        Panel(
            title="Failing operations",
            about="Answers of 500 and above, an hour.",
            unit="short",
            queries=[
                Query(
                    "topk(10, sum by (service, operation, code)"
                    f' (increase({_HTTP}_count{{{_OF}, code=~"5.."}}[1h])))',
                    "{{operation}} {{code}}",
                )
            ],
            kind="table",
            width=12,
        ),
        Panel(
            title="Refusals",
            about="Answers from 400 to 499, by code; 429 is our own limit.",
            unit="reqps",
            queries=[
                Query(
                    f'sum by (code) (rate({_HTTP}_count{{{_OF}, code=~"4.."}}[$__rate_interval]))',
                    "{{code}}",
                )
            ],
        ),
        Panel(
            title="Answers against the contract",
            about="An hour, by operation. Should be none.",
            unit="short",
            queries=[
                Query(
                    "sum by (service, operation)"
                    f" (increase(otsp_response_schema_mismatches_total{{{_OF}}}[1h]))",
                    "{{operation}}",
                )
            ],
            limit=1,
        ),
        Panel(
            title="Spans that no collector got",
            about="An hour, by what was in the way. Traces have holes; nothing else suffers.",
            unit="short",
            queries=[
                Query(
                    "sum by (reason) (increase(otsp_trace_spans_dropped_total[1h]))", "{{reason}}"
                )
            ],
        ),
    ],
)

_PROCESSES = Row(
    "Processes and jobs",
    [
        Panel(
            title="Processes seen",
            about="1: it answers Prometheus.",
            unit="short",
            queries=[Query(f"up{{{OURS}}}", "{{instance}}")],
        ),
        Panel(
            title="Figures told",
            about="Processes that tell each figure which alerts stand on; none is MetricAbsent.",
            unit="short",
            queries=[
                Query(f"count by (service) ({metric}{{{_OF}}})", f"{{{{service}}}} {short}")
                for metric, short in (
                    ("otsp_http_failures_total", "failures"),
                    ("otsp_outbox_oldest_age_seconds", "outbox"),
                    ("otsp_dead_letters", "dead letters"),
                    ("otsp_job_last_success_timestamp", "jobs"),
                )
            ],
            kind="table",
        ),
        Panel(
            title="Processor",
            about="Cores in use by each process.",
            unit="short",
            queries=[
                Query(
                    f"rate(process_cpu_seconds_total{{{OURS}}}[$__rate_interval])", "{{instance}}"
                )
            ],
        ),
        Panel(
            title="Memory",
            about="Resident, by process.",
            unit="bytes",
            queries=[Query(f"process_resident_memory_bytes{{{OURS}}}", "{{instance}}")],
        ),
        Panel(
            title="Jobs behind their pace",
            about="Periods since the last success; above 3 a job is missed.",
            unit="short",
            queries=[
                Query(
                    "topk(10, (time() - max by (service, job)"
                    f" (otsp_job_last_success_timestamp{{{_OF}}}))"
                    f" / max by (service, job) (otsp_job_period_seconds{{{_OF}}}))",
                    "{{service}} {{job}}",
                )
            ],
            width=12,
        ),
        Panel(
            title="Open files",
            about="Share of the file descriptors that a process may have.",
            unit="percentunit",
            queries=[
                Query(f"process_open_fds{{{OURS}}} / process_max_fds{{{OURS}}}", "{{instance}}")
            ],
            width=6,
        ),
        Panel(
            title="Restarts of containers",
            about="Within an hour; Kubernetes only.",
            unit="short",
            queries=[
                Query(
                    "sum by (pod) (increase("
                    'kube_pod_container_status_restarts_total{pod=~".*otsp.*"}[1h]))',
                    "{{pod}}",
                )
            ],
            width=6,
        ),
        Panel(
            title="CronJobs since they succeeded",
            about="Nightly ones below 26 hours, the probe below two and a half; Kubernetes only.",
            unit="s",
            queries=[
                Query(
                    "time() - max by (cronjob) ("
                    'kube_cronjob_status_last_successful_time{cronjob=~".*otsp.*"}'
                    ' or on (namespace, cronjob) kube_cronjob_created{cronjob=~".*otsp.*"})',
                    "{{cronjob}}",
                )
            ],
            width=12,
        ),
    ],
)

BOARD = Dashboard(
    uid="otsp-services",
    title="OTSP: services",
    about="Rate, errors and duration of each service, by operation; its processes and jobs.",
    rows=[_REQUESTS, _PROCESSES],
    by_service=True,
)
