"""Pools, PostgreSQL, disks, clocks and backups."""

from __future__ import annotations

from otsp_local.monitoring.model import Dashboard, Panel, Query, Row

_OF = 'service=~"$service"'
_OURS = 'datname=~"otsp.*"'

_POOLS = Row(
    "As the services see it",
    [
        Panel(
            title="Pool in use",
            about="Share of a process's connections that are checked out. At 1 requests wait.",
            unit="percentunit",
            queries=[
                Query(
                    "max by (service, instance)"
                    f" (otsp_db_pool_in_use{{{_OF}}} / otsp_db_pool_size)",
                    "{{service}} {{instance}}",
                )
            ],
            width=12,
            limit=1,
        ),
        Panel(
            title="Connections in use",
            about="Of all processes of a service.",
            unit="short",
            queries=[Query(f"sum by (service) (otsp_db_pool_in_use{{{_OF}}})", "{{service}}")],
            width=12,
        ),
    ],
)

_SERVERS = Row(
    "PostgreSQL",
    [
        Panel(
            title="Servers that answer",
            about="1: the exporter gets in.",
            unit="short",
            queries=[Query("pg_up", "{{instance}}")],
        ),
        Panel(
            title="Connections",
            about="Open ones, and what the server allows.",
            unit="short",
            queries=[
                Query("sum by (instance) (pg_stat_activity_count)", "{{instance}}"),
                Query("max by (instance) (pg_settings_max_connections)", "{{instance}} limit"),
            ],
        ),
        Panel(
            title="Longest transaction",
            about="Ours end within seconds.",
            unit="s",
            queries=[
                Query(
                    f"max by (datname) (pg_stat_activity_max_tx_duration{{{_OURS}}})", "{{datname}}"
                )
            ],
            limit=900,
        ),
        Panel(
            title="Transactions",
            about="A second, by database.",
            unit="ops",
            queries=[
                Query(
                    "sum by (datname)"
                    f" (rate(pg_stat_database_xact_commit{{{_OURS}}}[$__rate_interval]))",
                    "{{datname}}",
                ),
                Query(
                    "sum by (datname)"
                    f" (rate(pg_stat_database_xact_rollback{{{_OURS}}}[$__rate_interval]))",
                    "{{datname}} rolled back",
                ),
            ],
        ),
        Panel(
            title="Found in memory",
            about="Share of blocks that needed no disk; below 0.99 memory is short.",
            unit="percentunit",
            queries=[
                Query(
                    "sum by (datname)"
                    f" (rate(pg_stat_database_blks_hit{{{_OURS}}}[$__rate_interval]))"
                    " / (sum by (datname)"
                    f" (rate(pg_stat_database_blks_hit{{{_OURS}}}[$__rate_interval]))"
                    " + sum by (datname)"
                    f" (rate(pg_stat_database_blks_read{{{_OURS}}}[$__rate_interval])))",
                    "{{datname}}",
                )
            ],
        ),
        Panel(
            title="Deadlocks",
            about="An hour, by database.",
            unit="short",
            queries=[
                Query(
                    f"sum by (datname) (increase(pg_stat_database_deadlocks{{{_OURS}}}[1h]))",
                    "{{datname}}",
                )
            ],
        ),
        Panel(
            title="Locks",
            about="Held, by mode.",
            unit="short",
            queries=[Query(f"sum by (mode) (pg_locks_count{{{_OURS}}})", "{{mode}}")],
        ),
        Panel(
            title="Replication lag",
            about="How far replicas are behind.",
            unit="s",
            queries=[Query("max by (instance) (pg_replication_lag_seconds)", "{{instance}}")],
            limit=60,
        ),
        Panel(
            title="Size of databases",
            about="On disk.",
            unit="bytes",
            queries=[Query(f"max by (datname) (pg_database_size_bytes{{{_OURS}}})", "{{datname}}")],
        ),
    ],
)

_GROUND = Row(
    "Disks, clocks, backups",
    [
        Panel(
            title="Disk space left",
            about="Share of volumes and file systems that is free.",
            unit="percentunit",
            queries=[
                Query(
                    "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes",
                    "{{persistentvolumeclaim}}",
                ),
                Query(
                    'node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"}'
                    " / node_filesystem_size_bytes",
                    "{{instance}} {{mountpoint}}",
                ),
            ],
        ),
        Panel(
            title="Clocks off by",
            about="Of each machine; more than half a second breaks identity tokens.",
            unit="s",
            queries=[
                Query("abs(node_timex_offset_seconds)", "{{instance}}"),
                Query("node_timex_sync_status", "{{instance}} in step"),
            ],
            limit=0.5,
        ),
        Panel(
            title="Age of the last backup",
            about="Since the last one that succeeded, and since the last restore that was tried.",
            unit="s",
            queries=[
                Query("time() - (max(otsp_backup_last_success_timestamp) > 0)", "backup"),
                Query(
                    "time() - max(kube_cronjob_status_last_successful_time"
                    '{cronjob=~".*otsp.*backup.*"})',
                    "backup, CronJob",
                ),
                Query("time() - max(otsp_restore_drill_last_success_timestamp)", "restore"),
            ],
            limit=26 * 3600,
        ),
    ],
)

BOARD = Dashboard(
    uid="otsp-database",
    title="OTSP: databases",
    about="Do the services get connections, does PostgreSQL keep up, is there a backup?",
    rows=[_POOLS, _SERVERS, _GROUND],
    by_service=True,
)
