"""Logins, texts and mails, files, and data that leave."""

from __future__ import annotations

from otsp_local.monitoring.alerts.expressions import happened, spike
from otsp_local.monitoring.model import Alert, Group, Place

_BOARD = "otsp-people"
_TEXTS = Place(_BOARD, "Texts")
_LOGINS = Place(_BOARD, "Logins")
_EXPORTS = Place(_BOARD, "Exports")
_FILES = Place(_BOARD, "Uploads refused")


GROUP = Group(
    "otsp-people",
    [
        Alert(
            name="LoginFailuresSpike",
            severity="ticket",
            expr=(
                'sum(increase(otsp_logins_total{outcome=~"refused|captcha_refused|locked"}[10m]))'
                " > 100 and"
                ' sum(increase(otsp_logins_total{outcome=~"refused|captcha_refused|locked"}[10m]))'
                " > 0.5 * sum(increase(otsp_logins_total[10m]))"
            ),
            wait="0m",
            summary="{{ $value | humanize }} failed logins in ten minutes",
            description="More fail than succeed: somebody guesses, or logging in is broken.",
            place=_LOGINS,
        ),
        Alert(
            name="AccountsLockedSpike",
            severity="ticket",
            expr='sum(increase(otsp_logins_total{outcome="locked"}[1h])) > 50',
            wait="0m",
            summary="{{ $value | humanize }} attempts on locked accounts within an hour",
            description="Somebody goes through names, or a system keeps an old password.",
            place=_LOGINS,
        ),
        Alert(
            name="ApiKeyRefusals",
            severity="ticket",
            expr='sum(increase(otsp_api_key_checks_total{outcome="refused"}[1h])) > 200',
            wait="0m",
            summary="{{ $value | humanize }} requests with ended or unknown API keys in an hour",
            description="A system still has a key that ended, or somebody guesses.",
            place=Place(_BOARD, "API keys"),
        ),
        Alert(
            name="AllSmsProvidersDown",
            severity="page",
            expr=(
                'sum(increase(otsp_sms_total{outcome="failed"}[10m])) >= 3'
                ' unless sum(increase(otsp_sms_total{outcome="sent"}[10m])) > 0'
            ),
            wait="0m",
            summary="No provider takes texts",
            description=(
                "Nobody can register, reset a password or confirm by text; logins with an "
                "authenticator go on."
            ),
            place=_TEXTS,
        ),
        Alert(
            name="SmsProviderFailing",
            severity="ticket",
            expr=(
                'sum by (provider) (increase(otsp_sms_total{outcome="failed"}[30m])) > 5'
                ' and sum by (provider) (increase(otsp_sms_total{outcome="failed"}[30m]))'
                " > 0.2 * sum by (provider) (increase(otsp_sms_total[30m]))"
            ),
            wait="0m",
            summary="The {{ $labels.provider }} provider refuses texts",
            description="{{ $value | humanize }} failed in half an hour; the other carries them.",
            place=_TEXTS,
        ),
        Alert(
            name="OtpAbuse",
            severity="ticket",
            expr=spike("otsp_sms_total", at_least=300, times=5),
            wait="0m",
            summary="{{ $value | humanize }} texts within an hour",
            description="Five times the week's mean: somebody has codes sent; each costs money.",
            place=_TEXTS,
        ),
        Alert(
            name="MailFailing",
            severity="ticket",
            expr='sum by (provider) (increase(otsp_mail_total{outcome="failed"}[30m])) > 5',
            wait="0m",
            summary="Mails do not go out",
            description="{{ $value | humanize }} failed in half an hour.",
            place=Place(_BOARD, "Mails"),
        ),
        Alert(
            name="NotificationsLate",
            severity="ticket",
            expr="max(otsp_notification_oldest_queued_seconds) > 900",
            wait="5m",
            summary="Notifications are late",
            description="The oldest has been waiting for {{ $value | humanizeDuration }}.",
            place=Place(_BOARD, "Notifications, oldest waiting"),
        ),
        Alert(
            name="NotificationsGivenUp",
            severity="ticket",
            expr=(
                "sum by (channel) (increase("
                'otsp_notification_deliveries_total{outcome="given_up"}[1h])) > 5'
            ),
            wait="0m",
            summary="Notifications by {{ $labels.channel }} were given up",
            description="{{ $value | humanize }} in an hour; the inboxes show them all the same.",
            place=Place(_BOARD, "Notifications sent on"),
        ),
        Alert(
            name="ExportSpike",
            severity="ticket",
            expr=spike('otsp_exports_total{outcome="done"}', at_least=50, times=5),
            wait="0m",
            summary="{{ $value | humanize }} exports within an hour",
            description="Five times the week's mean: data may be leaving.",
            place=_EXPORTS,
        ),
        Alert(
            name="UnmaskSpike",
            severity="ticket",
            expr=spike("otsp_reveals_total", at_least=100, times=5),
            wait="0m",
            summary="{{ $value | humanize }} looks at personal data in clear within an hour",
            description="Five times the week's mean.",
            place=Place(_BOARD, "Looks in clear"),
        ),
        Alert(
            name="LookUpsSpike",
            severity="ticket",
            expr="sum(rate(otsp_register_look_ups_total[5m])) > 50",
            wait="15m",
            summary="The public register is asked {{ $value | humanize }} times a second",
            description="Somebody harvests it; the edge answers 429 above an address's rate.",
            place=Place(_BOARD, "Look-ups of the register"),
        ),
        Alert(
            name="ExportsFailing",
            severity="ticket",
            expr='sum by (service) (increase(otsp_exports_total{outcome="failed"}[1h])) > 2',
            wait="0m",
            summary="Exports of {{ $labels.service }} fail",
            description="{{ $value | humanize }} were given up within an hour.",
            place=_EXPORTS,
        ),
        Alert(
            name="ImportsFailing",
            severity="ticket",
            expr='sum by (service) (increase(otsp_imports_total{outcome="failed"}[1h])) > 2',
            wait="0m",
            summary="Imports of {{ $labels.service }} fail",
            description="{{ $value | humanize }} were given up within an hour, not for their rows.",
            place=Place(_BOARD, "Imports"),
        ),
        Alert(
            name="ScannerUnavailable",
            severity="page",
            expr=(
                'sum(increase(otsp_uploads_refused_total{reason="scanner-unavailable"}[10m])) >= 3'
            ),
            wait="0m",
            summary="No file can be uploaded: clamd does not answer",
            description="{{ $value | humanize }} uploads were refused in ten minutes.",
            place=_FILES,
        ),
        Alert(
            name="InfectedUploads",
            severity="ticket",
            expr=happened('otsp_uploads_refused_total{reason="file-infected"}', "1h", by="service"),
            wait="0m",
            summary="Somebody uploads infected files to {{ $labels.service }}",
            description="{{ $value | humanize }} were refused within an hour; none was kept.",
            place=_FILES,
        ),
        Alert(
            name="PreviewsFailing",
            severity="ticket",
            expr=(
                "sum by (service) (increase("
                'otsp_preview_duration_seconds_count{outcome="failed"}[30m])) > 5'
            ),
            wait="0m",
            summary="Files of {{ $labels.service }} cannot be looked at",
            description="{{ $value | humanize }} pictures of pages failed in half an hour.",
            place=Place(_BOARD, "Previews, 95th percentile"),
        ),
    ],
)
