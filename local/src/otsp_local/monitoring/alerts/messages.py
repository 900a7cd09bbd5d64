"""Events: what waits to leave, what waits to be handled, what was given up."""

from __future__ import annotations

from otsp_local.monitoring.model import Alert, Group, Place, Recorded

_BOARD = "otsp-messaging"
_DEAD = Place(_BOARD, "Dead letters")

GROUP = Group(
    "otsp-messages",
    [
        Recorded(
            "otsp:outbox_late:bool",
            "max by (service) (otsp_outbox_oldest_age_seconds) >= bool 30",
        ),
        Alert(
            name="OutboxStalled",
            severity="page",
            expr="max by (service) (otsp_outbox_oldest_age_seconds) > 300",
            wait="1m",
            summary="Events of {{ $labels.service }} have been waiting for five minutes",
            description=(
                "The oldest is {{ $value | humanizeDuration }} old. Changes are stored; others "
                "hear of them when the bus takes events again."
            ),
            place=Place(_BOARD, "Oldest event in an outbox"),
        ),
        Alert(
            name="PublishUnconfirmed",
            severity="ticket",
            expr=('sum by (service) (rate(otsp_publish_total{outcome="unconfirmed"}[5m])) > 0'),
            wait="15m",
            summary="The broker does not confirm what {{ $labels.service }} hands it",
            description=(
                "{{ $value | humanize }} a second come back: no queue takes them, or no disk does."
            ),
            place=Place(_BOARD, "Handed to the bus"),
        ),
        Alert(
            name="QueueNoConsumers",
            severity="page",
            expr="max by (queue) (otsp_bus_connected) == 0",
            wait="2m",
            summary="Nobody reads {{ $labels.queue }}",
            description="Its workers run and have no broker, or their queue is not there.",
            place=Place(_BOARD, "Consumers with their queue"),
        ),
        Alert(
            name="DeadLettersPresent",
            severity="ticket",
            expr="max by (service) (otsp_dead_letters) > 0",
            wait="5m",
            summary="{{ $value }} events that {{ $labels.service }} could not handle",
            description="Five attempts failed. Nothing else waits for them.",
            place=_DEAD,
        ),
        Alert(
            name="DeadLettersOld",
            severity="page",
            expr="max by (service) (otsp_dead_letters) > 0",
            wait="4h",
            summary="Events of {{ $labels.service }} have been dead for four hours",
            description="What {{ $labels.service }} knows and what others know have parted.",
            place=_DEAD,
        ),
        Alert(
            name="BrokerDeadLetters",
            severity="ticket",
            expr="max(otsp_broker_dead_letters) > 0",
            wait="5m",
            summary="{{ $value }} messages that no inbox took in",
            description="Unreadable, not subscribed, or their consumer died with them 50 times.",
            place=_DEAD,
        ),
        Alert(
            name="InboxRetrying",
            severity="ticket",
            expr="max by (service) (otsp_inbox_failed) > 0",
            wait="30m",
            summary="{{ $labels.service }} has been trying events again for half an hour",
            description=(
                "{{ $value }} wait for another attempt. An event is dead after five, within three "
                "minutes: others fail anew."
            ),
            place=Place(_BOARD, "Waiting for another attempt"),
        ),
        Alert(
            name="EventHandlingSlow",
            severity="ticket",
            expr=(
                "histogram_quantile(0.95, sum by (service, le)"
                " (rate(otsp_consume_duration_seconds_bucket[10m]))) > 1.5"
            ),
            wait="20m",
            summary="{{ $labels.service }} takes {{ $value | humanizeDuration }} for an event",
            description="A queue is worked in order: everything behind waits as long.",
            place=Place(_BOARD, "Handling, 95th percentile"),
        ),
        Alert(
            name="InboxDuplicatesHigh",
            severity="ticket",
            expr=(
                "sum by (service) (increase(otsp_inbox_duplicates_total[30m])) > 50"
                " and sum by (service) (rate(otsp_inbox_duplicates_total[30m]))"
                " > 0.2 * sum by (service) (rate(otsp_consume_duration_seconds_count[30m]))"
            ),
            wait="15m",
            summary="A fifth of what {{ $labels.service }} receives it had already",
            description="Harmless, but somebody delivers everything twice.",
            place=Place(_BOARD, "Delivered again"),
        ),
    ],
)
