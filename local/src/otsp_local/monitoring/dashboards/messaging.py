"""Events: outboxes, inboxes, dead letters, and the broker."""

from __future__ import annotations

from otsp_local.monitoring.model import Dashboard, Panel, Query, Row

_OF = 'service=~"$service"'
_QUEUES = 'queue=~".*[.]events[.]q1"'

_LEAVING = Row(
    "Leaving",
    [
        Panel(
            title="Oldest event in an outbox",
            about="How long the event has been waiting that waits longest.",
            unit="s",
            queries=[
                Query(f"max by (service) (otsp_outbox_oldest_age_seconds{{{_OF}}})", "{{service}}")
            ],
            limit=300,
        ),
        Panel(
            title="Waiting in outboxes",
            about="Events that the bus has not taken.",
            unit="short",
            queries=[
                Query(f"max by (service) (otsp_outbox_unpublished{{{_OF}}})", "{{service}}"),
            ],
        ),
        Panel(
            title="Handed to the bus",
            about="A second, by outcome.",
            unit="cps",
            queries=[
                Query(
                    "sum by (service, outcome)"
                    f" (rate(otsp_publish_total{{{_OF}}}[$__rate_interval]))",
                    "{{service}} {{outcome}}",
                )
            ],
        ),
        Panel(
            title="Minutes with a late outbox",
            about="Share of time in which an event waited 30 s and more; promised 0.1 % a month.",
            unit="percentunit",
            queries=[
                Query(f"otsp:freshness_bad:ratio_1h{{{_OF}}}", "{{service}} 1 h"),
                Query(f"otsp:freshness_bad:ratio_6h{{{_OF}}}", "{{service}} 6 h"),
                Query(f"otsp:outbox_late:bool{{{_OF}}}", "{{service}} now"),
            ],
        ),
        Panel(
            title="Consumers with their queue",
            about="1 while one reads it, seen from the workers; without a broker there is none.",
            unit="short",
            queries=[Query("max by (queue) (otsp_bus_connected)", "{{queue}}")],
        ),
        Panel(
            title="Told again",
            about="Events handled after otsp republish, a second.",
            unit="cps",
            queries=[
                Query(
                    "sum by (service, event)"
                    f" (rate(otsp_republished_total{{{_OF}}}[$__rate_interval]))",
                    "{{service}} {{event}}",
                )
            ],
        ),
    ],
)

_ARRIVING = Row(
    "Arriving",
    [
        Panel(
            title="Handled",
            about="Events a second, by outcome.",
            unit="cps",
            queries=[
                Query(
                    "sum by (service, outcome)"
                    f" (rate(otsp_consume_duration_seconds_count{{{_OF}}}[$__rate_interval]))",
                    "{{service}} {{outcome}}",
                )
            ],
        ),
        Panel(
            title="Handling, 95th percentile",
            about="Commit included.",
            unit="s",
            queries=[
                Query(
                    "histogram_quantile(0.95, sum by (service, le)"
                    f" (rate(otsp_consume_duration_seconds_bucket{{{_OF}}}[$__rate_interval])))",
                    "{{service}}",
                )
            ],
            limit=1.5,
        ),
        Panel(
            title="Slowest events",
            about="95th percentile of the ten slowest types.",
            unit="s",
            queries=[
                Query(
                    "topk(10, histogram_quantile(0.95, sum by (event, le)"
                    f" (rate(otsp_consume_duration_seconds_bucket{{{_OF}}}[$__rate_interval]))))",
                    "{{event}}",
                )
            ],
            kind="table",
        ),
        Panel(
            title="Waiting for another attempt",
            about="Their handlers failed and are tried again after 1, 5, 30 and 120 seconds.",
            unit="short",
            queries=[Query(f"max by (service) (otsp_inbox_failed{{{_OF}}})", "{{service}}")],
        ),
        Panel(
            title="Dead letters",
            about="Given up after five attempts, and what lies in the broker's own queue.",
            unit="short",
            queries=[
                Query(f"max by (service) (otsp_dead_letters{{{_OF}}})", "{{service}}"),
                Query("max(otsp_broker_dead_letters)", "broker"),
            ],
            limit=1,
        ),
        Panel(
            title="Delivered again",
            about="Whose effect had already happened; and dead ones given another chance.",
            unit="cps",
            queries=[
                Query(
                    "sum by (service)"
                    f" (rate(otsp_inbox_duplicates_total{{{_OF}}}[$__rate_interval]))",
                    "{{service}} duplicates",
                ),
                Query(
                    f"sum by (service) (rate(otsp_redriven_total{{{_OF}}}[$__rate_interval]))",
                    "{{service}} redriven",
                ),
            ],
        ),
    ],
)

_BROKER = Row(
    "RabbitMQ",
    [
        Panel(
            title="Ready in the queues",
            about="Messages that wait for their worker.",
            unit="short",
            queries=[
                Query(
                    f"max by (queue) (rabbitmq_detailed_queue_messages_ready{{{_QUEUES}}})",
                    "{{queue}}",
                ),
                Query(
                    f"max by (queue) (rabbitmq_detailed_queue_messages_unacked{{{_QUEUES}}})",
                    "{{queue}} in hand",
                ),
            ],
        ),
        Panel(
            title="Readers of the queues",
            about="Consumers as the broker counts them.",
            unit="short",
            queries=[
                Query(
                    f"max by (queue) (rabbitmq_detailed_queue_consumers{{{_QUEUES}}})", "{{queue}}"
                )
            ],
        ),
        Panel(
            title="Alarms of the broker",
            about="1: it takes no messages (memory, disk, file descriptors), or misses peers.",
            unit="short",
            queries=[
                Query("rabbitmq_alarms_memory_used_watermark", "{{instance}} memory"),
                Query("rabbitmq_alarms_free_disk_space_watermark", "{{instance}} disk"),
                Query("rabbitmq_alarms_file_descriptor_limit", "{{instance}} files"),
                Query("rabbitmq_unreachable_cluster_peers_count", "{{instance}} peers away"),
            ],
            limit=1,
        ),
        Panel(
            title="Through the broker",
            about="Messages a second.",
            unit="cps",
            queries=[
                Query(
                    "sum(rate(rabbitmq_global_messages_received_total[$__rate_interval]))",
                    "received",
                ),
                Query(
                    "sum(rate(rabbitmq_global_messages_delivered_total[$__rate_interval]))",
                    "delivered",
                ),
                Query(
                    "sum(rate(rabbitmq_global_messages_redelivered_total[$__rate_interval]))",
                    "again",
                ),
                Query(
                    "sum(rate("
                    "rabbitmq_global_messages_unroutable_returned_total[$__rate_interval]))",
                    "without a queue",
                ),
            ],
        ),
        Panel(
            title="Memory and disk of the broker",
            about="Share of its memory limit in use, and of the disk limit that is left.",
            unit="percentunit",
            queries=[
                Query(
                    "rabbitmq_process_resident_memory_bytes / rabbitmq_resident_memory_limit_bytes",
                    "{{instance}} memory",
                ),
                Query(
                    "rabbitmq_disk_space_available_limit_bytes"
                    " / rabbitmq_disk_space_available_bytes",
                    "{{instance}} disk",
                ),
            ],
        ),
        Panel(
            title="Connections to the broker",
            about="Two a worker.",
            unit="short",
            queries=[Query("rabbitmq_connections", "{{instance}}")],
        ),
    ],
)

BOARD = Dashboard(
    uid="otsp-messaging",
    title="OTSP: messages",
    about="Does what one service tells reach the others, and when?",
    rows=[_LEAVING, _ARRIVING, _BROKER],
    by_service=True,
)
