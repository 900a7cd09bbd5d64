"""Metrics that are not ours: by whom, of which version, with which labels.

Rules and panels may name these and what `otsp_chassis.metrics` declares, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exporter:
    """Where metrics come from, and the version whose names were looked at."""

    name: str
    version: str
    metrics: dict[str, tuple[str, ...]]


_QUEUE = ("vhost", "queue")
_DATABASE = ("datname",)
_VOLUME = ("namespace", "persistentvolumeclaim")
_DISK = ("device", "fstype", "mountpoint")

EXPORTERS = (
    Exporter(
        "Prometheus itself",
        "2.42",
        {
            "up": (),
            "ALERTS": ("alertname", "alertstate", "severity"),
        },
    ),
    Exporter(
        "Python's client, in every process of ours",
        "0.22",
        {
            "process_resident_memory_bytes": (),
            "process_cpu_seconds_total": (),
            "process_open_fds": (),
            "process_max_fds": (),
        },
    ),
    Exporter(
        "RabbitMQ's plugin rabbitmq_prometheus, `/metrics`",
        "3.10.8",
        {
            "rabbitmq_alarms_memory_used_watermark": (),
            "rabbitmq_alarms_free_disk_space_watermark": (),
            "rabbitmq_alarms_file_descriptor_limit": (),
            "rabbitmq_process_resident_memory_bytes": (),
            "rabbitmq_resident_memory_limit_bytes": (),
            "rabbitmq_disk_space_available_bytes": (),
            "rabbitmq_disk_space_available_limit_bytes": (),
            "rabbitmq_connections": (),
            "rabbitmq_global_messages_received_total": ("protocol",),
            "rabbitmq_global_messages_delivered_total": ("protocol", "queue_type"),
            "rabbitmq_global_messages_redelivered_total": ("protocol", "queue_type"),
            "rabbitmq_global_messages_unroutable_returned_total": ("protocol",),
        },
    ),
    Exporter(
        "the same, `/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count`",
        "3.10.8",
        {
            "rabbitmq_detailed_queue_messages_ready": _QUEUE,
            "rabbitmq_detailed_queue_messages_unacked": _QUEUE,
            "rabbitmq_detailed_queue_consumers": _QUEUE,
        },
    ),
    Exporter(
        "the same, `/metrics`, of newer ones",
        "3.13",
        {"rabbitmq_unreachable_cluster_peers_count": ()},
    ),
    Exporter(
        "postgres_exporter",
        "0.11.1",
        {
            "pg_up": (),
            "pg_settings_max_connections": (),
            "pg_stat_activity_count": (*_DATABASE, "state"),
            "pg_stat_activity_max_tx_duration": (*_DATABASE, "state"),
            "pg_stat_database_blks_hit": _DATABASE,
            "pg_stat_database_blks_read": _DATABASE,
            "pg_stat_database_deadlocks": _DATABASE,
            "pg_stat_database_xact_commit": _DATABASE,
            "pg_stat_database_xact_rollback": _DATABASE,
            "pg_database_size_bytes": _DATABASE,
            "pg_locks_count": (*_DATABASE, "mode"),
        },
    ),
    Exporter("postgres_exporter, newer ones", "0.15", {"pg_replication_lag_seconds": ()}),
    Exporter(
        "nginx-prometheus-exporter",
        "0.11.0",
        {
            "nginx_up": (),
            "nginx_connections_active": (),
            "nginx_connections_waiting": (),
            "nginx_connections_accepted": (),
            "nginx_connections_handled": (),
            "nginx_http_requests_total": (),
        },
    ),
    Exporter(
        "blackbox_exporter",
        "0.23.0",
        {
            "probe_success": (),
            "probe_duration_seconds": (),
            "probe_ssl_earliest_cert_expiry": (),
        },
    ),
    Exporter(
        "node_exporter",
        "1.5.0",
        {
            "node_filesystem_avail_bytes": _DISK,
            "node_filesystem_size_bytes": _DISK,
            "node_timex_offset_seconds": (),
            "node_timex_sync_status": (),
        },
    ),
    Exporter(
        "whoever tries the restore, through node_exporter's textfile collector",
        "1.5.0",
        {
            "otsp_restore_drill_last_success_timestamp": (),
        },
    ),
    Exporter(
        "kubelet and kube-state-metrics",
        "2.13",
        {
            "kubelet_volume_stats_available_bytes": _VOLUME,
            "kubelet_volume_stats_capacity_bytes": _VOLUME,
            "kube_pod_container_status_restarts_total": ("namespace", "pod", "container"),
            "kube_cronjob_status_last_schedule_time": ("namespace", "cronjob"),
            "kube_cronjob_status_last_successful_time": ("namespace", "cronjob"),
            "kube_cronjob_created": ("namespace", "cronjob"),
        },
    ),
)

LABELS = {name: labels for exporter in EXPORTERS for name, labels in exporter.metrics.items()}
GIVEN_BY_PROMETHEUS = frozenset({"job", "instance"})
"""On whatever is scraped."""
