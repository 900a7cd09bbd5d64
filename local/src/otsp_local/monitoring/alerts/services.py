"""Processes, their databases' pools and jobs, and whether we see them at all."""

from __future__ import annotations

from otsp_local.monitoring.alerts.expressions import happened
from otsp_local.monitoring.model import OURS, Alert, Group, Place

SERVICES = ("auth", "institution", "staff", "materials", "courses", "compliance")
_SEEN = Place("otsp-services", "Processes seen")
_JOBS = Place("otsp-services", "Jobs behind their pace")


def _absent(metric: str, *, service: str | None = None) -> str:
    told = f'absent({metric}{{service="{service}"}})' if service else f"absent({metric})"
    return f'label_replace({told}, "metric", "{metric}", "", "")'


def _missing() -> str:
    """Every figure that a promise or a paging alert stands on, of each service that owes it."""
    of_each = (
        "otsp_http_failures_total",
        "otsp_outbox_oldest_age_seconds",
        "otsp_dead_letters",
        "otsp_job_last_success_timestamp",
    )
    of_one = {
        "otsp_submissions_in_stage": "compliance",
        "otsp_submission_oldest_age_seconds": "compliance",
    }
    told = [_absent(metric, service=service) for metric in of_each for service in SERVICES]
    told += [_absent(metric, service=service) for metric, service in of_one.items()]
    told.append(_absent(of_each[0], service="portal"))
    return " or ".join(told)


GROUP = Group(
    "otsp-services",
    [
        Alert(
            name="TargetDown",
            severity="page",
            expr=f"up{{{OURS}}} == 0",
            wait="3m",
            summary="{{ $labels.instance }} does not answer Prometheus",
            description="A process of the platform is gone, hangs, or nothing lets Prometheus in.",
            place=_SEEN,
        ),
        Alert(
            # Of a process that has no address there is no target, so none that is down; and the age
            # of an outbox is told by the worker that would empty it.
            name="MetricAbsent",
            severity="page",
            expr=_missing(),
            wait="15m",
            summary="{{ $labels.service }} tells nothing of {{ $labels.metric }}",
            description="Alerts that stand on this figure are silent whatever happens.",
            place=Place("otsp-services", "Figures told"),
        ),
        Alert(
            name="DbPoolExhausted",
            severity="page",
            expr="min_over_time((otsp_db_pool_in_use / otsp_db_pool_size)[3m:30s]) >= 1",
            wait="1m",
            summary="{{ $labels.service }} has had no free database connection for minutes",
            description=(
                "All connections of {{ $labels.instance }} are in use; requests wait two seconds "
                "and are then answered 503."
            ),
            place=Place("otsp-database", "Pool in use"),
        ),
        Alert(
            name="ContractMismatch",
            severity="ticket",
            expr=happened("otsp_response_schema_mismatches_total", "30m", by="service, operation"),
            wait="0m",
            summary="{{ $labels.operation }} answered against its contract",
            description="The answer was sent all the same; clients of the contract break.",
            place=Place("otsp-services", "Answers against the contract"),
        ),
        Alert(
            name="SpansDropped",
            severity="ticket",
            expr="sum by (reason) (increase(otsp_trace_spans_dropped_total[30m])) > 1000",
            wait="1h",
            summary="Traces have holes: the collector does not take what it is sent",
            description="{{ $value | humanize }} spans were dropped in half an hour.",
            place=Place("otsp-services", "Spans that no collector got"),
        ),
        Alert(
            name="JobMissed",
            severity="ticket",
            expr=(
                "time() - max by (service, job) (otsp_job_last_success_timestamp)"
                " > 3 * max by (service, job) (otsp_job_period_seconds) + 300"
            ),
            wait="5m",
            summary="{{ $labels.job }} of {{ $labels.service }} does not succeed",
            description=(
                "No success for {{ $value | humanizeDuration }}: three of its periods and more."
            ),
            place=_JOBS,
        ),
        Alert(
            name="JobNeverRan",
            severity="ticket",
            expr=(
                "max by (service, job) (otsp_job_period_seconds)"
                " unless max by (service, job) (otsp_job_last_success_timestamp)"
            ),
            wait="4h",
            summary="{{ $labels.job }} of {{ $labels.service }} has not succeeded since the start",
            description="It is scheduled in a running worker and was never through.",
            place=_JOBS,
        ),
    ],
)
