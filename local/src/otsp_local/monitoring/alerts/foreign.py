"""What surrounds the platform: broker, databases, edge, disks, backups.

Each group is silent where its exporter is not scraped, but for the one on backups: nobody knowing
of any is a finding.
"""

from __future__ import annotations

from otsp_local.monitoring.model import Alert, Group, Place

_QUEUES = 'queue=~".*[.]events[.]q1"'
_BACKUPS = (
    "max(otsp_backup_last_success_timestamp) > 0"
    ' or max(kube_cronjob_status_last_successful_time{cronjob=~".*otsp.*backup.*"})'
)
_PROOFS = 'cronjob=~".*otsp.*-verify-(audit|log)"'
_OTHERS = 'cronjob=~".*otsp.*", cronjob!~".*-(probe|verify-(audit|log))"'
_PROBED = (
    'kube_cronjob_status_last_successful_time{cronjob=~".*otsp.*-probe"}'
    ' or on (namespace, cronjob) kube_cronjob_created{cronjob=~".*otsp.*-probe"}'
)
_NIGHTS = Place("otsp-services", "CronJobs since they succeeded")
_BROKER = Place("otsp-messaging", "Alarms of the broker")
_DISKS = Place("otsp-database", "Disk space left")


def _did_not_succeed(which: str) -> str:
    """The last run that was due. A failed Job itself stays listed long after the next succeeded."""
    due = f"max by (namespace, cronjob) (kube_cronjob_status_last_schedule_time{{{which}}})"
    done = f"max by (namespace, cronjob) (kube_cronjob_status_last_successful_time{{{which}}})"
    return f"{due} unless {done} >= {due}"


RABBITMQ = Group(
    "otsp-rabbitmq",
    [
        Alert(
            name="BrokerAlarmActive",
            severity="page",
            expr=(
                "max by (instance) (rabbitmq_alarms_memory_used_watermark) > 0"
                " or max by (instance) (rabbitmq_alarms_free_disk_space_watermark) > 0"
                " or max by (instance) (rabbitmq_alarms_file_descriptor_limit) > 0"
            ),
            wait="1m",
            summary="{{ $labels.instance }} takes no messages any more",
            description="Memory, disk or file descriptors are at their limit; publishers block.",
            place=_BROKER,
        ),
        Alert(
            name="BrokerPeersUnreachable",
            severity="page",
            expr="max by (instance) (rabbitmq_unreachable_cluster_peers_count) > 0",
            wait="3m",
            summary="{{ $labels.instance }} does not reach {{ $value }} of its peers",
            description="Quorum queues stop once a majority of their replicas is away.",
            place=_BROKER,
        ),
        Alert(
            name="QueueGrowing",
            severity="ticket",
            expr=(
                f"max by (queue) (rabbitmq_detailed_queue_messages_ready{{{_QUEUES}}}) > 1000"
                f" and max by (queue) (rabbitmq_detailed_queue_messages_ready{{{_QUEUES}}})"
                " > max by (queue)"
                f" (rabbitmq_detailed_queue_messages_ready{{{_QUEUES}}} offset 15m)"
            ),
            wait="15m",
            summary="{{ $labels.queue }} grows: {{ $value | humanize }} messages wait",
            description="More comes than its worker handles, for half an hour.",
            place=Place("otsp-messaging", "Ready in the queues"),
        ),
        Alert(
            name="QueueWithoutReader",
            severity="page",
            expr=f"max by (queue) (rabbitmq_detailed_queue_consumers{{{_QUEUES}}}) == 0",
            wait="3m",
            summary="The broker knows nobody who reads {{ $labels.queue }}",
            description="No worker of that service runs, or none gets in.",
            place=Place("otsp-messaging", "Readers of the queues"),
        ),
    ],
)

POSTGRES = Group(
    "otsp-postgres",
    [
        Alert(
            name="PgDown",
            severity="page",
            expr="pg_up == 0",
            wait="1m",
            summary="PostgreSQL on {{ $labels.instance }} does not answer",
            description="Its services answer 503; nothing is lost, nothing moves.",
            place=Place("otsp-database", "Servers that answer"),
        ),
        Alert(
            name="PgConnectionsNearLimit",
            severity="page",
            expr=(
                "sum by (instance) (pg_stat_activity_count)"
                " > 0.9 * max by (instance) (pg_settings_max_connections)"
            ),
            wait="5m",
            summary="{{ $labels.instance }} is nearly out of connections",
            description="{{ $value }} are open; the next process gets none.",
            place=Place("otsp-database", "Connections"),
        ),
        Alert(
            name="PgReplicaLagHigh",
            severity="page",
            expr="max by (instance) (pg_replication_lag_seconds) > 60",
            wait="5m",
            summary="The replica {{ $labels.instance }} is behind",
            description="By {{ $value | humanizeDuration }}: so much would be lost in a failover.",
            place=Place("otsp-database", "Replication lag"),
        ),
        Alert(
            name="PgTransactionLong",
            severity="ticket",
            expr=(
                'max by (instance, datname) (pg_stat_activity_max_tx_duration{datname=~"otsp.*"})'
                " > 900"
            ),
            wait="5m",
            summary="A transaction in {{ $labels.datname }} has been open for a quarter of an hour",
            description=(
                "Ours end within seconds; this one keeps vacuum, sealing and migrations waiting."
            ),
            place=Place("otsp-database", "Longest transaction"),
        ),
        Alert(
            name="PgDeadlocks",
            severity="ticket",
            expr=(
                'sum by (datname) (increase(pg_stat_database_deadlocks{datname=~"otsp.*"}[1h])) > 5'
            ),
            wait="0m",
            summary="Deadlocks in {{ $labels.datname }}",
            description="{{ $value | humanize }} within an hour; whoever lost is run again.",
            place=Place("otsp-database", "Deadlocks"),
        ),
    ],
)

EDGE = Group(
    "otsp-edge",
    [
        Alert(
            name="GatewayDown",
            severity="page",
            expr="nginx_up == 0",
            wait="1m",
            summary="The gateway behind {{ $labels.instance }} does not answer",
            description="With every gateway down nobody reaches the platform.",
            place=Place("otsp-gateway", "Gateways that answer"),
        ),
        Alert(
            name="ProbeFailed",
            severity="page",
            expr='probe_success{job="otsp-probe"} == 0',
            wait="2m",
            summary="{{ $labels.instance }} does not answer from outside",
            description="What users see: name service, certificate, ingress, gateway or page.",
            place=Place("otsp-gateway", "Probes from outside"),
        ),
        Alert(
            name="CertificateExpiresSoon",
            severity="ticket",
            expr='(probe_ssl_earliest_cert_expiry{job="otsp-probe"} - time()) / 86400 < 21',
            wait="1h",
            summary="The certificate of {{ $labels.instance }} ends in {{ $value | humanize }} d",
            description="Whoever renews it has not done so yet.",
            place=Place("otsp-gateway", "Certificates, days left"),
        ),
        Alert(
            name="CertificateExpires3d",
            severity="page",
            expr='(probe_ssl_earliest_cert_expiry{job="otsp-probe"} - time()) / 86400 < 3',
            wait="10m",
            summary="The certificate of {{ $labels.instance }} ends in {{ $value | humanize }} d",
            description="Then no browser lets anybody in.",
            place=Place("otsp-gateway", "Certificates, days left"),
        ),
    ],
)

GROUND = Group(
    "otsp-ground",
    [
        Alert(
            name="DiskFillsUp",
            severity="ticket",
            expr=(
                "predict_linear(kubelet_volume_stats_available_bytes[6h], 4 * 86400) < 0"
                " and kubelet_volume_stats_available_bytes"
                " < 0.4 * kubelet_volume_stats_capacity_bytes"
                " or predict_linear("
                'node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"}[6h], 4 * 86400) < 0'
                " and node_filesystem_avail_bytes < 0.4 * node_filesystem_size_bytes"
            ),
            wait="1h",
            summary=(
                "A disk is full within four days:"
                " {{ $labels.persistentvolumeclaim }}{{ $labels.mountpoint }}"
            ),
            description="At the pace of the last six hours.",
            place=_DISKS,
        ),
        Alert(
            name="ClockSkew",
            severity="ticket",
            expr="abs(node_timex_offset_seconds) > 0.5 or node_timex_sync_status == 0",
            wait="15m",
            summary="The clock of {{ $labels.instance }} is off",
            description="Identity tokens live for sixty seconds; signatures and codes count time.",
            place=Place("otsp-database", "Clocks off by"),
        ),
        Alert(
            name="PodCrashLoop",
            severity="ticket",
            expr=(
                "sum by (namespace, pod, container) (increase("
                'kube_pod_container_status_restarts_total{pod=~".*otsp.*"}[30m])) > 3'
            ),
            wait="0m",
            summary="{{ $labels.pod }} starts again and again",
            description="{{ $value | humanize }} restarts in half an hour.",
            place=Place("otsp-services", "Restarts of containers"),
        ),
        Alert(
            name="ProofFailed",
            severity="page",
            expr=_did_not_succeed(_PROOFS),
            wait="2h",
            summary="{{ $labels.cronjob }} did not prove last night what it proves",
            description="Rows of the trail or the log were changed, or it could not look.",
            place=_NIGHTS,
        ),
        Alert(
            name="NightlyJobFailed",
            severity="ticket",
            expr=_did_not_succeed(_OTHERS),
            wait="5h",
            summary="{{ $labels.cronjob }} did not succeed when it last ran",
            description="It ended with a finding or an error, or was stopped after its four hours.",
            place=_NIGHTS,
        ),
        Alert(
            name="BackupTooOld",
            severity="ticket",
            expr=f"time() - ({_BACKUPS}) > 26 * 3600",
            wait="10m",
            summary="The last good backup is {{ $value | humanizeDuration }} old",
            description="One a day is promised; what was filed since would be lost with the disks.",
            place=Place("otsp-database", "Age of the last backup"),
        ),
        Alert(
            name="BackupUnknown",
            severity="ticket",
            expr=(
                "(absent(otsp_backup_last_success_timestamp)"
                " or max(otsp_backup_last_success_timestamp) == 0) unless on ()"
                ' kube_cronjob_status_last_successful_time{cronjob=~".*otsp.*backup.*"}'
            ),
            wait="26h",
            summary="There never was a backup that anybody knows of",
            description="None of all databases and files succeeded, and no CronJob is measured.",
            place=Place("otsp-database", "Age of the last backup"),
        ),
        Alert(
            name="HourlyProbeFailed",
            severity="ticket",
            expr=f"time() - max by (namespace, cronjob) ({_PROBED}) > 2.5 * 3600",
            wait="10m",
            summary="No filing was tried with success for {{ $value | humanizeDuration }}",
            description="What the test institution files does not go through, or nothing files.",
            place=_NIGHTS,
        ),
        Alert(
            name="RestoreDrillTooOld",
            severity="ticket",
            expr="time() - max(otsp_restore_drill_last_success_timestamp) > 35 * 86400",
            wait="1h",
            summary="No restore was tried for {{ $value | humanizeDuration }}",
            description="A backup that nobody ever restored is a hope.",
            place=Place("otsp-database", "Age of the last backup"),
        ),
    ],
)

GROUPS = (RABBITMQ, POSTGRES, EDGE, GROUND)
